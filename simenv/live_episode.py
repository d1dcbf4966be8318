"""The state of an episode in play: what its hooks see of it, and how it makes and records the changes they ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from simenv.agent import Agent
from simenv.dialects import Dialect
from simenv.env import Checkpoint, Env
from simenv.errors import SimenvError
from simenv.hook import Change, Hook, MarkMistake, Mask, Note, Rewind, StartFork
from simenv.types import (
    Author,
    Branch,
    Grade,
    Intervention,
    Message,
    Mistake,
    Step,
    Stop,
    Task,
    Text,
    Usage,
    View,
    turn_records,
)

T = TypeVar("T")
MAX_INTERVENTIONS = 100
"""Interventions in one turn, or rewinds in one episode, after which its hooks count as broken."""


@dataclass(frozen=True)
class ForkPoint:
    """Where a fork begins: before turn `point.turn` of its parent, with `note` shown once, and what it inherits.

    `sample` tells several forks of one state apart.
    """

    point: Checkpoint
    branch: Branch
    note: str = ""
    sample: int = 0
    mistake: Mistake | None = None
    interventions: tuple[Intervention, ...] = ()


class LiveEpisode:
    """An `EpisodeView` for the hooks, and for the loop the changes that hooks ask for.

    `keeps_checkpoints`: whether a snapshot is kept before every turn, which forks and rewinds need. `id` is the episode's own.
    """

    def __init__(
        self, env: Env, agent: Agent, task: Task, start: ForkPoint | None = None, keeps_checkpoints: bool = False
    ) -> None:
        self.env, self.task, self.id = env, task, ""
        self.usage = self.teacher_usage = Usage()
        self.interventions: list[Intervention] = list(start.interventions) if start else []
        self.forks: list[tuple[StartFork, ForkPoint]] = []
        self._start = start
        self._agent = agent
        self._mistake: Mistake | None = start.mistake if start else None
        self._keeps_checkpoints = keeps_checkpoints
        self._checkpoints: dict[int, Checkpoint] = {}
        """by the turn they lie before"""
        self._rewinds = 0
        self._interventions_of: Counter[int] = Counter()
        """by turn"""

    @property
    def dialect(self) -> Dialect:
        return self.env.dialect

    @property
    def agent(self) -> Agent:
        return self._agent

    @property
    def turn(self) -> int:
        return self.env.turn

    @property
    def max_turns(self) -> int:
        return self.env.max_turns

    @property
    def messages(self) -> tuple[Message, ...]:
        return tuple(self.env.messages)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self.env.steps)

    @property
    def choices(self) -> tuple[str, ...]:
        return self.env.choices

    @property
    def stop(self) -> Stop | None:
        return self.env.stop

    @property
    def mistake(self) -> Mistake | None:
        return self._mistake

    def turn_of(self, step: int) -> int:
        message = self.env.steps[step].message
        return sum(turn.message_index < message for turn in turn_records(self.env.messages, self.env.steps))

    def first_step(self, turn: int) -> int:
        return turn_records(self.env.messages, self.env.steps)[turn].first_step

    def chat_before(self, turn: int) -> tuple[Message, ...]:
        return self._checkpoint("chat_before", turn).messages

    async def state(self) -> Any:
        return await self.env.world.state()

    async def grade(self) -> Grade:
        return await self.env.grade()

    async def back(self, turn: int, look: Callable[[], Awaitable[T]]) -> T:
        point, now = self._checkpoint("back", turn), await self.env.world.snapshot()
        await self.env.world.restore(point.blob)
        try:
            return await look()
        finally:
            await self.env.world.restore(now)

    # Changes.

    def consume(self, usage: Usage, teacher: bool) -> None:
        """Count what a model consumed; the teacher's also apart."""
        self.usage += usage
        if teacher:
            self.teacher_usage += usage

    async def keep_checkpoint(self) -> None:
        """Keep the state before the turn that is due, where hooks may come back to it."""
        if self._keeps_checkpoints:
            self._checkpoints[self.env.turn] = await self.env.checkpoint()

    def apply(self, hook: Hook, change: Change) -> None:
        """Make a change that may be asked for at any time. SimenvError for one that does not belong here."""
        match change:
            case Note():
                self.record(hook, "note", change.reason, change.author, change.text)
            case MarkMistake():
                self._mistake = change.mistake
            case Mask():
                self._mask(change.step)
            case StartFork():
                self._fork(change)
            case _:
                raise SimenvError(f"hook {hook.name}: it cannot answer with a {type(change).__name__} here")

    def record(
        self,
        hook: Hook,
        kind: Literal["substitute", "retry", "rewind", "note"],
        reason: str,
        author: Author | None = None,
        text: Text = "",
        discarded: tuple[Message, ...] = (),
    ) -> None:
        """Record what a hook does at the present step. SimenvError where a hook goes on without end."""
        name, step = hook.name, len(self.env.steps)
        self.interventions.append(
            Intervention(hook=name, step=step, kind=kind, reason=reason, author=author, text=text, discarded=discarded)
        )
        if kind == "rewind":
            self._rewinds += 1
            count, unit = self._rewinds, "rewinds in one episode"
        else:
            self._interventions_of[self.env.turn] += 1
            count, unit = self._interventions_of[self.env.turn], "interventions in one turn"
        if count > MAX_INTERVENTIONS:
            raise SimenvError(f"hook {name}: more than {MAX_INTERVENTIONS} {unit}")

    def _mask(self, step: int) -> None:
        """Take the loss off the turn that a step came from, here and in all states that hold it."""
        index = self.env.steps[step].message
        message = self.env.messages[index].model_copy(update={"train": False})
        self.env.messages[index] = message
        for turn, point in self._checkpoints.items():
            if len(point.messages) > index:
                messages = (*point.messages[:index], message, *point.messages[index + 1 :])
                self._checkpoints[turn] = replace(point, messages=messages)

    def _fork(self, fork: StartFork) -> None:
        """Plan a fork from the state before one of the turns so far."""
        point, mistake = self._checkpoint(f"fork {fork.continuation}", fork.turn), self._mistake
        step = len(point.steps)
        reason = mistake.reason if mistake else ""
        split = Intervention(hook="fork", step=step, kind="rewind", reason=reason, author=fork.author, text=fork.note)
        start = ForkPoint(
            point=point,
            branch=Branch(parent=self._owner(fork.turn), turn=fork.turn, continuation=fork.continuation),
            note=fork.note,
            sample=(self._start.sample if self._start else 0) + len(self.forks) + 1,
            mistake=mistake if mistake and mistake.step < step else None,
            interventions=(*(i for i in self.interventions if i.step < step), split),
        )
        self.forks.append((fork, start))

    def _owner(self, turn: int) -> str:
        """The episode that the state before a turn belongs to: this one, or the one that it was split off at this turn."""
        branch = self._start.branch if self._start else None
        return branch.parent if branch and turn <= branch.turn else self.id

    async def rewind(self, hook: Hook, to: Rewind) -> View:
        """Go back as a hook asks, and record it; the view from there. SimenvError where no snapshot of that turn was kept."""
        point = self._checkpoint(f"hook {hook.name}", to.turn)
        discarded = tuple(self.env.messages[len(point.messages) :])
        for turn in [t for t in self._checkpoints if t >= to.turn]:
            del self._checkpoints[turn]
        await self.env.rewind(point)
        if self._mistake and self._mistake.step >= len(point.steps):
            self._mistake = None  # it is in the discarded part
        self._agent = to.agent or self._agent
        self.record(hook, "rewind", to.reason, to.author, to.note, discarded)
        return self.env.view(to.note, retry=len(self.interventions))

    def _checkpoint(self, who: str, turn: int) -> Checkpoint:
        if turn not in self._checkpoints:
            raise SimenvError(f"{who}: no snapshot before turn {turn}; a hook that goes back must set rewinds = True")
        return self._checkpoints[turn]
