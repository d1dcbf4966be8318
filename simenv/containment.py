"""Keeps an exception that nobody foresaw to what it belongs to: `boundary` makes it a Bug, a Breaker ends a run of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from traceback import TracebackException
from types import TracebackType
from typing import Any

from simenv.errors import Bug, BugLimit, EndOfRun, SimenvError

TEXT, TRACE = 300, 8000
"""Characters of an exception's own text, and of its traceback, that are kept."""
FRAMES = 30
"""Frames of a traceback that are kept, the innermost ones."""
MAX_EQUAL_BUGS = 50
"""Equal bugs in a row after which a run ends."""


class boundary:
    """A block in which a plugin's code runs; an exception that it does not foresee comes out as a Bug at `place`.

    A SimenvError passes, and so does what ends the process: an interrupt, a cancellation from outside. `place` is given in
    parts, which are put together only if there is a bug.
    """

    __slots__ = ("_place",)

    def __init__(self, *place: Any) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is not None:
            escalate(error, *self._place)


def escalate(error: BaseException, *where: Any) -> None:
    """Raise the Bug that an exception is; nothing happens for one that is none. For paths on which a boundary is too slow."""
    if not _is_bug(error):
        return
    if spent := _end_of_run(error):
        raise spent from None
    raise bug(place(*where), error) from error


def bug(where: str, error: BaseException) -> Bug:
    """A Bug with the traceback of an exception."""
    kind, message = type(error).__name__, _message(error)
    return Bug(where, kind, f"{kind}: {message}" if message else kind, _trace(error), error)


def _trace(error: BaseException) -> str:
    told = TracebackException(type(error), error, error.__traceback__, limit=-FRAMES, compact=True)
    text = "\n".join(_cut(line) for part in told.format() for line in part.splitlines())
    return text if len(text) <= TRACE else f"…{text[-TRACE:]}"


def _cut(text: str) -> str:
    """A text that is short and can be written: lone surrogates are escaped."""
    text = text if len(text) <= TEXT else f"{text[:TEXT]}…"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def place(*parts: Any) -> str:
    """The name of a place: texts, and functions by their owner and name, joined by dots."""
    return ".".join(part if isinstance(part, str) else _name(part) for part in parts)


def _name(function: Callable[..., Any]) -> str:
    owner = getattr(function, "__self__", None)
    name = getattr(function, "__name__", type(function).__name__)
    if owner is None:
        return str(getattr(function, "__qualname__", name))
    kind = owner if isinstance(owner, type) else type(owner)
    return f"{getattr(owner, 'name', '') or kind.__name__}.{name}"


def _message(error: BaseException) -> str:
    try:
        return _cut(str(error))
    except Exception:  # noqa: BLE001  an exception whose own text fails is a bug like any
        return "its text cannot be made"


def _is_bug(error: BaseException) -> bool:
    if isinstance(error, SimenvError | KeyboardInterrupt | GeneratorExit):
        return False
    return not isinstance(error, asyncio.CancelledError) or not _cancelled()


def _cancelled() -> bool:
    """Whether somebody cancels the task that runs; without, a plugin raised the error of one of its own tasks."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        return False
    return task is None or task.cancelling() > 0


def _end_of_run(error: BaseException) -> EndOfRun | None:
    """The EndOfRun in a group of exceptions, which ends a run whatever else failed with it."""
    if not isinstance(error, BaseExceptionGroup):
        return None
    for inner in error.exceptions:
        if spent := inner if isinstance(inner, EndOfRun) else _end_of_run(inner):
            return spent
    return None


@dataclass
class Breaker:
    """Counts equal bugs in a row: of one place and one class of exception. BugLimit at `limit` of them."""

    limit: int = MAX_EQUAL_BUGS
    what: str = "episodes"
    _last: tuple[str, str] | None = None
    _count: int = 0

    def count(self, place: str = "", error: str = "") -> None:
        """Count one that ended by a bug, or, without arguments, one that did not."""
        kind = (place, error.partition(":")[0]) if place else None
        self._count = self._count + 1 if kind == self._last else 1
        self._last = kind
        if kind and self._count >= self.limit:
            raise BugLimit(
                f"{place}: {error}: the same bug ended {self._count} {self.what} in a row (max_equal_bugs={self.limit})"
            )
