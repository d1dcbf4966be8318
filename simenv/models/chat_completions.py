"""Chat completions: the protocol of OpenAI that every other server speaks too, with what each adds of reasoning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from simenv.model import Request
from simenv.models.calls import arguments
from simenv.models.limits import Transient
from simenv.models.openai_protocol import Body, Protocol, Read, Sampling, Tokens, sampled
from simenv.reasoning import Reasoning, inline
from simenv.types import Call, Message

WORDS = ("text", "summary")
"""Keys of an entry of `reasoning_details` that hold words."""


class ChatCompletions(Protocol):
    """POST to /chat/completions."""

    path: ClassVar[str] = "/chat/completions"

    def body(self, request: Request, options: Sampling) -> Body:
        limit = options.max_tokens_name or ("max_tokens" if options.base_url else "max_completion_tokens")
        loop = _loop_start(request.messages) if options.reasoning == "loop" else 0
        return {
            "model": options.model,
            "messages": [
                message(m, options.reasoning != "none" and i >= loop, options.reasoning != "none")
                for i, m in enumerate(request.messages)
            ],
            "tools": list(request.tools) or None,
            "parallel_tool_calls": options.parallel_tool_calls if request.tools else None,
            limit: request.max_tokens or options.max_tokens,
            "stop": list(request.stop) or None,
            **sampled(request, options),
        }

    def read(self, content: bytes, place: str) -> Read:
        answer = Completion.model_validate_json(content)
        if not answer.choices:
            raise Transient(f"the answer has no choices: {content[:200]!r}", "malformed answer")
        choice = answer.choices[0]
        if choice.error:
            raise Transient(f"the answer broke off: {json.dumps(choice.error)[:200]}", "broken answer")
        said = choice.message
        calls = tuple(_calls(said, place))
        finish = "refusal" if said.refusal else choice.finish_reason or ("tool_calls" if calls else "stop")
        return Read(
            text=said.refusal or _plain(said.content),
            reasoning=tuple(_reasoning(said)),
            calls=calls,
            finish="tool_calls" if finish == "function_call" else finish,
            tokens=answer.usage.tokens if answer.usage else None,
        )


class Function(BaseModel):
    name: str
    arguments: str | dict[str, Any] | None = None


class ToolCall(BaseModel):
    id: str | None = None
    function: Function


class Said(BaseModel):
    """The part of an assistant message that is used."""

    content: str | list[dict[str, Any] | str] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: Function | None = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None


class Choice(BaseModel):
    message: Said
    finish_reason: str | None = None
    error: dict[str, Any] | None = None


class InputDetails(BaseModel):
    cached_tokens: int | None = None


class OutputDetails(BaseModel):
    reasoning_tokens: int | None = None


class Used(BaseModel):
    """Counts; null is a count that nobody knows."""

    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)
    total_tokens: int | None = None
    prompt_tokens_details: InputDetails | None = None
    completion_tokens_details: OutputDetails | None = None

    @property
    def tokens(self) -> Tokens:
        """The counts; where a provider (xAI) counts reasoning beside the completion, both together."""
        sent, written = self.prompt_tokens or 0, self.completion_tokens or 0
        details = self.completion_tokens_details
        reasoned = max(0, (details.reasoning_tokens if details else None) or 0)
        if reasoned and self.total_tokens == sent + written + reasoned:
            written += reasoned
        cached = self.prompt_tokens_details.cached_tokens if self.prompt_tokens_details else None
        return Tokens(sent, written, min(max(0, cached or 0), sent), min(reasoned, written))


class Completion(BaseModel):
    """A chat completion as servers really send it: more lenient than the SDK's type, strict where it matters."""

    choices: list[Choice] | None = None
    usage: Used | None = None


