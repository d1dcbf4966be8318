"""CPU of one call of each network client against bare httpx2, over the length of the chat.

    python -m tests.benchmarks.bench_clients [CALLS]

The server is a process of its own; what is measured is this process's time, sending and reading included. Bare httpx2 posts
the very body that the client sent, encoded anew each time, and reads the JSON of the answer.
"""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from multiprocessing import Process, Queue
from time import process_time
from typing import Any

import httpx2

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
    # "openai responses": ("openai", {"api": "responses"}),
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


def serving(ports: "Queue[int]", bodies: "Queue[Any]") -> None:
    """The server's process."""

    def answer(messages: list[Any], tools: list[Any]) -> Reply:
        return Reply("I count.", [("tool_1", {"query": "SELECT 1"})])

    with serve(answer) as server:
        ports.put(server.port)
        while (asked := bodies.get()) is not None:
            bodies.put(None) if asked else None


async def per_call(work: Callable[[], Awaitable[object]], calls: int) -> float:
    """Milliseconds of CPU, the best of three rounds."""
    for _ in range(10):
        await work()
    rounds = []
    for _ in range(3):
        start = process_time()
        for _ in range(calls):
            await work()
        rounds.append((process_time() - start) / calls * 1e3)
    return min(rounds)


class Recorder(httpx2.AsyncBaseTransport):
    """Keeps the last request that goes through."""

    def __init__(self) -> None:
        self.inner, self.request = httpx2.AsyncHTTPTransport(), None

    async def handle_async_request(self, request: Any) -> Any:
        self.request = request
        return await self.inner.handle_async_request(request)


async def measure(name: str, port: int, length: int, calls: int) -> tuple[float, float]:
    """The client's and httpx2's milliseconds."""
    client_name, options = CLIENTS[name]
    url = f"http://127.0.0.1:{port}" + ("" if client_name == "anthropic" else "/v1")
    model = connect(client_name, {"model": "m", "base_url": url, **options})
    request = Request(messages=chat(length), tools=TOOLS, temperature=None, max_tokens=512)
    inner = model._wire._client._client  # type: ignore[attr-defined]
    inner._transport, original = Recorder(), inner._transport
    await model.complete(request)
    sent = inner._transport.request
    inner._transport = original
    mine = await per_call(lambda: model.complete(request), calls)
    await model.close()
    body, headers = json.loads(sent.content), {"authorization": "Bearer none", "content-type": "application/json"}
    async with httpx2.AsyncClient() as bare:

        async def post() -> object:
            return (await bare.post(str(sent.url), json=body, headers=headers)).json()

        theirs = await per_call(post, calls)
    return mine, theirs


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    ports: Queue[int] = Queue()
    bodies: Queue[Any] = Queue()
    process = Process(target=serving, args=(ports, bodies), daemon=True)
    process.start()
    port = ports.get(timeout=30)
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    print(f"{'client':18} {'messages':>8} {'ms a call':>10} {'httpx2':>8} {'ratio':>6}")
    for name in CLIENTS:
        for length in LENGTHS:
            mine, theirs = asyncio.run(measure(name, port, length, calls))
            print(f"{name:18} {length:8} {mine:10.2f} {theirs:8.2f} {mine / theirs:6.2f}", flush=True)
    bodies.put(None)
    process.terminate()


if __name__ == "__main__":
    main()
