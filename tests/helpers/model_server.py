"""A real server on a local socket that speaks OpenAI's chat completions and Anthropic's messages, and fails on demand.

    with serve(answer, faults=Faults(rate=0.3, seed=1)) as server:
        connect("openai", {"model": "m", "base_url": server.openai_url})

`answer(messages, tools)` gets the chat in OpenAI's form for both protocols (parsed JSON) and gives a text, or a list of
(name, arguments) pairs for tool calls, or a Reply with both.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

Json = dict[str, Any]
CONTEXT = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."


@dataclass(frozen=True)
class Reply:
    """An answer with both text and calls; `finish` overrides OpenAI's finish_reason or Anthropic's stop_reason."""

    text: str = ""
    calls: Sequence[tuple[str, Any]] = ()
    finish: str = ""


Answer = Callable[[list[Json], list[Json]], str | list[tuple[str, Any]] | Reply]


@dataclass(frozen=True)
class Faults:
    """Which requests fail, by order of arrival: those in `plan` first, then each with probability `rate`.

    Kinds: an HTTP status ("429", "500", "401" …), "context" (400), "slow" (answers after `slow` seconds), "truncated"
    (half a body under status 200), "cut" (connection closed in the body), "reset" (closed before any answer),
    "html" (a proxy's page under status 200), None (no fault).
    """

    plan: Sequence[str | None] = ()
    rate: float = 0.0
    seed: int = 0
    kinds: Sequence[str] = ("429", "500", "503", "truncated", "cut", "reset")
    retry_after: str | None = "0"
    """The header sent with 429 and 503: seconds or an HTTP-date."""
    slow: float = 1.0

    def kinds_in_order(self) -> Iterator[str | None]:
        """One entry for each request, without end."""
        yield from self.plan
        rng = random.Random(self.seed)
        while True:
            yield rng.choice(list(self.kinds)) if rng.random() < self.rate else None


@dataclass(frozen=True)
class Received:
    """A request as it came in, and the fault it met."""

    path: str
    body: Json
    headers: dict[str, str]
    fault: str | None


@dataclass
class Server:
    """What a test sees of the server; `most_at_once` is the largest number of requests ever in hand together."""

    answer: Answer
    faults: Faults
    key: str | None = None
    latency: float = 0.0
    quirks: frozenset[str] = frozenset()
    """Ways of other servers:
    "no_usage", "no_ids", "dict_arguments", "null_content", "parts", "reasoning", "no_choices", "cache"."""
    port: int = 0
    requests: list[Received] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    transports: dict[Any, asyncio.Transport] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_fault = self.faults.kinds_in_order()

    @property
    def anthropic_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_url(self) -> str:
        return f"{self.anthropic_url}/v1"

    async def openai(self, request: Request) -> Response:
        return await self._serve(request, lambda body: completion(self, body))

    async def anthropic(self, request: Request) -> Response:
        return await self._serve(request, lambda body: message(self, body))

    async def _serve(self, request: Request, speak: Callable[[Json], Json]) -> Response:
        body, fault = json.loads(await request.body()), next(self.next_fault)
        self.requests.append(Received(request.url.path, body, dict(request.headers), fault))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.faults.slow if fault == "slow" else self.latency)
            return self._refuse(request, fault) or self._give(request, json.dumps(speak(body)).encode(), fault)
        finally:
            self.at_once -= 1

    def _refuse(self, request: Request, fault: str | None) -> Response | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ") or request.headers.get("x-api-key", "")
        if self.key is not None and given != self.key:
            return _error(401, "invalid_api_key", f"Incorrect API key provided: {given}.")
        if fault == "context":
            return _error(400, "context_length_exceeded", CONTEXT)
        if fault is None or not fault.isdigit():
            return None
        headers = {"retry-after": self.faults.retry_after} if self.faults.retry_after is not None else {}
        wanted = headers if fault in ("429", "503") else {}
        return _error(int(fault), "injected", f"injected fault {fault}; the key was {given}", wanted)

    def _give(self, request: Request, content: bytes, fault: str | None) -> Response:
        if fault == "reset":
            self.transports[tuple(request.scope["client"])].abort()
        if fault == "html":
            return Response("<html>bad gateway</html>", media_type="text/html")
        if fault == "truncated":
            content = content[: len(content) // 2]
        if fault == "cut":
            asyncio.get_running_loop().call_later(0.01, self.transports[tuple(request.scope["client"])].abort)
            return Response(content, media_type="application/json", headers={"content-length": str(len(content) + 9)})
        return Response(content, media_type="application/json")

    def reply(self, messages: list[Json], tools: list[Json]) -> Reply:
        value = self.answer(messages, tools)
        return (
            value if isinstance(value, Reply) else Reply(text=value) if isinstance(value, str) else Reply(calls=value)
        )


def _error(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"message": text, "type": code, "code": code}}, status, headers)


def token_count(value: Any) -> int:
    """Tokens, for this server: the words of the JSON."""
    return len(json.dumps(value).split())


def completion(server: Server, body: Json) -> Json:
    """A chat completion."""
    reply, quirks = server.reply(body["messages"], body.get("tools", [])), server.quirks
    if "no_choices" in quirks:
        return {"error": {"message": "upstream failed"}}
    message: Json = {"role": "assistant", "content": reply.text}
    if "null_content" in quirks or (reply.calls and not reply.text):
        message["content"] = None
    if "parts" in quirks:
        message["content"] = [{"type": "text", "text": reply.text}]
    if "reasoning" in quirks:
        message["reasoning_content"] = message["reasoning"] = "Let me think."
    if reply.calls:
        message["tool_calls"] = [_call(i, name, arguments, quirks) for i, (name, arguments) in enumerate(reply.calls)]
    finish = reply.finish or ("tool_calls" if reply.calls else "stop")
    answer: Json = {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }  # fmt: skip
    if "no_usage" not in quirks:
        sent, written = token_count(body["messages"]), token_count(reply.text)
        answer["usage"] = {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written}
    return answer


def _call(place: int, name: str, arguments: Any, quirks: frozenset[str]) -> Json:
    text = (
        arguments
        if isinstance(arguments, str) or "dict_arguments" in quirks
        else json.dumps(arguments, ensure_ascii=False)
    )
    call: Json = {"type": "function", "function": {"name": name, "arguments": text}}
    return call if "no_ids" in quirks else {"id": f"call_{place}", **call}


def message(server: Server, body: Json) -> Json:
    """A message of Anthropic's protocol."""
    reply = server.reply(*openai_form(body))
    content: list[Json] = [{"type": "text", "text": reply.text}] if reply.text else []
    content += [
        {"type": "tool_use", "id": f"toolu_{i}", "name": name, "input": arguments}
        for i, (name, arguments) in enumerate(reply.calls)
    ]
    if "reasoning" in server.quirks:
        content.insert(0, {"type": "thinking", "thinking": "Let me think.", "signature": "x"})
    used = {"input_tokens": token_count(body["messages"]), "output_tokens": token_count(reply.text)}
    cache = {"cache_read_input_tokens": 100, "cache_creation_input_tokens": 10} if "cache" in server.quirks else {}
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": content,
        "stop_reason": reply.finish or ("tool_use" if reply.calls else "end_turn"), "stop_sequence": None,
        "usage": used | cache,
    }  # fmt: skip


