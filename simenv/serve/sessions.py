"""The sessions of a server: so many at once for each task, closed when they end or when nobody is heard from any more."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from time import monotonic
from typing import Any

from simenv.errors import Bug, SimenvError
from simenv.serve.benchmark_task import RUNNING, Bench, Output, Said, Session, log
from simenv.serve.config import absent
from simenv.serve.tool_episodes import swept
from simenv.source import Rejected


class Full(Exception):
    """All places of a task, or of the server, are taken."""


class Refused(Exception):
    """A request that makes no sense now: its text says why."""


class Sessions:
    """Each session is independent: its own world, its own chat, its own number, which nobody can guess.

    `most` sessions at once, over all tasks. `left_out`: tasks that could not be loaded, and why.
    """

    def __init__(
        self, benches: dict[str, Bench], idle: float, most: int, left_out: Mapping[str, str] | None = None
    ) -> None:
        self.benches, self.idle, self.most, self.left_out = benches, idle, most, left_out or {}
        self.live: dict[int, Session] = {}
        self.taken: Counter[str] = Counter()

    async def start(self, name: str, index: Any) -> tuple[int, Output]:
        """A session on a sample; Full, or Refused where there is no such sample."""
        bench = self.bench(name)
        if not isinstance(index, int) or index not in bench.indices:
            raise Refused(
                f"task {name!r} has no sample {index!r}; its indices are {bench.indices[0]} to {bench.indices[-1]}"
            )
        if self.taken[name] >= bench.config.capacity:
            raise Full(f"all {bench.config.capacity} places of task {name!r} are taken")
        if len(self.live) >= self.most:
            raise Full(f"all {self.most} places of this server are taken")
        id, sample = self._new_id(), bench.sample(index)
        if isinstance(sample, Rejected):
            return id, Output(index=index, status="task error", result={"error": f"{sample.where}: {sample.reason}"})
        try:
            session = self.live[id] = Session(id, bench, index)
        except Bug as e:  # its world could not even be made
            return id, Output(index=index, status="task error", result={"error": f"Bug: {e.place}: {e.kind}"})
        self.taken[name] += 1
        return id, await self._turn(session, session.start(sample))

    async def hear(self, id: int, said: Said) -> Output:
        """What a reply leads to; Refused where the session is not there or still acts on another reply."""
        session = self._find(id)
        if session.busy:
            raise Refused(f"session {id} still acts on another reply")
        return await self._turn(session, session.hear(said))

    async def cancel(self, id: int) -> None:
        """End a session without grading it; one that still acts on a reply ends as soon as it has."""
        session = self._find(id)
        if session.busy:
            session.cancelled = True
        else:
            await self._drop(session.id)

    def bench(self, name: str) -> Bench:
        """A task by name; Refused where there is none."""
        if name not in self.benches:
            raise Refused(absent(name, self.benches, self.left_out))
        return self.benches[name]

    def _new_id(self) -> int:
        """A number that no session has. The protocol wants a number; JSON holds 53 bits of one."""
        return next(id for _ in range(100) if (id := secrets.randbelow(2**53)) not in self.live)

    def _find(self, id: int) -> Session:
        session = self.live.get(id)
        if session is None:
            raise Refused(f"session {id} does not exist; it has ended, was cancelled, or was silent for too long")
        return session

    async def _turn(self, session: Session, work: Any) -> Output:
        """One turn, after which the session is either waiting or gone."""
        session.busy, output = True, None
        try:
            output = await work
            return output
        finally:
            session.busy, session.touched = False, monotonic()
            if output is None or output.status != RUNNING or session.cancelled:
                await self._drop(session.id)

    async def _drop(self, id: int) -> None:
        if (session := self.live.pop(id, None)) is not None:
            self.taken[session.bench.name] -= 1
            try:
                await session.env.close()
            except SimenvError as e:
                log.warning("%s: closing its world failed: %s", session.bench.name, e)

    def swept(self) -> AbstractAsyncContextManager[None]:
        """While open, silent sessions are closed; at the end, all."""
        return swept(self.live, self.idle, self._drop)
