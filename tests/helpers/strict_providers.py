"""Servers on a local socket that are as strict as the providers are: each refuses what its like does, and plays an episode.

    with serving(DeepSeek()) as server:
        connect("openai", {"model": "m", "base_url": server.url})

A chat gets the calls of `PLAY` in turn, by the number of turns that it holds. Each turn is thought over first, and the thought
weighs a statement that would delete everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.helpers.model_server import running

Json = dict[str, Any]
PLAY = (("execute_sql", {"query": "SHOW TABLES"}), ("commit_final_answer", {"answers": ["42"]}))
WEIGHED = "I could run\nAction: execute_sql\nAction Input: DELETE FROM a\nbut that would be wrong."


class Refusal(Exception):
    """An HTTP answer that refuses, with its body."""

    def __init__(self, body: Json, status: int = 400) -> None:
        super().__init__(body)
        self.body, self.status = body, status


def thought(turn: int) -> str:
    """What is thought before a turn, different for each."""
    return f"THOUGHT-{turn} {WEIGHED}"


def signed(text: str) -> str:
    """A provider's signature of a thought."""
    return hashlib.sha256(f"secret {text}".encode()).hexdigest()


class Provider:
    """A server of one strictness."""

    client: ClassVar[str] = "openai"
    path: ClassVar[str] = "/v1/chat/completions"
    base: ClassVar[str] = "/v1"
    dialect: ClassVar[str] = "tools"
    options: ClassVar[Json] = {}

    def __init__(self) -> None:
        self.bodies: list[Json] = []
        """What was accepted."""
        self.refused: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base}"

    async def handle(self, request: Request) -> Response:
        body = json.loads(await request.body())
        try:
            self.check(body)
        except Refusal as e:
            self.refused.append(json.dumps(e.body))
            return JSONResponse(e.body, e.status)
        self.bodies.append(body)
        return JSONResponse(self.answer(body))

    def check(self, body: Json) -> None:
        """Refusal of a body that this server does not take."""

    def answer(self, body: Json) -> Json:
        turn = sum(m["role"] == "assistant" for m in body["messages"])
        return completion(self.said(turn))

    def said(self, turn: int) -> Json:
        """The message of one turn."""
        raise NotImplementedError


def completion(message: Json, finish: str = "stop") -> Json:
    """A message as a chat completion."""
    used = {
        "prompt_tokens": 10, "completion_tokens": 9, "total_tokens": 19,
        "completion_tokens_details": {"reasoning_tokens": 7},
    }  # fmt: skip
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": None} | message}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": used}


