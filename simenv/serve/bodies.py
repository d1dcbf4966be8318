"""Reads the body of a request before the application sees it, up to a size and within a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

from simenv.serve.guard import App, Receive, Refusal, Scope, Send, refuse

SECONDS = 60.0
"""Of one body, from its first byte to its last."""


class Bodies:
    """An ASGI application that passes on whole requests; `largest` gives the most bytes of a body, by the request's path."""

    def __init__(self, app: App, largest: Callable[[str], int], seconds: float = SECONDS) -> None:
        self.app, self.largest, self.seconds = app, largest, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        largest = self.largest(scope["path"])
        try:
            async with asyncio.timeout(self.seconds):
                body = await _read(receive, largest)
        except TimeoutError:
            return await refuse(scope, send, Refusal(408, f"the body was not there after {self.seconds:g} seconds"))
        if body is None:
            return await refuse(scope, send, Refusal(413, f"a request of more than {largest} bytes"))
        return await self.app(scope, _replay(body, receive), send)


async def _read(receive: Receive, largest: int) -> bytes | None:
    """The whole body; None where it is larger."""
    content = bytearray()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if len(content) > largest:
            return None
        if message["type"] != "http.request" or not message.get("more_body"):
            return bytes(content)


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return replay
