"""What a notebook or a script needs beside `simenv.run`: tasks, one episode of an own agent, a run as rows.

These are short ways to what the contracts hold; nothing of an episode is decided here.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simenv import plugins
from simenv.agent import Agent, AgentContext
from simenv.concurrency import finish
from simenv.config import EnvironmentConfig, Experiment
from simenv.errors import ConfigError
from simenv.options import Options, read
from simenv.rollout.drive import connect_models
from simenv.rollout.run import Rollout
from simenv.rollout.task_admission import closed
from simenv.runs.store import Run
from simenv.runtime import EnvironmentRuntime
from simenv.source import Rejected, as_task
from simenv.types import Task, Trajectory, Turn, View

if TYPE_CHECKING:
    import pandas

Answer = Turn | str
AgentFunction = Callable[[View], Answer | Awaitable[Answer]]
"""An agent as a function, sync or async: what it sees to its reply, in the dialect."""


def open_run(folder: str | Path) -> Run:
    """The run in a folder; its `trajectories()` and `tasks()` are iterators that read as they go. ConfigError: no run there."""
    return Run.open(Path(folder))


def tasks(environment: str, count: int = 1, seed: int = 0, **options: Any) -> list[Task]:
    """Tasks of an environment's procedural teacher, by seed; `options` are the teacher's. ConfigError: it has no teacher."""
    config = EnvironmentConfig(teacher=options, episodes=count)
    site = EnvironmentRuntime.of(environment, config, needs_engine=False)
    return [_made(task) for task in site.propose(seed)]


def run_episode(
    environment: str | plugins.Environment,
    agent: AgentFunction | type[Agent] | str | Mapping[str, Any],
    task: Task | Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> Trajectory:
    """One task played to its end by an agent, graded.

    `agent` is a function from a View to a Turn or a text, sync or async; a class of Agent; or an agent there is, by name.
    Without a `task` the environment's teacher makes one from the seed. `options` are those of a rollout (`dialect`,
    `model`, `limits`, `hooks` …). An exception of the agent comes out as it is; `on_bug="continue"` puts it into the
    trajectory. ConfigError: wrong options, or a task that is none; WorldError: a task that breaks the environment's schema.
    From async code call `run_episode_async`.
    """
    return finish(lambda: run_episode_async(environment, agent, task, seed=seed, **options))


async def run_episode_async(
    environment: str | plugins.Environment,
    agent: AgentFunction | type[Agent] | str | Mapping[str, Any],
    task: Task | Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> Trajectory:
    """The same for async code."""
    name = environment if isinstance(environment, str) else environment.name
    named = isinstance(agent, str | Mapping)
    fields = {"on_bug": "stop", **options, "environments": {name: {"episodes": 1}}, "seed": seed}
    rollout = Rollout(read(Experiment, fields | {"agent": agent if named else "expert"}, ""))
    given = _task(task, rollout.sites[name], seed)
    plugins.environment(name).world.check(given.spec)
    connect_models(rollout)
    maker = None if isinstance(agent, str | Mapping) else _maker(agent)
    episode, world_seed = rollout.new_episode(given, make_agent=maker)
    try:
        trajectory = await episode.run(f"{given.id}.0", seed, 0, world_seed)
    finally:
        await closed(episode.env, given)
        if rollout.model is not None:
            await rollout.model.close()
    if episode.bug and rollout.experiment.on_bug == "stop":
        raise episode.bug.original
    identity = rollout.model.identity if rollout.model else {}
    agent_name = rollout.experiment.agent.name if named else getattr(agent, "__name__", type(agent).__name__)
    return trajectory.model_copy(update={"agent": agent_name, "model": identity})


def dataframe(run: Run | str | Path | Iterable[Trajectory]) -> pandas.DataFrame:
    """Finished episodes as a table of pandas, a row each: what was played, how it ended, what it was worth and cost.

    Columns: id, task, environment, kind, attempt, agent, dialect, success (None without a grade), progress (0..1), stop, turns,
    steps, invalid (steps), interventions, input_tokens, output_tokens, cost (US dollars), seconds. ConfigError without pandas.
    """
    try:
        import pandas
    except ImportError as e:
        raise ConfigError("simenv.dataframe needs the package pandas: pip install 'simenv[dataframe]'") from e
    return pandas.DataFrame(list(_rows(run)))


def _rows(run: Run | str | Path | Iterable[Trajectory]) -> Iterator[dict[str, Any]]:
    opened = open_run(run) if isinstance(run, str | Path) else run
    for t in opened.trajectories() if isinstance(opened, Run) else opened:
        yield {
            "id": t.id,
            "task": t.task,
            "environment": t.environment,
            "kind": t.kind,
            "attempt": t.attempt,
            "agent": t.agent,
            "dialect": t.dialect,
            "success": t.grade.success if t.grade else None,
            "progress": t.grade.progress if t.grade else None,
            "stop": t.stop.value,
            "turns": len(t.turns),
            "steps": len(t.steps),
            "invalid": sum(s.observation.invalid for s in t.steps),
            "interventions": len(t.interventions),
            "input_tokens": t.usage.input_tokens,
            "output_tokens": t.usage.output_tokens,
            "cost": t.usage.cost,
            "seconds": t.timing.seconds,
        }


def _task(task: Any, site: EnvironmentRuntime, seed: int) -> Task:
    if task is None:
        return _made(next(iter(site.propose(seed))))
    given = as_task(dict(task) if isinstance(task, Mapping) else task, "task")
    if given.environment != site.environment.name:
        raise ConfigError(f"task: {given.id} is a task of {given.environment!r}, not of {site.environment.name!r}")
    return given


def _made(task: Task | Rejected) -> Task:
    if isinstance(task, Rejected):
        raise task.bug or ConfigError(f"{task.where}: {task.reason}")
    return task


def _maker(agent: AgentFunction | type[Agent]) -> Callable[[AgentContext], Agent]:
    """Makes the agent of an episode from a class or a function."""
    if not isinstance(agent, type):
        if not callable(agent):
            raise ConfigError(f"agent: expected a name, a function from a View to a Turn or a text, got {agent!r:.80}")
        return lambda context: _Function(agent, context)

    def make(context: AgentContext) -> Agent:
        if not issubclass(agent, Agent):
            raise ConfigError(f"agent: expected a subclass of simenv.Agent, got {agent.__name__}")
        return agent(agent.Options(), context if agent.needs_oracle else replace(context, oracle=None))

    return make


class _Function(Agent):
    """A function in the place of an agent."""

    def __init__(self, function: AgentFunction, context: AgentContext) -> None:
        super().__init__(Options(), replace(context, oracle=None))
        self._function = function

    async def act(self, view: View) -> Turn:
        answer = self._function(view)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, str):
            return Turn(text=answer)
        if not isinstance(answer, Turn):
            name = getattr(self._function, "__name__", "the agent")
            raise TypeError(f"{name} gave {answer!r:.80}; expected a text or a Turn")
        return answer
