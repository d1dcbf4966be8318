"""One task in one world: the chat grows, turns are read and acted on, limits end it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from pydantic import Field

from simenv.containment import boundary, escalate
from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext
from simenv.options import Options
from simenv.types import Grade, Message, Observation, Step, Stop, Task, Turn, View
from simenv.world import World

T = TypeVar("T")


class Limits(Options):
    """When an episode is over although the world goes on. None: the environment's own."""

    max_turns: int | None = Field(default=None, ge=1)
    """turns of the agent"""
    max_invalid: int | None = Field(default=None, ge=1)
    """turns in a row without a valid action; None: the dialect's"""
    seconds: float = Field(default=1800, gt=0)
    """seconds of wall time that one episode may take"""


class OutOfTime(Exception):
    """The wall time of an episode is over."""


class Deadline:
    """The end of the wall time that something may take, `seconds` from when it is made."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    async def bound(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work in the time that is left. OutOfTime where it does not suffice; the work is cancelled then."""
        left = self._end - monotonic()
        if left <= 0:
            work.close()
            raise OutOfTime
        try:
            async with asyncio.timeout(left) as limit:
                return await work
        except TimeoutError as e:
            if not limit.expired():
                raise
            raise OutOfTime from e


@dataclass(frozen=True)
class Checkpoint:
    """An episode before one of its turns: the world's snapshot and how far the chat had come."""

    blob: bytes
    messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    turn: int
    invalid: int
    choices: tuple[str, ...]
    stop: Stop | None
    answer: Any


class Env:
    """The chat, the steps and the limits of one episode at a time, in any kind of World.

    `reset` begins an episode; `step` acts on turns until `stop` says why it is over; `grade` judges it.
    """

    def __init__(self, world: World, dialect: Dialect, limits: Limits | None = None) -> None:
        self.world = world
        self.dialect = dialect
        self.limits = limits or Limits()
        self.max_turns = self.limits.max_turns or dialect.max_turns or world.max_turns
        self.max_invalid = self.limits.max_invalid or dialect.max_invalid
        self.messages: list[Message] = []
        self.steps: list[Step] = []
        self.stop: Stop | None = None
        self.answer: Any = None

    async def reset(self, task: Task, seed: int = 0, preface: str = "") -> View:
        """Build the world and open the chat."""
        first = await self.world.reset(task, seed)
        self.task = task
        brief = PromptContext(
            overview=self.world.overview,
            instruction=task.instruction,
            kind=task.kind,
            observation=first,
            preface=preface,
        )
        with boundary("dialects", self.dialect.name, "opening"):
            self.messages = list(self.dialect.opening(brief))
        self.steps = []
        self.turn = self._invalid = 0
        self.stop = self.answer = None
        self._choices = first.choices
        return self.view()

    def view(self, note: str = "", retry: int = 0) -> View:
        """What the agent may see now. A `note` is shown this once, at the end of the chat."""
        try:
            messages = self.dialect.context(self.messages)
        except BaseException as e:
            escalate(e, "dialects", self.dialect.name, "context")
            raise
        if note:
            messages = (*messages, Message(role="user", content=note))
        return View(
            instruction=self.task.instruction,
            messages=messages,
            tools=self.dialect.tools,
            choices=self._choices,
            turn=self.turn,
            max_turns=self.max_turns,
            retry=retry,
        )

    @property
    def choices(self) -> tuple[str, ...]:
        """What the world lists as possible now; () where it lists nothing."""
        return self._choices

    async def step(self, turn: Turn, view: View) -> tuple[Step, ...]:
        """Act on a turn that answers a view; afterwards `stop` says whether the episode is over."""
        last = self.turn + 1 >= self.max_turns
        parsed = self._parsed(turn, last)
        index = len(self.messages)
        self.messages.append(
            turn.message.model_copy(
                update={
                    "train": turn.train and turn.finish != "length",
                    "usage": turn.usage if turn.usage.calls else None,
                    "acted": parsed.acted,
                    "sent": self._indices(view),
                }
            )
        )
        steps = []
        for spoken in parsed.spoken:
            observation = await self._act(spoken)
            self._choices = observation.choices
            steps.append(Step(message=index, thought=parsed.thought, action=spoken.action, observation=observation))
            if observation.stop is not None:
                break
            observed = self._observed(observation, spoken)
            self.messages += [observed] if parsed.acted is None else self.dialect.tell(turn, parsed, observed)
        self.steps += steps
        self._count(steps)
        return tuple(steps)

    def _parsed(self, turn: Turn, last: bool) -> Parsed:
        try:
            parsed = self.dialect.parse_last(turn) if last else self.dialect.parse(turn)
            if not parsed.spoken:
                raise ValueError("it gave no action and no error; expected at least one of either")
        except BaseException as e:
            escalate(e, "dialects", self.dialect.name, "parse")
            raise
        return parsed

    def _observed(self, observation: Observation, spoken: ParsedAction) -> Message:
        try:
            return self.dialect.observe(observation, spoken)
        except BaseException as e:
            escalate(e, "dialects", self.dialect.name, "observe")
            raise

    async def _act(self, spoken: ParsedAction) -> Observation:
        if spoken.action is None:
            return Observation(text=spoken.error, invalid=True, stop=spoken.stop, choices=self._choices)
        return await self.world.step(spoken.action)

    def _indices(self, view: View) -> tuple[int | Message, ...] | None:
        """What the agent saw: indices of the chat's own messages, known by identity, and other messages; None: all of them."""
        chat = self.messages
        if len(view.messages) == len(chat) and all(a is b for a, b in zip(view.messages, chat, strict=True)):
            return None
        index = {id(m): i for i, m in enumerate(chat)}
        return tuple(index.get(id(m), m) for m in view.messages)

    def _count(self, steps: list[Step]) -> None:
        last = steps[-1].observation
        self.turn += 1
        self._invalid = self._invalid + 1 if all(s.observation.invalid for s in steps) else 0
        if last.stop is not None:
            self.stop, self.answer = last.stop, last.answer
        elif self.max_invalid is not None and self._invalid >= self.max_invalid:
            self.stop = Stop.too_many_invalid
        elif self.turn >= self.max_turns:
            self.stop = Stop.max_steps

    async def grade(self) -> Grade:
        """Judge the present state and the answer, if one was given."""
        return await self.world.grade(self.answer)

    async def checkpoint(self) -> Checkpoint:
        """Everything `rewind` needs to come back here."""
        return Checkpoint(
            blob=await self.world.snapshot(),
            messages=tuple(self.messages),
            steps=tuple(self.steps),
            turn=self.turn,
            invalid=self._invalid,
            choices=self._choices,
            stop=self.stop,
            answer=self.answer,
        )

    async def rewind(self, to: Checkpoint) -> None:
        """Back to a checkpoint of the same task; nothing before it is run again."""
        await self.world.restore(to.blob)
        self.messages, self.steps = list(to.messages), list(to.steps)
        self.turn, self._invalid, self._choices = to.turn, to.invalid, to.choices
        self.stop, self.answer = to.stop, to.answer

    async def close(self) -> None:
        """Release the world. Idempotent."""
        await self.world.close()
