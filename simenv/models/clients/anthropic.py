"""Anthropic's messages: the system prompt apart, roles alternating, calls and their results as blocks."""

from __future__ import annotations

import json
from typing import Any

import anthropic
from pydantic import BaseModel, Field, ValidationError

from simenv.errors import ConfigError
from simenv.model import Request
from simenv.models.budget import Budget
from simenv.models.calls import arguments
from simenv.models.failures import refusal
from simenv.models.keys import Address, Variable, blot, key
from simenv.models.limits import Client, Settings, Transient
from simenv.options import explain_validation
from simenv.types import Call, Message, Reply, Usage

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
}
"""Stop reasons in the words that the rest of simenv knows; others pass as they are."""


class Anthropic(Client):
    """One try is one POST to /v1/messages. There are no seeds; thinking blocks are dropped.

    The API takes no temperature and no top_p since its version 2026-10-21, which the SDK sends: as options they are
    refused, in a request they are left out and counted. The option `version` goes back to one that takes them.
    """

    class Options(Settings):
        model: str
        base_url: Address | None = None
        api_key_env: Variable = "ANTHROPIC_API_KEY"
        """Name of the environment variable with the key."""
        max_tokens: int = Field(default=4096, ge=1)
        """Tokens of the answer; the protocol requires a bound."""
        version: str | None = None
        """The header anthropic-version; with "2023-06-01" older models still take temperature and top_p."""
        extra_body: dict[str, Any] = {}
        """Further fields of the request's body, such as {"cache_control": {"type": "ephemeral"}}."""

    options: Options

    def __init__(self, options: Options, budget: Budget | None = None) -> None:
        super().__init__(options, budget)
        if not samples(options) and (options.temperature is not None or options.top_p is not None):
            raise ConfigError(
                f"{self.label}: the API takes no temperature and no top_p any more; leave them out, or set version to "
                "'2023-06-01' for a model that still takes them"
            )
        self._key = key(options.api_key_env, options.base_url)
        self._client = anthropic.AsyncAnthropic(
            api_key=self._key, base_url=options.base_url, timeout=options.timeout, max_retries=0
        )

    async def attempt(self, request: Request) -> Reply:
        if request.temperature is not None and not samples(self.options):
            self.tally["temperatures not sent"] += 1
        try:
            raw = await self._client.messages.with_raw_response.create(**body(request, self.options))
            return self._read(raw.http_response.content)
        except anthropic.APIStatusError as e:
            # Not `from e`: its text may quote the key.
            raise refusal(e.status_code, e.response.headers, blot(e.response.content, self._key)) from None
        except anthropic.APITimeoutError as e:
            raise Transient(f"no answer within {self.options.timeout:g} s", "timeout") from e
        except anthropic.APIConnectionError as e:
            raise Transient(f"no connection: {e.__cause__ or e}", "connection") from e
        except ValidationError as e:
            raise Transient(explain_validation(e, "the answer is no message"), "malformed answer") from e

    def _read(self, content: bytes) -> Reply:
        answer = Answer.model_validate_json(content)
        calls = tuple(
            Call(id=b.id, name=b.name, arguments=json.dumps(b.input, ensure_ascii=False))
            for b in answer.content
            if b.type == "tool_use"
        )
        text = "".join(b.text for b in answer.content if b.type == "text")
        finish = FINISH.get(answer.stop_reason or "end_turn", answer.stop_reason or "stop")
        return Reply(text=text, calls=calls, finish=finish, usage=self._usage(answer.usage))

    def _usage(self, tokens: Used) -> Usage:
        read, cached = tokens.cache_read_input_tokens or 0, tokens.cache_creation_input_tokens or 0
        cost = self.price.cost(tokens.input_tokens, tokens.output_tokens, read, cached) if self.price else 0.0
        return Usage(input_tokens=tokens.input_tokens + read + cached, output_tokens=tokens.output_tokens, cost=cost)

    async def close(self) -> None:
        await self._client.close()


class Block(BaseModel):
    type: str
    text: str = ""
    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}


class Used(BaseModel):
    """Tokens; `input_tokens` does not count those read from or written to the cache."""

    input_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class Answer(BaseModel):
    content: list[Block]
    stop_reason: str | None = None
    usage: Used = Used()


def body(request: Request, options: Anthropic.Options) -> dict[str, Any]:
    """The fields of the POST; None is never sent."""
    fields: dict[str, Any] = {
        "model": options.model,
        "system": "\n\n".join(m.content for m in request.messages if m.role == "system") or None,
        "messages": messages(request.messages),
        "tools": [tool(t) for t in request.tools] or None,
        "max_tokens": request.max_tokens or options.max_tokens,
        "stop_sequences": list(request.stop) or None,
        "extra_body": sampling(request, options) | options.extra_body or None,
        "extra_headers": {"anthropic-version": options.version} if options.version else None,
        # Without it the SDK refuses long answers before sending them.
        "timeout": options.timeout,
    }
    return {name: value for name, value in fields.items() if value is not None}


def samples(options: Anthropic.Options) -> bool:
    """Whether the API's version takes temperature and top_p."""
    return options.version is not None and options.version < "2026-10-21"


def sampling(request: Request, options: Anthropic.Options) -> dict[str, Any]:
    """Fields that the SDK no longer has, for versions of the API that do."""
    temperature = options.temperature if request.temperature is None else request.temperature
    fields = {"temperature": temperature, "top_p": options.top_p}
    return {name: value for name, value in fields.items() if value is not None and samples(options)}


def messages(chat: tuple[Message, ...]) -> list[dict[str, Any]]:
    """The chat without system messages, neighbours of one role merged, empty texts (the API refuses them) left out."""
    turns: list[dict[str, Any]] = []
    for m in chat:
        if m.role == "system":
            continue
        role = "assistant" if m.role == "assistant" else "user"
        if not turns or turns[-1]["role"] != role:
            turns.append({"role": role, "content": []})
        turns[-1]["content"] += blocks(m)
    for entry in turns:
        # Results must come before any text of the same message.
        entry["content"].sort(key=lambda b: b["type"] != "tool_result" and entry["role"] == "user")
    return [entry for entry in turns if entry["content"]]


def blocks(m: Message) -> list[dict[str, Any]]:
    """The blocks of one message."""
    if m.role == "tool":
        return [{"type": "tool_result", "tool_use_id": m.call_id or "", "content": m.content}]
    text = [{"type": "text", "text": m.content}] if m.content.strip() else []
    return text + [{"type": "tool_use", "id": c.id, "name": c.name, "input": arguments(c.arguments)} for c in m.calls]


def tool(function: dict[str, Any]) -> dict[str, Any]:
    """An OpenAI function tool in Anthropic's form."""
    inner = function["function"]
    schema = inner.get("parameters") or {"type": "object", "properties": {}}
    return {"name": inner["name"], "description": inner.get("description", ""), "input_schema": schema}
