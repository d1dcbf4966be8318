"""Anthropic's messages: the system prompt apart, roles alternating, calls and their results as blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import anthropic
from pydantic import BaseModel, Field, ValidationError

from simenv.errors import ConfigError
from simenv.model import Request
from simenv.models.budget import Budget
from simenv.models.calls import arguments
from simenv.models.concessions import Concessions
from simenv.models.keys import Address, Variable, key
from simenv.models.limits import Client, Settings, Transient
from simenv.models.outbox import Sent
from simenv.models.wire import Wire
from simenv.options import explain_validation
from simenv.reasoning import Reasoning
from simenv.types import Call, Message, Reply, Usage

FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""Stop reasons in the words that the rest of simenv knows; others pass as they are. `refusal` is that of a filter."""
THINKING = ("thinking", "redacted_thinking")
CACHED = {"type": "ephemeral"}


class Anthropic(Client):
    """One try is one POST to /v1/messages. There are no seeds; blocks of thinking go back with their signatures.

    The API takes no temperature and no top_p since its version 2026-10-21, which the SDK sends: as options they are
    refused, in a request they are left out and counted. The option `version` goes back to one that takes them.
    """

    class Options(Settings):
        model: str
        """The model's name with the provider."""
        base_url: Address | None = None
        """Address of the server; none: Anthropic's own."""
        api_key_env: Variable = "ANTHROPIC_API_KEY"
        """Name of the environment variable with the key."""
        max_tokens: int = Field(default=4096, ge=1)
        """Tokens of the answer; the protocol requires a bound."""
        version: str | None = None
        """The header anthropic-version; with "2023-06-01" older models still take temperature and top_p."""
        reasoning: Literal["all", "none"] = Field(default="all", exclude_if=lambda value: value == "all")
        """Whether turns are sent back with their thinking; the API wants it back with the calls that it led to."""
        extra_body: dict[str, Any] = {}
        """Further fields of the request's body, such as {"thinking": {"type": "enabled", "budget_tokens": 1024}}; null takes
        a field away, such as the cache_control that marks a growing chat for the provider's cache."""

    options: Options

    def __init__(self, options: Options, budget: Budget | None = None) -> None:
        super().__init__(options, budget)
        if not samples(options) and (options.temperature is not None or options.top_p is not None):
            raise ConfigError(
                f"{self.label}: the API takes no temperature and no top_p any more; leave them out, or set version to "
                "'2023-06-01' for a model that still takes them"
            )
        secret = key(options.api_key_env, options.base_url)
        connections = anthropic.DefaultAsyncHttpxClient(timeout=options.timeout)
        client = anthropic.AsyncAnthropic(api_key=secret, base_url=options.base_url, http_client=connections)
        self._wire = Wire(client, connections, secret)
        self._concessions = Concessions(self.label)

    @property
    def sent(self) -> tuple[Sent, ...]:
        return self._wire.outbox.sent

    async def attempt(self, request: Request) -> Reply:
        if request.temperature is not None and not samples(self.options):
            self.tally["temperatures not sent"] += 1
        headers = {"anthropic-version": self.options.version} if self.options.version else None
        content = await self._concessions.post(self._wire, "/v1/messages", body(request, self.options), headers)
        try:
            reply = self._read(content)
        except ValidationError as e:
            raise Transient(explain_validation(e, "the answer is no message"), "malformed answer") from e
        return reply.model_copy(update={"text": self._concessions.stopped(reply.text, request.stop)})

    def _read(self, content: bytes) -> Reply:
        answer = Answer.model_validate_json(content)
        text, reasoning, calls = "", [], []
        for block in answer.content:
            if block.type == "text":
                text += block.text or ""
            elif block.type == "tool_use":
                arguments = json.dumps(block.input, ensure_ascii=False)
                calls.append(Call(id=block.id, name=block.name, arguments=arguments))
            elif block.type in THINKING:
                reasoning.append(_reasoning(block, len(text), len(calls)))
        finish = FINISH.get(answer.stop_reason or "end_turn", answer.stop_reason or "stop")
        usage = self._usage(answer.usage)
        return Reply(text=text, reasoning=tuple(reasoning), calls=tuple(calls), finish=finish, usage=usage)

    def _usage(self, tokens: Used) -> Usage:
        read, cached = tokens.cache_read_input_tokens or 0, tokens.cache_creation_input_tokens or 0
        cost = self.price.cost(tokens.input_tokens, tokens.output_tokens, read, cached) if self.price else 0.0
        return Usage(input_tokens=tokens.input_tokens + read + cached, output_tokens=tokens.output_tokens, cost=cost)

    async def close(self) -> None:
        await self._wire.close()