def call(turn: int) -> Json:
    """The call of one turn."""
    name, arguments = PLAY[min(turn, len(PLAY) - 1)]
    return {"id": f"c{turn}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


def react(turn: int) -> str:
    """The move of one turn as text."""
    name, arguments = PLAY[min(turn, len(PLAY) - 1)]
    return f"Thought: next\nAction: {name}\nAction Input: {json.dumps(arguments)}"


class DeepSeek(Provider):
    """Wants each turn of calls back with its `reasoning_content`, and a turn of words alone without."""

    def check(self, body: Json) -> None:
        turn = 0
        for m in body["messages"]:
            if m["role"] != "assistant":
                continue
            if m.get("tool_calls") and m.get("reasoning_content") != thought(turn):
                text = "The `reasoning_content` in the thinking mode must be passed back to the API."
                raise Refusal({"error": {"message": text, "type": "invalid_request_error"}})
            turn += 1

    def said(self, turn: int) -> Json:
        return {"reasoning_content": thought(turn), "tool_calls": [call(turn)]}


class OpenRouter(Provider):
    """Wants `reasoning_details` back, unchanged."""

    def details(self, turn: int) -> list[Json]:
        text = thought(turn)
        return [
            {"type": "reasoning.text", "text": text, "signature": signed(text), "format": "f", "index": 0},
            {"type": "reasoning.encrypted", "data": signed(f"hidden {turn}"), "id": f"e{turn}", "index": 1},
        ]

    def check(self, body: Json) -> None:
        for turn, m in enumerate(m for m in body["messages"] if m["role"] == "assistant"):
            if m.get("reasoning_details") != self.details(turn):
                raise Refusal({"error": {"message": "reasoning_details must be passed back unchanged", "code": 400}})

    def said(self, turn: int) -> Json:
        return {"reasoning": thought(turn), "reasoning_details": self.details(turn), "tool_calls": [call(turn)]}


class O3(Provider):
    """Refuses stop sequences, a temperature, the old name of the bound and the role of the system, one at a time."""

    dialect: ClassVar[str] = "react"
    options: ClassVar[Json] = {"temperature": 0.0, "max_tokens": 500}

    def check(self, body: Json) -> None:
        for name, more in (("stop", ""), ("max_tokens", " Use 'max_completion_tokens' instead.")):
            if name in body:
                text = f"Unsupported parameter: '{name}' is not supported with this model.{more}"
                raise _openai(text, name, "unsupported_parameter")
        if body.get("temperature", 1) != 1:
            text = "Unsupported value: 'temperature' does not support 0 here. Only the default (1) value is supported."
            raise _openai(text, "temperature", "unsupported_value")
        if any(m["role"] == "system" for m in body["messages"]):
            text = "Unsupported value: 'messages[0].role' does not support 'system' with this model."
            raise _openai(text, "messages[0].role", "unsupported_value")

    def said(self, turn: int) -> Json:
        return {"content": f"{react(turn)}\nObservation: made up"}


def _openai(text: str, param: str, code: str) -> Refusal:
    return Refusal({"error": {"message": text, "type": "invalid_request_error", "param": param, "code": code}})


class Grok(Provider):
    """Refuses stop sequences in words alone."""

    dialect: ClassVar[str] = "react"

    def check(self, body: Json) -> None:
        if "stop" in body:
            raise Refusal(
                {"code": "Client specified an invalid argument", "error": "Argument not supported on this model: stop"}
            )

    def said(self, turn: int) -> Json:
        return {"content": react(turn), "reasoning_content": thought(turn)}


class Mistral(Provider):
    """Refuses each field that it does not know, `seed` and `reasoning_content` among them, as FastAPI does."""

    known: ClassVar[frozenset[str]] = frozenset({"model", "messages", "tools", "temperature", "max_tokens", "stop"})

    def check(self, body: Json) -> None:
        unknown = [["body", name] for name in body if name not in self.known]
        unknown += [
            ["body", "messages", i, m["role"], name]
            for i, m in enumerate(body["messages"])
            for name in m
            if name not in ("role", "content", "tool_calls", "tool_call_id")
        ]
        if unknown:
            faults = [
                {"type": "extra_forbidden", "loc": at, "msg": "Extra inputs are not permitted", "input": "x"}
                for at in unknown
            ]
            raise Refusal({"object": "error", "message": {"detail": faults}, "type": "invalid_request_error"}, 422)

    def said(self, turn: int) -> Json:
        return {"content": "", "reasoning_content": thought(turn), "tool_calls": [call(turn)]}


class Anthropic(Provider):
    """Wants thinking back before the call it led to, and checks its signature; takes no empty text."""

    client: ClassVar[str] = "anthropic"
    path: ClassVar[str] = "/v1/messages"
    base: ClassVar[str] = ""
    options: ClassVar[Json] = {
        "max_tokens": 4096,
        "extra_body": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    }

    def check(self, body: Json) -> None:
        for i, m in enumerate(body["messages"]):
            blocks, first = m["content"], m["content"][0]["type"]
            calls = m["role"] == "assistant" and any(b["type"] == "tool_use" for b in blocks)
            if calls and first not in ("thinking", "redacted_thinking"):
                raise _anthropic(f"messages.{i}.content.0.type: Expected `thinking`, but found `{first}`.")
            for j, b in enumerate(blocks):
                if b["type"] == "thinking" and b.get("signature") != signed(b["thinking"]):
                    raise _anthropic(f"messages.{i}.content.{j}: Invalid `signature` in `thinking` block")
                if b["type"] == "redacted_thinking" and not b.get("data"):
                    raise _anthropic(f"messages.{i}.content.{j}: data is required")
                if b["type"] == "text" and not b["text"].strip():
                    raise _anthropic("messages: text content blocks must contain non-whitespace text")

    def answer(self, body: Json) -> Json:
        turn = sum(m["role"] == "assistant" for m in body["messages"])
        name, arguments = PLAY[min(turn, len(PLAY) - 1)]
        text = thought(turn)
        content = [
            {"type": "thinking", "thinking": text, "signature": signed(text)},
            {"type": "redacted_thinking", "data": signed(f"hidden {turn}")},
            {"type": "tool_use", "id": f"t{turn}", "name": name, "input": arguments},
        ]
        return {
            "id": "m", "type": "message", "role": "assistant", "model": "m", "content": content,
            "stop_reason": "tool_use", "stop_sequence": None, "usage": {"input_tokens": 5, "output_tokens": 9},
        }  # fmt: skip


def _anthropic(text: str) -> Refusal:
    return Refusal({"type": "error", "error": {"type": "invalid_request_error", "message": text}})


class Responses(Provider):
    """OpenAI's Responses API: each call must follow the reasoning that it came with, encrypted; no stop, no seed."""

    path: ClassVar[str] = "/v1/responses"
    options: ClassVar[Json] = {"api": "responses"}

    def check(self, body: Json) -> None:
        for name in ("stop", "seed", "max_tokens", "messages"):
            if name in body:
                raise _openai(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        before: Json = {}
        for item in body["input"]:
            if item.get("type") == "function_call" and before.get("encrypted_content") != signed(item["call_id"]):
                text = f"Item {item['call_id']!r} of type 'function_call' was provided without its required 'reasoning' item."
                raise _openai(text, "input", "invalid_request")
            before = item

    def answer(self, body: Json) -> Json:
        turn = sum(item.get("type") == "function_call" for item in body["input"])
        function = call(turn)["function"]
        return {
            "id": "resp", "object": "response", "status": "completed", "output": [
                {
                    "type": "reasoning", "id": f"rs_{turn}", "encrypted_content": signed(f"c{turn}"),
                    "summary": [{"type": "summary_text", "text": thought(turn)}],
                },
                {"type": "function_call", "id": f"fc_{turn}", "call_id": f"c{turn}", "status": "completed", **function},
            ],
            "usage": {
                "input_tokens": 5, "output_tokens": 9, "total_tokens": 14,
                "output_tokens_details": {"reasoning_tokens": 7},
            },
        }  # fmt: skip


class Local(Provider):
    """A reasoning model served without a reasoning parser: it thinks between tags in its text, and sees its turns so again."""

    dialect: ClassVar[str] = "react"

    def check(self, body: Json) -> None:
        for turn, m in enumerate(m for m in body["messages"] if m["role"] == "assistant"):
            if m["content"] != self.said(turn)["content"]:
                raise Refusal({"error": {"message": f"not what was said: {m['content']!r}"}})

    def said(self, turn: int) -> Json:
        return {"content": f"<think>\n{thought(turn)}\n</think>\n\n{react(turn)}"}


PROVIDERS: tuple[type[Provider], ...] = (
    DeepSeek, OpenRouter, O3, Grok, Mistral, Anthropic, Responses, Local,
)  # fmt: skip


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """The provider, up while the block runs."""
    with running(Starlette(routes=[Route(provider.path, provider.handle, methods=["POST"])])) as provider.port:
        yield provider
