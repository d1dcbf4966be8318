"""A model that says what it was told to: for tests and demonstrations, with latency and usage if one likes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import Field

from simenv.errors import ModelError
from simenv.model import Request
from simenv.models.budget import Budget
from simenv.models.limits import Client, Settings
from simenv.types import Reply, Usage

Answer = str | Reply
Script = Callable[[Request], Answer | Awaitable[Answer]]


class Scripted(Client):
    """Answers with the option `replies` in the order of the calls, or with a function of the request."""

    class Options(Settings):
        replies: tuple[Answer, ...] = ()
        """The answers, in turn."""
        repeat: bool = False
        """Begin again after the last reply; otherwise that is a ModelError."""
        latency: float = Field(default=0, ge=0)
        """Seconds before each answer."""
        usage: Usage = Usage()
        """What each reply that has no usage of its own is said to have consumed."""
        concurrency: int = Field(default=1024, ge=1)
        """Calls at once."""

    options: Options
    free = True

    def __init__(
        self, options: Options | None = None, budget: Budget | None = None, script: Script | None = None
    ) -> None:
        super().__init__(options or self.Options(), budget)
        self.script = script
        self.requests: list[Request] = []
        """All that was asked, in order."""

    async def attempt(self, request: Request) -> Reply:
        number = len(self.requests)
        self.requests.append(request)
        if self.options.latency:
            await asyncio.sleep(self.options.latency)
        result = self.script(request) if self.script else self._next(number)
        answer = await result if inspect.isawaitable(result) else result
        reply = Reply(text=answer) if isinstance(answer, str) else answer
        return reply if reply.usage != Usage() else reply.model_copy(update={"usage": self._reply_usage()})

    def _next(self, number: int) -> Answer:
        replies = self.options.replies
        if number >= len(replies) and not (self.options.repeat and replies):
            raise ModelError(f"scripted model: call {number + 1}, but the script has {len(replies)} replies")
        return replies[number % len(replies)]

    def _reply_usage(self) -> Usage:
        usage = self.options.usage
        cost = self.price.cost(usage.input_tokens, usage.output_tokens) if self.price else 0.0
        return usage if usage.cost else usage.model_copy(update={"cost": cost})


def scripted(*replies: Answer | Script, **options: Any) -> Scripted:
    """A scripted model in one line: `scripted("first", "second")`, or `scripted(lambda request: …, latency=0.1)`."""
    if len(replies) == 1 and callable(replies[0]):
        return Scripted(Scripted.Options(**options), script=replies[0])
    return Scripted(Scripted.Options.model_validate({"replies": replies, **options}))
