"""`Episode.run` is the episode loop, the only one there is; an error that ends it, a bug included, becomes data here.

A fork is the same loop, begun at a state that another episode came through.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from inspect import isawaitable
from time import perf_counter
from typing import Any, TypeVar

from simenv.agent import Agent
from simenv.containment import boundary, bug
from simenv.env import Deadline, Env, OutOfTime
from simenv.errors import Bug, ContextLimit, EndOfRun, ModelError, SimenvError, WorldError
from simenv.hook import Change, Hook, Retry, Rewind, Show, StartFork, Substitute
from simenv.live_episode import ForkPoint, LiveEpisode
from simenv.model import failure
from simenv.types import (
    VERSION,
    BugRecord,
    Grade,
    Observation,
    Stop,
    Task,
    Timing,
    Trajectory,
    Turn,
    View,
    digest,
)

C = TypeVar("C", bound=Change)
GRADING_SECONDS = 300
"""Wall time that grading an ended episode may take."""


class Episode:
    """One task played by one agent under the eyes of hooks, from `start` if there is one. Close `env` in the end."""

    def __init__(self, env: Env, agent: Agent, hooks: list[Hook], task: Task, start: ForkPoint | None = None) -> None:
        self.env, self.task = env, task
        self._hooks, self._start = hooks, start
        self.bug: Bug | None = None
        """the exception that nobody foresaw, where one ended it"""
        self._live = LiveEpisode(env, agent, task, start, keeps_checkpoints=any(h.rewinds for h in hooks))

    @property
    def forks(self) -> list[tuple[StartFork, ForkPoint]]:
        """The forks that hooks asked for; whoever runs the episode runs them after it."""
        return self._live.forks

    async def run(self, id: str, seed: int, attempt: int, world_seed: int) -> Trajectory:
        """Play it from its start to its grade. EndOfRun passes through: such an episode never happened.

        What nobody foresaw ends it as an error with `bug`; the exception itself is in `self.bug`.
        """
        start_time, clock = datetime.now(UTC).isoformat(), perf_counter()
        env, live, error, usage_before = self.env, self._live, "", self.env.world.usage
        live.id = id
        try:
            await Deadline(env.limits.seconds).bound(self._play(world_seed))
        except EndOfRun:
            raise
        except OutOfTime:
            env.stop = Stop.timeout
        except ContextLimit:
            env.stop = Stop.context_limit
        except SimenvError as e:
            env.stop, error = Stop.error, self._failed(e)
        except Exception as e:  # noqa: BLE001  what no boundary stood around
            env.stop, error = Stop.error, self._failed(bug(f"{self.task.environment}.episode", e))
        grade, state = None, ""
        if not error:
            try:
                grade, state = await self._ending()
            except SimenvError as e:
                env.stop, error = Stop.error, self._failed(e)
            except Exception as e:  # noqa: BLE001
                env.stop, error = Stop.error, self._failed(bug(f"{self.task.environment}.grade", e))
        assert env.stop is not None
        world_usage = env.world.usage - usage_before
        return Trajectory(
            version=VERSION,
            id=id,
            task=self.task.id,
            environment=self.task.environment,
            kind=self.task.kind,
            attempt=attempt,
            seed=seed,
            agent=type(live.agent).__name__.lower(),
            dialect=env.dialect.name,
            tools=env.dialect.tools,
            messages=tuple(env.messages),
            steps=tuple(env.steps),
            stop=env.stop,
            grade=grade,
            error=error,
            bug=bug_record(self.bug) if self.bug else None,
            interventions=tuple(live.interventions),
            mistake=live.mistake,
            branch=self._start.branch if self._start else None,
            state=state,
            simulator=env.world.simulator and {**env.world.simulator, "usage": world_usage.model_dump(mode="json")},
            usage=live.usage + world_usage,
            teacher_usage=live.teacher_usage,
            timing=Timing(started=start_time, seconds=round(perf_counter() - clock, 6)),
        )

    async def begin(self, world_seed: int = 0) -> View:
        """A world built from the task; or, of a fork, the world as it was, in which nothing is run again."""
        if self._start is None:
            return await self.env.reset(self.task, world_seed, self._live.agent.preface)
        await self.env.rewind(self._start.point)
        return self.env.view(self._start.note, self._start.sample)

    def _failed(self, error: SimenvError) -> str:
        """The text of the error that ends it."""
        self.bug = error if isinstance(error, Bug) else None
        return error_text(error)

    async def _play(self, world_seed: int) -> None:
        view = await self.begin(world_seed)
        while self.env.stop is None:
            view = await self._turn(view)
        if self.env.stop is Stop.error:
            raise ModelError(_no_answer(self.env.steps[-1].observation))

    async def _ending(self) -> tuple[Grade, str]:
        """Grade and digest of the final state, in bounded time."""
        if not self.env.messages:
            raise WorldError(f"the world was not built within {self.env.limits.seconds:g} seconds")
        try:
            return await Deadline(GRADING_SECONDS).bound(self._grade())
        except OutOfTime as e:
            raise WorldError(f"the world did not answer its grader within {GRADING_SECONDS} seconds") from e

    async def _grade(self) -> tuple[Grade, str]:
        grade, state = await self.env.grade(), await self.env.world.state()
        with boundary(self.task.environment, "facts"):
            return grade, digest(state)

    async def _turn(self, view: View) -> View:
        """One turn of the agent, with the interventions of the hooks, acted on; the view after it."""
        await self._live.keep_checkpoint()
        turn, view = await self._agree(view)
        if turn is None:
            return view
        steps = await self.env.step(turn, view)
        for hook in self._hooks:
            for change in await self._answer(hook, hook.after_step, steps):
                if isinstance(change, Rewind):
                    return await self._live.rewind(hook, change)
                self._live.apply(hook, change)
        return self.env.view()

    async def _agree(self, view: View) -> tuple[Turn | None, View]:
        """Ask the agent until no hook objects: the turn and the view it answers; no turn where a hook went back instead."""
        while True:
            for hook in self._hooks:
                for change in await self._answer(hook, hook.before_turn, view):
                    if isinstance(change, Show):
                        view = change.view
                    else:
                        self._live.apply(hook, change)
            turn = await self._act(view)
            self._live.consume(turn.usage, turn.author == "teacher")
            if reason := failure(turn):
                raise ModelError(reason)
            outcome = await self._review(turn)
            if isinstance(outcome, Turn):
                return outcome, view
            if isinstance(outcome, View):
                return None, outcome
            view = self.env.view(outcome.note, view.retry + 1)

    async def _review(self, turn: Turn) -> Turn | Retry | View:
        """What the hooks make of a turn: that turn or a substitute; a Retry; or the view after a rewind."""
        for hook in self._hooks:
            for change in await self._answer(hook, hook.after_turn, turn):
                match change:
                    case Rewind():
                        return await self._live.rewind(hook, change)
                    case Retry():
                        self._live.record(hook, "retry", change.reason, text=change.note, discarded=(turn.message,))
                        return change
                    case Substitute():
                        discarded = (turn.message,)
                        turn = change.turn
                        self._live.record(hook, "substitute", change.reason, turn.author, turn.text, discarded)
                    case _:
                        self._live.apply(hook, change)
        return turn

    async def _act(self, view: View) -> Turn:
        agent = self._live.agent
        with boundary("agents", type(agent).__name__.lower(), "act"):
            answer = agent.act(view)
            if not isawaitable(answer):
                raise TypeError(f"{type(agent).__name__}.act is a plain function; write `async def act`")
            turn = await answer
            if not isinstance(turn, Turn):
                hint = ": Turn(text=…)" if isinstance(turn, str) else ""
                raise TypeError(f"act gave {turn!r:.80}; expected a Turn{hint}")
            return turn

    async def _answer(
        self, hook: Hook, method: Callable[..., Coroutine[Any, Any, C | Sequence[C] | None]], seen: Any
    ) -> Sequence[C]:
        """The changes that a method of a hook asks for; what it asked of a model is counted, also where it fails."""
        with boundary("hooks", hook.name, method.__name__):
            try:
                answer = await method(self._live, seen)
            finally:
                for usage in hook.collect_usage():
                    self._live.consume(usage, teacher=True)
        if answer is None:
            return ()
        return answer if isinstance(answer, Sequence) else (answer,)


def error_text(error: SimenvError) -> str:
    """An error as a trajectory holds it."""
    return f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode("utf-8")


def bug_record(bug: Bug) -> BugRecord:
    """A bug as a trajectory holds it."""
    return BugRecord(place=bug.place, error=bug.error, traceback=bug.trace)


def _no_answer(last: Observation) -> str:
    """Why a world ended the episode: its model's answer is not believed."""
    check = last.check
    return f"simulator: {check.error or 'no answer'}: {check.reason}" if check else last.text