class Block(BaseModel):
    type: str
    text: str | None = None
    id: str = ""
    name: str = ""
    input: dict[str, Any] = {}
    thinking: str = ""
    signature: str | None = None
    data: str = ""


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
        "messages": messages(request.messages, options.reasoning == "all"),
        "tools": [tool(t) for t in request.tools] or None,
        "max_tokens": request.max_tokens or options.max_tokens,
        "stop_sequences": list(request.stop) or None,
        # A single question is not asked again, and writing it to the cache would cost more than reading it.
        "cache_control": CACHED if len(request.messages) > 1 else None,
        **sampling(request, options),
        **options.extra_body,
    }
    return {name: value for name, value in fields.items() if value is not None}


def samples(options: Anthropic.Options) -> bool:
    """Whether the API's version takes temperature and top_p."""
    return options.version is not None and options.version < "2026-10-21"


def sampling(request: Request, options: Anthropic.Options) -> dict[str, Any]:
    """Fields for versions of the API that have them."""
    temperature = options.temperature if request.temperature is None else request.temperature
    fields = {"temperature": temperature, "top_p": options.top_p}
    return {name: value for name, value in fields.items() if value is not None and samples(options)}


def messages(chat: tuple[Message, ...], thinking: bool = True) -> list[dict[str, Any]]:
    """The chat without system messages, neighbours of one role merged, empty texts (the API refuses them) left out."""
    turns: list[dict[str, Any]] = []
    for m in chat:
        if m.role == "system":
            continue
        role = "assistant" if m.role == "assistant" else "user"
        if not turns or turns[-1]["role"] != role:
            turns.append({"role": role, "content": []})
        turns[-1]["content"] += blocks(m, thinking)
    for entry in turns:
        # Results must come before any text of the same message.
        entry["content"].sort(key=lambda b: b["type"] != "tool_result" and entry["role"] == "user")
    return [entry for entry in turns if entry["content"]]


def blocks(m: Message, thinking: bool = True) -> Iterator[dict[str, Any]]:
    """The blocks of one message: what was thought, said and called, each in its place."""
    if m.role == "tool":
        yield {"type": "tool_result", "tool_use_id": m.call_id or "", "content": m.content}
        return
    said = 0
    for part in [r for r in m.reasoning if r.kind in THINKING and not r.calls] if thinking else ():
        yield from _text(m.content[said : part.characters])
        yield _block(part)
        said = max(said, part.characters)
    yield from _text(m.content[said:])
    for number, call in enumerate(m.calls):
        yield from (_block(r) for r in m.reasoning if r.kind in THINKING and 0 < r.calls == number and thinking)
        yield {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments(call.arguments)}


def _text(text: str) -> Iterator[dict[str, Any]]:
    """A block of text; the API refuses one that says nothing."""
    if text.strip():
        yield {"type": "text", "text": text}


def _block(part: Reasoning) -> dict[str, Any]:
    """A block of thinking as it came: any change breaks its signature."""
    return {"type": part.kind, **({"thinking": part.text} if part.kind == "thinking" else {}), **part.data}


def _reasoning(block: Block, characters: int, calls: int) -> Reasoning:
    if block.type == "redacted_thinking":
        return Reasoning(kind="redacted_thinking", data={"data": block.data}, characters=characters, calls=calls)
    data = {} if block.signature is None else {"signature": block.signature}
    return Reasoning(kind="thinking", text=block.thinking, data=data, characters=characters, calls=calls)


def tool(function: dict[str, Any]) -> dict[str, Any]:
    """An OpenAI function tool in Anthropic's form."""
    inner = function["function"]
    schema = inner.get("parameters") or {"type": "object", "properties": {}}
    return {"name": inner["name"], "description": inner.get("description", ""), "input_schema": schema}
