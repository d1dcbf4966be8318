"""A rollout: admits the tasks, keeps many episodes in flight, and writes each to the run folder as it ends."""

from __future__ import annotations

import asyncio
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from numpy.random import SeedSequence, default_rng

from simenv import plugins
from simenv.agent import Agent, AgentContext, Oracle
from simenv.concurrency import run_workers
from simenv.config import EnvironmentConfig, Experiment
from simenv.containment import Breaker, boundary
from simenv.env import Env
from simenv.episode import Episode, bug_record, error_text
from simenv.errors import Bug, ConfigError
from simenv.hook import Hook, HookContext
from simenv.model import Model
from simenv.options import Options, read
from simenv.rollout.admission_journal import TASKS
from simenv.rollout.resume import episodes_to_play, finished_ids
from simenv.rollout.roles import Participants, Roles
from simenv.rollout.task_admission import TaskAdmission, closed
from simenv.runs.store import Run
from simenv.runtime import EnvironmentRuntime
from simenv.simulate import Simulator
from simenv.simulate.setup import SimulationSetup
from simenv.source import Rejected
from simenv.types import VERSION, Stop, Task, Timing, Trajectory
from simenv.world import World

MAX_THREADS = 256
"""Hooks of blocking worlds that may run at once."""
MAX_FORKS = 256
"""Forks of one episode that are played, those of its forks included."""


