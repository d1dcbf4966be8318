"""`Episode.run` is the episode loop, the only one there is and the only place that turns a SimenvError into data.

A sibling is the same loop, begun at a state that another episode came through.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, TypeVar

from simenv.agent import Agent
from simenv.env import Checkpoint, Env
from simenv.errors import BudgetSpent, ContextLimit, ModelError, SimenvError, WorldError
from simenv.hook import Hook, Retry, Rewind, Substitute
from simenv.types import (
    VERSION,
    Author,
    Branch,
    Grade,
    Intervention,
    Message,
    Mistake,
    Observation,
    Stop,
    Task,
    Text,
    Timing,
    Trajectory,
    Turn,
    Usage,
    View,
    digest,
    turn_records,
)

T = TypeVar("T")
GRADING_SECONDS = 300
"""Wall time that grading an ended episode may take."""
MAX_INTERVENTIONS = 100
"""Interventions in one turn, or rewinds in one episode, after which its hooks count as broken."""


@dataclass(frozen=True)
class ForkPoint:
    """Where a sibling begins: before turn `point.turn` of its parent, with `note` shown once, and what it inherits.

    `sample` tells several siblings of one state apart.
    """

    point: Checkpoint
    branch: Branch
    note: str = ""
    sample: int = 0
    mistake: Mistake | None = None
    interventions: tuple[Intervention, ...] = ()


@dataclass(frozen=True)
class Fork:
    """A sibling to come: who goes on from where."""

    turn: int
    way: str
    agent: Agent
    name: str
    author: Author
    note: str = ""


class Episode:
    """One live episode: what hooks see."""

    def __init__(self, env: Env, agent: Agent, hooks: list[Hook], task: Task, start: ForkPoint | None = None) -> None:
        self.env, self.agent, self.hooks, self.task, self.start = env, agent, hooks, task, start
        self.checkpoints: dict[int, Checkpoint] = {}
        """states by the turn they lie before, where a hook may go back or fork"""
        self.interventions: list[Intervention] = list(start.interventions) if start else []
        self.mistake: Mistake | None = start.mistake if start else None
        self.forks: list[tuple[Fork, ForkPoint]] = []
        """siblings that hooks asked for; whoever runs the episode runs them after it"""
        self.usage = Usage()
        self.id = ""
        self._counts: Counter[object] = Counter()
        self._rewinds = any(h.rewinds for h in hooks)

    async def run(self, id: str, seed: int, attempt: int, world_seed: int) -> Trajectory:
        """From its start to its grade. BudgetSpent passes through: such an episode never happened."""
        started, clock = datetime.now(UTC).isoformat(), perf_counter()
        env, error, before, self.id = self.env, "", self.env.world.usage, id
        try:
            async with asyncio.timeout(env.limits.seconds) as limit:
                view = await self.begin(world_seed)
                while env.stop is None:
                    view = await self._turn(view)
                if env.stop is Stop.error:
                    raise ModelError(_given_up(env.steps[-1].observation))
        except BudgetSpent:
            raise
        except ContextLimit:
            env.stop = Stop.context_limit
        except SimenvError as e:
            env.stop, error = Stop.error, _told(e)
        except TimeoutError:
            if not limit.expired():
                raise
            env.stop = Stop.timeout
        grade, state = None, ""
        if not error:
            try:
                grade, state = await self._ending()
            except SimenvError as e:
                env.stop, error = Stop.error, _told(e)
        played = env.world.usage - before
        return Trajectory(
            version=VERSION,
            id=id,
            task=self.task.id,
            environment=self.task.environment,
            kind=self.task.kind,
            attempt=attempt,
            seed=seed,
            agent=type(self.agent).__name__.lower(),
            dialect=env.dialect.name,
            tools=env.dialect.tools,
            messages=tuple(env.messages),
            steps=tuple(env.steps),
            stop=env.stop,
            grade=grade,
            error=error,
            interventions=tuple(self.interventions),
            mistake=self.mistake,
            branch=self.start.branch if self.start else None,
            state=state,
            simulator=env.world.simulator and {**env.world.simulator, "usage": played.model_dump(mode="json")},
            usage=self.usage + played,
            timing=Timing(started=started, seconds=round(perf_counter() - clock, 6)),
        )

    async def begin(self, world_seed: int = 0) -> View:
        """A world built from the task; or, of a sibling, the world as it was, in which nothing is run again."""
        if self.start is None:
            return await self.env.reset(self.task, world_seed, self.agent.preface)
        await self.env.rewind(self.start.point)
        return self.env.view(self.start.note, self.start.sample)

    async def _ending(self) -> tuple[Grade, str]:
        """Grade and digest of the final state, in bounded time."""
        if not self.env.messages:
            raise WorldError(f"the world was not built within {self.env.limits.seconds:g} seconds")
        try:
            async with asyncio.timeout(GRADING_SECONDS):
                return await self.env.grade(), digest(await self.env.world.state())
        except TimeoutError as e:
            raise WorldError(f"the world did not answer its grader within {GRADING_SECONDS} seconds") from e

    async def _turn(self, view: View) -> View:
        """One turn of the agent, with the interventions of the hooks, acted on; the view after it."""
        if self._rewinds:
            self.checkpoints[self.env.turn] = await self.env.checkpoint()
        turn, view = await self._agree(view)
        if turn is None:
            return view
        steps = await self.env.step(turn, view)
        for hook in self.hooks:
            answer = await hook.after_step(self, steps)
            if answer is not None:
                return await self._rewind(hook, answer)
        return self.env.view()

    async def _agree(self, view: View) -> tuple[Turn | None, View]:
        """Ask the agent until no hook objects: the turn and what it answers; no turn where a hook went back instead."""
        while True:
            for hook in self.hooks:
                view = await hook.before_turn(self, view) or view
            turn = await self.agent.act(view)
            self.usage += turn.usage
            for hook in self.hooks:
                answer = await hook.after_turn(self, turn)
                if isinstance(answer, Rewind):
                    return None, await self._rewind(hook, answer)
                if isinstance(answer, Retry):
                    self.record(hook, "retry", answer.reason, text=answer.note, discarded=(_said(turn),))
                    view = self.env.view(answer.note, view.retry + 1)
                    break
                if isinstance(answer, Substitute):
                    new = answer.turn
                    self.record(hook, "substitute", answer.reason, new.author, new.text, (_said(turn),))
                    turn = new
            else:
                return turn, view

    # What hooks do.

    def record(
        self,
        hook: Hook,
        kind: Any,
        reason: str,
        author: Author | None = None,
        text: Text = "",
        discarded: tuple[Message, ...] = (),
    ) -> None:
        """Note what a hook does at the present step."""
        name, step = hook.name, len(self.env.steps)
        self.interventions.append(
            Intervention(hook=name, step=step, kind=kind, reason=reason, author=author, text=text, discarded=discarded)
        )
        counted = kind if kind == "rewind" else self.env.turn
        self._counts[counted] += 1
        if self._counts[counted] > MAX_INTERVENTIONS:
            where = "rewinds in one episode" if kind == "rewind" else "interventions in one turn"
            raise SimenvError(f"hook {name}: more than {MAX_INTERVENTIONS} {where}")

    def spend(self, usage: Usage) -> None:
        """Count what a hook asked of a model."""
        self.usage += usage

    async def back(self, turn: int, look: Callable[[], Awaitable[T]]) -> T:
        """What `look` finds in the world as it was before a turn; the world is as it is now afterwards."""
        point, now = self._point("back", turn), await self.env.world.snapshot()
        await self.env.world.restore(point.blob)
        try:
            return await look()
        finally:
            await self.env.world.restore(now)

    def turn_of(self, step: int) -> int:
        """The number of the turn that a step belongs to."""
        message = self.env.steps[step].message
        return sum(turn.message_index < message for turn in turn_records(self.env.messages, self.env.steps))

    def first_of(self, turn: int) -> int:
        """The first step of a turn."""
        return turn_records(self.env.messages, self.env.steps)[turn].first_step

    def mask(self, step: int) -> None:
        """Take the loss off the turn that a step came from, here and in all states that hold it."""
        at = self.env.steps[step].message
        masked = self.env.messages[at].model_copy(update={"train": False})
        self.env.messages[at] = masked
        for turn, point in self.checkpoints.items():
            if len(point.messages) > at:
                messages = (*point.messages[:at], masked, *point.messages[at + 1 :])
                self.checkpoints[turn] = replace(point, messages=messages)

    def fork(self, sibling: Fork) -> None:
        """Ask for a sibling from the state before one of the turns so far."""
        point = self._point(f"fork {sibling.way}", sibling.turn)
        kept = len(point.steps)
        reason = self.mistake.reason if self.mistake else ""
        split = Intervention(
            hook="fork", step=kept, kind="rewind", reason=reason, author=sibling.author, text=sibling.note
        )
        start = ForkPoint(
            point=point,
            branch=Branch(parent=self.id, turn=sibling.turn, continuation=sibling.way),
            note=sibling.note,
            sample=len(self.forks) + 1,
            mistake=self.mistake if self.mistake and self.mistake.step < kept else None,
            interventions=(*(i for i in self.interventions if i.step < kept), split),
        )
        self.forks.append((sibling, start))

    async def _rewind(self, hook: Hook, to: Rewind) -> View:
        point = self._point(f"hook {hook.name}", to.turn)
        discarded = tuple(self.env.messages[len(point.messages) :])
        for turn in [t for t in self.checkpoints if t >= to.turn]:
            del self.checkpoints[turn]
        await self.env.rewind(point)
        if self.mistake and self.mistake.step >= len(point.steps):
            self.mistake = None  # it is in what was discarded
        self.agent = to.agent or self.agent
        self.record(hook, "rewind", to.reason, to.author, to.note, discarded)
        return self.env.view(to.note, retry=len(self.interventions))

    def _point(self, who: str, turn: int) -> Checkpoint:
        if turn not in self.checkpoints:
            raise SimenvError(f"{who}: no snapshot before turn {turn}; a hook that goes back must set rewinds = True")
        return self.checkpoints[turn]


def _told(error: SimenvError) -> str:
    return f"{type(error).__name__}: {error}"


def _given_up(last: Observation) -> str:
    """Why a world ended the episode: its model's answer is not believed."""
    check = last.check
    return f"simulator: {check.error or 'no answer'}: {check.reason}" if check else last.text


def _said(turn: Turn) -> Message:
    return Message(role="assistant", content=turn.text, calls=turn.calls, author=turn.author, usage=turn.usage)
