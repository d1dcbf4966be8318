"""A run: tasks are admitted, many episodes kept in flight, each written to the run folder as it ends."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from numpy.random import SeedSequence, default_rng

from simenv import plugins
from simenv.agent import Agent, AgentContext, Oracle
from simenv.config import EnvironmentConfig, Experiment
from simenv.env import Env
from simenv.episode import Episode
from simenv.errors import ConfigError, SimenvError
from simenv.hook import Hook, HookContext
from simenv.model import Model
from simenv.options import Options, read
from simenv.rollout.roles import Participants, Roles
from simenv.runs.store import Run, lines
from simenv.runtime import EnvironmentRuntime
from simenv.simulate import Simulator
from simenv.simulate.setup import SimulationSetup
from simenv.source import Rejected
from simenv.teach.admission import admit, well_formed
from simenv.types import Stop, Task, Trajectory
from simenv.world import World

_log = logging.getLogger(__name__)
MAX_THREADS = 256
"""Hooks of blocking worlds that may run at once."""


@dataclass
class Rollout:
    """An experiment with every name resolved; making one calls no model and writes nothing."""

    experiment: Experiment
    model: Model | None = None
    teacher: Model | None = None
    simulator_model: Model | None = None
    """plays the environment; None: `model` does"""
    on_task: Callable[[Task | Rejected], None] = lambda task: None
    on_episode: Callable[[Trajectory], None] = lambda trajectory: None
    stopping: bool = False
    """set to start no more episodes and let those in flight end"""
    sites: dict[str, EnvironmentRuntime] = field(init=False)
    left_out: dict[str, str] = field(init=False)
    """optional environments that cannot run here, and what they lack"""

    def __post_init__(self) -> None:
        e = self.experiment
        if not e.environments:
            raise ConfigError(f"environments: none given; available: {', '.join(plugins.names('environments'))}")
        self.sites = {}
        for given, config in e.environments.items():
            site = self._site(given, config)
            if self.sites.setdefault(site.environment.name, site) is not site:
                raise ConfigError(f"environments: {given!r} is {site.environment.name!r}, which is there already")
        lacking = {name: reason for name, site in self.sites.items() if (reason := site.missing())}
        self.left_out = {name: reason for name, reason in lacking.items() if self.sites.pop(name).config.optional}
        if wanted := lacking.keys() - self.left_out.keys():
            raise ConfigError("; ".join(f"{name}: {lacking[name]}" for name in sorted(wanted)))
        self._agent: type[Agent] = plugins.load("agents", e.agent.name)
        self._agent_options = read(self._agent.Options, e.agent.options, "agent")
        if self._agent.needs_model and e.model is None and self.model is None:
            raise ConfigError(f"agent {e.agent.name!r} needs a model; for example model=openai model.model=NAME")
        self._hooks = [self._hook(ref.name, ref.options) for ref in e.hooks]
        modelled = e.model is not None or self.model is not None
        others = [self.cast.check(name, modelled) for hook, options in self._hooks for name in hook.agents(options)]
        self._concurrent = all(agent.concurrent for agent in (self._agent, *others))
        self.playing = SimulationSetup.of(e)
        self._actors: dict[str, Simulator] = {}

    def _site(self, name: str, config: EnvironmentConfig) -> EnvironmentRuntime:
        e = self.experiment
        needs_engine = e.mode != "simulated"
        site = EnvironmentRuntime.of(name, config, dialect=e.dialect, episodes=e.episodes, needs_engine=needs_engine)
        _ = site.task_source  # whose errors come before anything is written
        return site

    def _hook(self, name: str, given: dict[str, Any]) -> tuple[type[Hook], Options]:
        hook = plugins.load("hooks", name)
        options = read(hook.Options, given, f"hooks.{name}")
        if hook.needs_teacher(options) and not self.cast.taught:
            raise ConfigError(f"hook {name!r} needs a teacher's model; for example teacher=openai teacher.model=NAME")
        return hook, options

    @property
    def cast(self) -> Roles:
        """Who may act in this run."""
        e = self.experiment
        return Roles(e.agent, self.model, self.teacher, taught=e.teacher is not None or self.teacher is not None)

    # Tasks.

    async def prepare(self, run: Run) -> int:
        """Admit the tasks into the run folder, once; returns how many there are."""
        path = run.folder / "tasks.jsonl"
        if not path.exists():
            with run.aside("rejected.jsonl") as rejected, run.aside("tasks.jsonl") as tasks:
                async for item in self._admitted():
                    line = item.model_dump_json(exclude_defaults=True)
                    (rejected if isinstance(item, Rejected) else tasks).write(f"{line}\n")
                    self.on_task(item)
        return sum(1 for _ in lines(path))

    async def _admitted(self) -> Any:
        seen: set[str] = set()
        for name, site in self.sites.items():
            for item in site.propose(self.experiment.seed):
                if isinstance(item, Task) and item.id in seen:
                    item = Rejected(where=item.id, reason="a task with this id is there already")
                if isinstance(item, Task):
                    seen.add(item.id)
                    item = await self._admit(site, item)
                elif site.config.strict:
                    raise ConfigError(f"{name}.source: {item.where}: {item.reason}")
                yield item
                await asyncio.sleep(0)

    @staticmethod
    async def _admit(site: EnvironmentRuntime, task: Task) -> Task | Rejected:
        if not site.has_engine:
            return well_formed(site.environment.world, task)
        world = site.world()
        try:
            return await admit(world, site.environment, task, proven=site.config.admit == "proven")
        finally:
            await world.close()

    # Episodes.

    async def run(self, run: Run) -> None:
        """All episodes that the run folder does not hold yet. StoreError and BudgetSpent end it; what is done is kept."""
        # The loop's own executor has a handful of threads; blocking worlds (a shell, a browser) would queue for them.
        threads = ThreadPoolExecutor(min(self.experiment.concurrency, MAX_THREADS))
        asyncio.get_running_loop().set_default_executor(threads)
        done = {t["id"] for t in run.raw("trajectories")}
        trajectories, errors = run.writer("trajectories"), run.writer("errors")
        queue = self._queue(run, done)

        async def work() -> None:
            for task, attempt in queue:
                if self.stopping:
                    return
                family = [t for t in await self.family(task, attempt) if t.id not in done]
                for writer, failed in ((errors, True), (trajectories, False)):
                    if mine := [t for t in family if (t.stop is Stop.error) == failed]:
                        await writer.append(*mine)
                for trajectory in family:
                    self.on_episode(trajectory)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.experiment.concurrency if self._concurrent else 1):
                    group.create_task(work())
        except* SimenvError as e:
            raise e.exceptions[0] from None
        finally:
            await trajectories.close()
            await errors.close()

    def _queue(self, run: Run, done: set[str]) -> Iterator[tuple[Task, int]]:
        for line in lines(run.folder / "tasks.jsonl"):
            task = Task.model_validate_json(line)
            if task.environment not in self.sites:
                continue  # left out here; a resume elsewhere takes it
            for attempt in range(self.experiment.attempts):
                if f"{task.id}.{attempt}" not in done:
                    yield task, attempt

    def world(self, site: EnvironmentRuntime) -> World:
        """A world of an environment, as the experiment says who plays it."""
        if self.playing is None:
            return site.world()
        return self.playing.world(self._actor(self.playing, site), site.world() if site.has_engine else None)

    def _actor(self, playing: SimulationSetup, site: EnvironmentRuntime) -> Simulator:
        name = site.environment.name
        if name not in self._actors:
            self._actors[name] = playing.actor(site.environment, site.options, self.simulator_model or self.model)
        return self._actors[name]

    def check_playing(self) -> None:
        """Who cannot be played as the experiment says is left out where it is optional; a ConfigError elsewhere."""
        for name, site in list(self.sites.items()) if self.playing else ():
            try:
                self._actor(self.playing, site)  # type: ignore[arg-type]
            except ConfigError as e:
                if not site.config.optional or len(self.sites) == 1:
                    raise
                self.left_out[name] = str(e)
                del self.sites[name]

    async def episode(self, task: Task, attempt: int = 0) -> Trajectory:
        """One episode of one task; the same seed, task and attempt give the same one."""
        return (await self.family(task, attempt))[-1]

    async def family(self, task: Task, attempt: int = 0) -> tuple[Trajectory, ...]:
        """An episode, last, and before it the siblings that hooks split off it, `ID~1`, `ID~2` …; none where it failed."""
        episode, world_seed = self.live(task, attempt)
        id = f"{task.id}.{attempt}"
        try:
            main = await self._played(episode, id, attempt, self.experiment.agent.name, world_seed)
            siblings = []
            for number, (fork, start) in enumerate(episode.forks if main.stop is not Stop.error else (), 1):
                hooks = self.staff(episode.env, task, attempt, number).hooks
                sibling = Episode(episode.env, fork.agent, hooks, task, start)
                siblings.append(await self._played(sibling, f"{id}~{number}", attempt, self.cast.ref(fork.name).name))
            return (*siblings, main)
        finally:
            try:
                await episode.env.close()
            except SimenvError as e:
                _log.warning("%s: closing its world failed: %s", task.id, e)

    async def _played(self, episode: Episode, id: str, attempt: int, agent: str, world_seed: int = 0) -> Trajectory:
        trajectory = await episode.run(id, self.experiment.seed, attempt, world_seed)
        return trajectory.model_copy(update={"agent": agent, "model": self.model.identity if self.model else {}})

    def live(self, task: Task, attempt: int = 0) -> tuple[Episode, int]:
        """An episode that has not begun, in a world of its own, and the seed of that world. Close its `env` after it."""
        site = self.sites[task.environment]
        env = Env(self.world(site), site.dialect, self.experiment.limits)
        staff = self.staff(env, task, attempt)
        return Episode(env, staff.agent, staff.hooks, task), self._seeds(task, attempt)[0]

    def staff(self, env: Env, task: Task, attempt: int, sibling: int = 0) -> Participants:
        """The agent and the hooks of an episode, or of one of its siblings."""
        _, agent_seed, hook_seed = self._seeds(task, attempt)
        expert = self.sites[task.environment].environment.expert
        oracle = Oracle(expert() if expert else None, env.world, task)
        mine = oracle if self._agent.needs_oracle else None
        agent = self._agent(
            self._agent_options,
            AgentContext(dialect=env.dialect, rng=default_rng(agent_seed), model=self.model, oracle=mine),
        )
        rng = default_rng([hook_seed, sibling])
        seat = HookContext(
            dialect=env.dialect,
            rng=rng,
            model=self.model,
            oracle=oracle,
            teacher=self.teacher,
            agent=self.cast.maker(env.dialect, rng, oracle),
        )
        return Participants(
            agent, [hook(options, seat) for hook, options in self._hooks if hook.siblings or not sibling], seat
        )

    def _seeds(self, task: Task, attempt: int) -> tuple[int, int, int]:
        """Of the world, of the agent, of the hooks."""
        entropy = SeedSequence([self.experiment.seed, zlib.crc32(task.id.encode()), attempt])
        world, agent, hooks = (int(x) for x in entropy.generate_state(3))
        return world, agent, hooks
