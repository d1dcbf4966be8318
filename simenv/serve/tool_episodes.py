"""Episodes without a chat, for clients that call actions themselves: one world to each client, one episode at a time in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Any, TypeVar

from simenv.containment import boundary
from simenv.errors import ConfigError, InvalidAction, SimenvError
from simenv.types import Action, Grade, Observation, Stop, Task
from simenv.world import World

K = TypeVar("K")
_LONGEST_SWEEP = 5.0
"""Seconds between two looks at who has gone silent, at most."""


class Play:
    """One client's world.

    What makes no sense raises InvalidAction; a SimenvError is the world's failure and ends the episode.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.over = "no episode has begun, or it was given up after a long silence; call reset first"
        self.lock = asyncio.Lock()
        self.touched = monotonic()
        self._answer: Any = None
        self._started = False

    @property
    def busy(self) -> bool:
        return self.lock.locked()

    async def reset(self, task: Task, seed: int) -> Observation:
        """Begin anew."""
        self._answer, self._started = None, False
        seen = await self._guarded(self.world.reset(task, seed))
        self.over, self._started = "", True
        return seen

    async def act(self, action: Action) -> Observation:
        """One action."""
        if self.over:
            raise InvalidAction(self.over)
        seen: Observation = await self._guarded(self.world.step(action))
        if seen.stop is not None:
            self._answer = seen.answer
            how = {Stop.submitted: "the answer was given", Stop.done: "the goal is reached"}.get(seen.stop, seen.stop)
            self.over = f"the episode is over: {how}; call grade, or reset for another one"
        return seen

    async def grade(self) -> Grade:
        """The judgement. It ends the episode, or an agent could ask again and again until it has guessed right."""
        grade = await self.judge()
        self.over = self.over or "the episode is over: it was graded; call reset for another one"
        return grade

    async def judge(self) -> Grade:
        """The judgement of the present state, for whoever does not pass it on to the agent; the episode goes on."""
        if not self._started:
            raise InvalidAction(self.over)
        grade: Grade = await self._guarded(self.world.grade(self._answer))
        return grade

    async def _guarded(self, work: Any) -> Any:
        try:
            with boundary(self.world.name, "play"):
                return await work
        except SimenvError:
            self.over, self._started = "the episode is over: its world failed; call reset for another one", False
            raise


class Plays:
    """The plays of all clients, by a key that names the client; so many at once, and those gone silent are closed."""

    def __init__(self, make: Callable[[], World], most: int, idle: float) -> None:
        self.make, self.most, self.idle = make, most, idle
        self.live: dict[str, Play] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[Play]:
        """The client's play, for one call at a time; ConfigError where there is no place for another client."""
        play = self.live.get(key)
        if play is None:
            if len(self.live) >= self.most:
                raise ConfigError(f"all {self.most} places of this server are taken; try again later")
            play = self.live[key] = Play(self.make())
        async with play.lock:
            try:
                yield play
            finally:
                play.touched = monotonic()

    async def drop(self, key: str) -> None:
        """Close a client's world, if it has one."""
        if (play := self.live.pop(key, None)) is not None:
            async with play.lock:
                await play.world.close()

    def swept(self) -> AbstractAsyncContextManager[None]:
        """While open, silent plays are closed; at the end, all."""
        return swept(self.live, self.idle, self.drop)


@asynccontextmanager
async def swept(live: Mapping[K, Any], idle: float, drop: Callable[[K], Awaitable[None]]) -> AsyncIterator[None]:
    """While open, what is not busy and has been silent for `idle` seconds is dropped; at the end, all."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(min(idle / 4, _LONGEST_SWEEP))
            silent = monotonic() - idle
            for key, one in list(live.items()):
                if not one.busy and one.touched < silent:
                    await drop(key)

    sweeper = asyncio.create_task(sweep())
    try:
        yield
    finally:
        sweeper.cancel()
        for key in list(live):
            await drop(key)
