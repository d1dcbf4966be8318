"""CPU of one call of each network client against bare httpx2, over the length of the chat.

    python -m tests.benchmarks.bench_clients [ROUNDS] [AT_ONCE]

The server is a process of its own; what is measured is this process's time, sending and reading included. Bare httpx2 posts
the very body that the client sent, encoded anew each time, and reads the JSON of the answer. Client and httpx2 take turns, one
round of AT_ONCE calls each; the figures are medians, the ratio that of the pairs, so that a busy machine moves neither.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from multiprocessing import Process, Queue
from statistics import median
from time import process_time
from typing import Any

import httpx2
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse
from starlette.routing import Route

from simenv.model import Request
from simenv.models import connect
from simenv.types import Call, Message
from tests.helpers.model_server import Reply, serve

LENGTHS = (8, 32, 64)
SECTION = {
    "type": "function",
    "function": {
        "name": "execute_sql",
        "description": "Run one statement of SQL and see its result.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}
TOOLS = tuple(SECTION | {"function": SECTION["function"] | {"name": f"tool_{i}"}} for i in range(5))
CLIENTS = {
    "openai": ("openai", {}),
    "responses": ("openai", {"api": "responses"}),
    "anthropic": ("anthropic", {}),
}


def chat(length: int) -> tuple[Message, ...]:
    """A chat of tool calls: system, user, then a call and its result in turn."""
    messages = [Message(role="system", content="You work on a database. " * 40), Message(role="user", content="Count.")]
    while len(messages) < length:
        call = Call(id=f"c{len(messages)}", name="tool_1", arguments='{"query": "SELECT COUNT(*) FROM t WHERE a = 1"}')
        messages.append(Message(role="assistant", content="I look at the table first. " * 4, calls=(call,)))
        messages.append(Message(role="tool", content="| a | b |\n" * 20, call_id=call.id))
    return tuple(messages[:length])


async def responses(asked: Asked) -> JSONResponse:
    """An answer in the form of the Responses API."""
    await asked.body()
    said = {"type": "message", "content": [{"type": "output_text", "text": "I count."}]}
    call = {"type": "function_call", "call_id": "c1", "name": "tool_1", "arguments": '{"query": "SELECT 1"}'}
    return JSONResponse(
        {"status": "completed", "output": [said, call], "usage": {"input_tokens": 1, "output_tokens": 1}}
    )


def serving(ports: "Queue[int]", bodies: "Queue[Any]") -> None:
    """The server's process."""

    def answer(messages: list[Any], tools: list[Any]) -> Reply:
        return Reply("I count.", [("tool_1", {"query": "SELECT 1"})])

    with serve(answer, routes=[Route("/v1/responses", responses, methods=["POST"])]) as server:
        ports.put(server.port)
        while (asked := bodies.get()) is not None:
            bodies.put(None) if asked else None


async def cost(work: Callable[[], Awaitable[object]], at_once: int) -> float:
    """Milliseconds of CPU that one of so many calls takes."""
    start = process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return (process_time() - start) / at_once * 1e3


async def pairs(
    mine: Callable[[], Awaitable[object]], bare: Callable[[], Awaitable[object]], rounds: int, at_once: int
):
    """The milliseconds of both, round by round; the first rounds, which open the connections, are not among them."""
    measured = [(await cost(mine, at_once), await cost(bare, at_once)) for _ in range(rounds + 3)]
    return measured[3:]


class Recorder(httpx2.AsyncBaseTransport):
    """Keeps the last request that goes through."""

    def __init__(self) -> None:
        self.inner, self.request = httpx2.AsyncHTTPTransport(), None

    async def handle_async_request(self, request: Any) -> Any:
        self.request = request
        return await self.inner.handle_async_request(request)


async def measure(name: str, port: int, length: int, rounds: int, at_once: int) -> list[tuple[float, float]]:
    """The client's and httpx2's milliseconds, round by round."""
    client_name, options = CLIENTS[name]
    url = f"http://127.0.0.1:{port}" + ("" if client_name == "anthropic" else "/v1")
    model = connect(client_name, {"model": "m", "base_url": url, "concurrency": at_once, **options})
    request = Request(messages=chat(length), tools=TOOLS, temperature=None, max_tokens=512)
    inner = model._wire._connections  # type: ignore[attr-defined]
    inner._transport, original = Recorder(), inner._transport
    await model.complete(request)
    sent = inner._transport.request
    inner._transport = original
    body, headers = json.loads(sent.content), {"authorization": "Bearer none", "content-type": "application/json"}
    async with httpx2.AsyncClient() as bare:

        async def post() -> object:
            return (await bare.post(str(sent.url), json=body, headers=headers)).json()

        measured = await pairs(lambda: model.complete(request), post, rounds, at_once)
    await model.close()
    return measured


def main() -> None:
    rounds, at_once = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 15), (2, 16)))
    ports: Queue[int] = Queue()
    bodies: Queue[Any] = Queue()
    process = Process(target=serving, args=(ports, bodies), daemon=True)
    process.start()
    port = ports.get(timeout=30)
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    print(f"{'client':18} {'messages':>8} {'ms a call':>10} {'httpx2':>8} {'ratio':>6}")
    for name in CLIENTS:
        for length in LENGTHS:
            measured = asyncio.run(measure(name, port, length, rounds, at_once))
            mine, theirs = (median(column) for column in zip(*measured, strict=True))
            ratio = median(a / b for a, b in measured)
            print(f"{name:18} {length:8} {mine:10.2f} {theirs:8.2f} {ratio:6.2f}", flush=True)
    bodies.put(None)
    process.terminate()


if __name__ == "__main__":
    main()
