"""Tasks that run at once and end together; the first error of simenv comes out by itself, not in an ExceptionGroup."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from simenv.errors import SimenvError

T = TypeVar("T")


@asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """An asyncio.TaskGroup. Where a task raises a SimenvError the others are cancelled, and the first one raised comes out."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except* SimenvError as e:
        raise e.exceptions[0] from None


async def run_workers(work: Callable[[], Coroutine[Any, Any, None]], count: int) -> None:
    """Run `count` workers until all are done; they share what they work on, such as an iterator."""
    async with task_group() as group:
        for _ in range(count):
            group.create_task(work())


def finish(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run async work to its end from plain code; where an event loop runs already, as in a notebook, in a thread of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work())
    with ThreadPoolExecutor(1, "simenv") as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