def message(m: Message, fields: bool = True, tags: bool = True) -> Body:
    """A message as the protocol writes it; with its reasoning in `fields` of its own, and between `tags` in the text."""
    if m.role == "tool":
        return {"role": "tool", "tool_call_id": m.call_id or "", "content": m.content}
    content = inline(m.content, [r for r in m.reasoning if r.kind == "think"]) if tags and m.reasoning else m.content
    row: Body = {"role": m.role, "content": content}
    if m.calls:
        row["content"] = content or None
        row["tool_calls"] = [{"id": c.id, "type": "function", "function": function(c)} for c in m.calls]
    return row | _fields(m.reasoning) if fields and m.reasoning else row


@lru_cache(maxsize=4096)
def function(call: Call) -> dict[str, str]:
    """A call for sending back. Servers refuse a chat over arguments that are no JSON object, so those are quoted.

    A chat is sent again with each turn, so what was read once is kept. Not to be changed.
    """
    read = arguments(call.arguments)
    sound = read != {"malformed": call.arguments}
    return {"name": call.name, "arguments": call.arguments if sound else json.dumps(read, ensure_ascii=False)}


def _loop_start(messages: Sequence[Message]) -> int:
    """Where the tool loop begins that is still going on: behind the last message of the user."""
    return next((i + 1 for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), 0)


def _fields(reasoning: Sequence[Reasoning]) -> Body:
    """Reasoning in the fields that it came in."""
    fields: Body = {}
    for part in reasoning:
        if part.kind in ("reasoning_content", "reasoning"):
            fields[part.kind] = fields.get(part.kind, "") + part.text
        elif part.kind == "reasoning_details":
            words = {part.data.get("words", "text"): part.text} if part.text else {}
            entry = {key: value for key, value in part.data.items() if key != "words"}
            fields.setdefault(part.kind, []).append(entry | words)
    return fields


def _reasoning(said: Said) -> Iterator[Reasoning]:
    """Reasoning as it came: each entry of a list, or else one text; the same text in two fields is one."""
    entries = said.reasoning_details if isinstance(said.reasoning_details, list) else []
    details = [_detail(entry) for entry in entries if isinstance(entry, dict)]
    yield from details
    if any(part.text for part in details):
        return
    if isinstance(said.reasoning_content, str) and said.reasoning_content:
        yield Reasoning(kind="reasoning_content", text=said.reasoning_content)
    elif isinstance(said.reasoning, str) and said.reasoning:
        yield Reasoning(kind="reasoning", text=said.reasoning)
    elif isinstance(said.content, list):
        yield from _thinking_chunks(said.content)


def _detail(entry: dict[str, Any]) -> Reasoning:
    key = next((k for k in WORDS if isinstance(entry.get(k), str)), "")
    data = {k: v for k, v in entry.items() if k != key}
    return Reasoning(
        kind="reasoning_details", text=entry.get(key, ""), data=data | ({"words": key} if key == "summary" else {})
    )


def _thinking_chunks(content: Sequence[Any]) -> Iterator[Reasoning]:
    """Chunks of thinking amid the chunks of a content, as Mistral writes them."""
    for part in content:
        if isinstance(part, dict) and part.get("type") == "thinking":
            chunks = part.get("thinking")
            text = _plain(chunks) if isinstance(chunks, list | str) else ""
            if text:
                yield Reasoning(kind="think", text=text)


def _calls(said: Said, place: str) -> Iterator[Call]:
    """The calls. Ids are made from the place in the chat, so that equal chats have equal ids."""
    calls = said.tool_calls or ([ToolCall(function=said.function_call)] if said.function_call else [])
    for i, call in enumerate(calls):
        yield Call(id=call.id or f"{place}_{i}", name=call.function.name, arguments=_text(call.function.arguments))


def _text(arguments: str | dict[str, Any] | None) -> str:
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False)
    return arguments or "{}"


def _plain(content: str | Sequence[Any] | None) -> str:
    """The text of a content, which may come in parts; a part without one says nothing."""
    if content is None or isinstance(content, str):
        return content or ""
    parts = [
        p if isinstance(p, str) else p.get("text") for p in content if isinstance(p, str) or p.get("type") == "text"
    ]
    return "".join(part for part in parts if isinstance(part, str))