@dataclass
class Rollout:
    """An experiment with every name resolved; making one calls no model and writes nothing.

    `prepare` admits the tasks into a run folder, `run` plays what that lacks; `simenv.run` does both and reports.
    """

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
        self._check_order()
        has_model = e.model is not None or self.model is not None
        substitutes = [
            self.roles.check(name, has_model) for hook, options in self._hooks for name in hook.agents(options)
        ]
        self._concurrent = all(agent.concurrent for agent in (self._agent, *substitutes))
        self.playing = SimulationSetup.of(e)
        self._actors: dict[str, Simulator] = {}
        self._bugs: dict[str, Bug] = {}
        """by the episodes that they ended, until these are written"""

    def _site(self, name: str, config: EnvironmentConfig) -> EnvironmentRuntime:
        e = self.experiment
        needs_engine = e.mode != "simulated"
        site = EnvironmentRuntime.of(name, config, dialect=e.dialect, episodes=e.episodes, needs_engine=needs_engine)
        _ = site.task_source  # whose errors come before anything is written
        return site

    def _hook(self, name: str, settings: dict[str, Any]) -> tuple[type[Hook], Options]:
        hook = plugins.load("hooks", name)
        options = read(hook.Options, settings, f"hooks.{name}")
        if hook.needs_teacher(options) and not self.roles.has_teacher:
            raise ConfigError(f"hook {name!r} needs a teacher's model; for example teacher=openai teacher.model=NAME")
        if hook.needs_model(options) and self.experiment.model is None and self.model is None:
            raise ConfigError(f"hook {name!r} needs a model; for example model=openai model.model=NAME")
        return hook, options

    def _check_order(self) -> None:
        """ConfigError for a hook that acts on mistakes where no hook before it finds any: it would never do anything."""
        for n, (hook, options) in enumerate(self._hooks):
            if hook.needs_mistake(options) and not any(h.finds_mistakes for h, _ in self._hooks[:n]):
                names = [ref.name for ref in self.experiment.hooks]
                others = [name for name in names if name != "first_mistake"]
                raise ConfigError(
                    f"hooks: {names[n]} acts on mistakes, and no hook before it finds them; expected "
                    f"hooks=[{', '.join(['first_mistake', *others])}]"
                )

    @property
    def roles(self) -> Roles:
        """Who may act in this run."""
        e = self.experiment
        return Roles(e.agent, self.model, self.teacher, has_teacher=e.teacher is not None or self.teacher is not None)

    # Tasks.

    async def prepare(self, run: Run) -> int:
        """Admit the tasks into the run folder, once; returns how many there are.

        A run that was killed or stopped goes on after the last task that it decided on.
        """
        admission = TaskAdmission(self.experiment, self.sites, lambda item: self.on_task(item), lambda: self.stopping)
        return await admission.run(run)

    # Episodes.

    async def run(self, run: Run) -> None:
        """All episodes that the run folder does not hold yet.

        StoreError, BudgetSpent and BugLimit end it; what is done is kept.
        """
        if not (run.folder / TASKS).exists():
            return  # it was stopped while tasks were admitted
        # The loop's own executor has a handful of threads; blocking worlds (a shell, a browser) would queue for them.
        threads = ThreadPoolExecutor(min(self.experiment.concurrency, MAX_THREADS))
        asyncio.get_running_loop().set_default_executor(threads)
        done = finished_ids(run)
        finished, errors = run.writer("trajectories"), run.writer("errors")
        queue = episodes_to_play(run, done, self.sites, self.experiment.attempts)
        breaker = Breaker(self.experiment.max_equal_bugs)

        async def work() -> None:
            for task, attempt in queue:
                if self.stopping:
                    return
                trajectories = [t for t in await self.run_with_forks(task, attempt) if t.id not in done]
                for writer, is_error in ((errors, True), (finished, False)):
                    if items := [t for t in trajectories if (t.stop is Stop.error) == is_error]:
                        await writer.append(*items)
                for trajectory in trajectories:
                    self.on_episode(trajectory)
                self._stop_at(self._bugs.pop(f"{task.id}.{attempt}", None))
                for trajectory in trajectories:
                    _count(trajectory, breaker)

        try:
            await run_workers(work, self.experiment.concurrency if self._concurrent else 1)
        finally:
            await finished.close()
            await errors.close()

    def _stop_at(self, found: Bug | None) -> None:
        if found and self.experiment.on_bug == "stop":
            raise found.original

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
        return (await self.run_with_forks(task, attempt))[-1]

    async def run_with_forks(self, task: Task, attempt: int = 0) -> tuple[Trajectory, ...]:
        """The forks of an episode, `ID~1`, `ID~2` …, and the episode itself last; no forks where it failed.

        The episode is last because it is written last: its id in the run folder is the mark by which a resume knows that all
        its forks are there, too. A run that was killed in between plays it again.
        """
        id = f"{task.id}.{attempt}"
        try:
            with boundary("episode", task.environment):
                return await self._run_with_forks(id, task, attempt)
        except Bug as e:  # before it began, or after it ended
            self._bugs[id] = e
            return (self._failed(id, task, attempt, e),)

    async def _run_with_forks(self, id: str, task: Task, attempt: int) -> tuple[Trajectory, ...]:
        episode, world_seed = self.new_episode(task, attempt)
        try:
            main = await self._play(episode, id, attempt, self.experiment.agent.name, world_seed)
            forks: list[Trajectory] = []
            planned = deque(episode.forks if main.stop is not Stop.error else ())
            while planned and len(forks) < MAX_FORKS:
                (fork, start), number = planned.popleft(), len(forks) + 1
                hooks = self.participants(episode.env, task, attempt, number).hooks
                other = Episode(episode.env, fork.agent, hooks, task, start)
                forks.append(await self._play(other, f"{id}~{number}", attempt, self.roles.ref(fork.name).name))
                planned += other.forks if forks[-1].stop is not Stop.error else ()
            return (*forks, main)
        finally:
            await closed(episode.env, task)

    async def _play(self, episode: Episode, id: str, attempt: int, agent: str, world_seed: int = 0) -> Trajectory:
        trajectory = await episode.run(id, self.experiment.seed, attempt, world_seed)
        if episode.bug:
            self._bugs.setdefault(id.partition("~")[0], episode.bug)
        return trajectory.model_copy(update={"agent": agent, "model": self.model.identity if self.model else {}})

    def _failed(self, id: str, task: Task, attempt: int, found: Bug) -> Trajectory:
        """The trajectory of an episode that a bug ended outside of its loop."""
        return Trajectory(
            version=VERSION,
            id=id,
            task=task.id,
            environment=task.environment,
            kind=task.kind,
            attempt=attempt,
            seed=self.experiment.seed,
            agent=self.experiment.agent.name,
            model=self.model.identity if self.model else {},
            dialect=self.sites[task.environment].dialect.name,
            messages=(),
            steps=(),
            stop=Stop.error,
            grade=None,
            error=error_text(found),
            bug=bug_record(found),
            timing=Timing(started=datetime.now(UTC).isoformat(), seconds=0),
        )

    def new_episode(
        self, task: Task, attempt: int = 0, make_agent: Callable[[AgentContext], Agent] | None = None
    ) -> tuple[Episode, int]:
        """An episode that has not begun, in a world of its own, and the seed of that world. Close its `env` after it.

        `make_agent` makes another agent than the experiment's.
        """
        site = self.sites[task.environment]
        with boundary(task.environment, "world"):
            env = Env(self.world(site), site.dialect, self.experiment.limits)
        with boundary("agents", self.experiment.agent.name, "__init__"):
            taking_part = self.participants(env, task, attempt)
            agent = make_agent(taking_part.agent.context) if make_agent else taking_part.agent
        return Episode(env, agent, taking_part.hooks, task), self._seeds(task, attempt)[0]

    def participants(self, env: Env, task: Task, attempt: int, fork: int = 0) -> Participants:
        """The agent and the hooks of an episode, or of its fork number `fork` (from 1)."""
        _, agent_seed, hook_seed = self._seeds(task, attempt)
        expert = self.sites[task.environment].environment.expert
        oracle = Oracle(expert() if expert else None, env.world, task)
        own_oracle = oracle if self._agent.needs_oracle else None
        agent = self._agent(
            self._agent_options,
            AgentContext(dialect=env.dialect, rng=default_rng(agent_seed), model=self.model, oracle=own_oracle),
        )
        rng = default_rng([hook_seed, fork])
        context = HookContext(
            dialect=env.dialect,
            rng=rng,
            model=self.model,
            oracle=oracle,
            teacher=self.teacher,
            agent=self.roles.maker(env.dialect, rng, oracle),
        )
        return Participants(
            agent, [hook(options, context) for hook, options in self._hooks if hook.watches_forks or not fork], context
        )

    def _seeds(self, task: Task, attempt: int) -> tuple[int, int, int]:
        """Of the world, of the agent, of the hooks."""
        entropy = SeedSequence([self.experiment.seed, zlib.crc32(task.id.encode()), attempt])
        world, agent, hooks = (int(x) for x in entropy.generate_state(3))
        return world, agent, hooks


def _count(trajectory: Trajectory, breaker: Breaker) -> None:
    if trajectory.bug:
        breaker.count(trajectory.bug.place, trajectory.bug.error)
    else:
        breaker.count()