def openai_form(body: Json) -> tuple[list[Json], list[Json]]:
    """The chat and tools of a request in Anthropic's protocol as OpenAI's would have them."""
    chat: list[Json] = [{"role": "system", "content": body["system"]}] if body.get("system") else []
    for entry in body["messages"]:
        turn: Json = {"role": entry["role"], "content": ""}
        for block in entry["content"]:
            if block["type"] == "tool_result":
                chat.append({"role": "tool", "tool_call_id": block["tool_use_id"], "content": block["content"]})
            elif block["type"] == "tool_use":
                function = {"name": block["name"], "arguments": json.dumps(block["input"])}
                turn.setdefault("tool_calls", []).append({"id": block["id"], "type": "function", "function": function})
            else:
                turn["content"] += block["text"]
        if turn["content"] or "tool_calls" in turn:
            chat.append(turn)
    tools = [
        {
            "type": "function",
            "function": {k: t.get(k) for k in ("name", "description")} | {"parameters": t["input_schema"]},
        }
        for t in body.get("tools", [])
    ]
    return chat, tools


@contextmanager
def serve(
    answer: Answer,
    faults: Faults | Sequence[str | None] | None = None,
    *,
    key: str | None = None,
    latency: float = 0.0,
    quirks: Sequence[str] = (),
    routes: Sequence[Route] = (),
) -> Iterator[Server]:
    """The server, up while the block runs. `faults` may be a plain list of kinds; `key` is the only one accepted;
    `routes` are served beside the protocols."""
    injected = faults if isinstance(faults, Faults) else Faults(plan=faults or ())
    server = Server(answer, injected, key, latency, frozenset(quirks))

    class Protocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            server.transports[tuple(self.client or ())] = transport

    served = [
        *routes,
        Route("/v1/chat/completions", server.openai, methods=["POST"]),
        Route("/v1/messages", server.anthropic, methods=["POST"]),
    ]
    with running(Starlette(routes=served), http=Protocol) as server.port:
        yield server


@contextmanager
def running(app: Starlette, **options: Any) -> Iterator[int]:
    """The port of an application that is up while the block runs."""
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", lifespan="off", timeout_graceful_shutdown=1, **options
    )
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=30)
