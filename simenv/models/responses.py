"""OpenAI's Responses API: a chat as items, in which reasoning is one of its own and goes back encrypted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from simenv.errors import ModelError
from simenv.model import Request
from simenv.models.chat_completions import function
from simenv.models.limits import Transient
from simenv.models.openai_protocol import Body, Protocol, Read, Sampling, Tokens, sampled
from simenv.reasoning import Reasoning
from simenv.types import Call, Message

FINISH = {"max_output_tokens": "length"}
"""Reasons of an incomplete answer in the words that the rest of simenv knows; others pass as they are."""
_KEPT = ("id", "encrypted_content")


class Responses(Protocol):
    """POST to /responses. Nothing is stored at the server, so that reasoning comes and goes as encrypted items.

    There are no stop sequences and no seeds.
    """

    path: ClassVar[str] = "/responses"

    def body(self, request: Request, options: Sampling) -> Body:
        reasoning = options.reasoning != "none"
        drawn = {name: value for name, value in sampled(request, options).items() if name != "seed"}
        return {
            "model": options.model,
            "input": [item for m in request.messages for item in items(m, reasoning)],
            "tools": [t["function"] | {"type": "function", "strict": False} for t in request.tools] or None,
            "parallel_tool_calls": options.parallel_tool_calls if request.tools else None,
            "max_output_tokens": request.max_tokens or options.max_tokens,
            "store": False,
            "include": ["reasoning.encrypted_content"] if reasoning else None,
            **drawn,
        }

    def read(self, content: bytes, place: str) -> Read:
        answer = Answer.model_validate_json(content)
        if answer.error or answer.status == "failed":
            raise Transient(f"the answer broke off: {str(answer.error)[:200]}", "broken answer")
        if answer.status == "cancelled":
            raise ModelError("the server cancelled the answer")
        reasoning: list[Reasoning] = []
        calls: list[Call] = []
        text = refused = ""
        for item in answer.output:
            if item.type == "reasoning":
                reasoning.append(_reasoning(item, len(text), len(calls)))
            elif item.type == "function_call":
                calls.append(Call(id=item.call_id or f"{place}_{len(calls)}", name=item.name, arguments=item.arguments))
            elif item.type == "message":
                text += _words(item.content, "text")
                refused += _words(item.content, "refusal")
        return Read(
            text=refused or text,
            reasoning=tuple(reasoning),
            calls=tuple(calls),
            finish=_finish(answer, bool(calls), refused),
            tokens=answer.usage.tokens if answer.usage else None,
        )


class Item(BaseModel):
    """An item of the output: a message, a call or reasoning."""

    type: str
    id: str | None = None
    call_id: str | None = None
    name: str = ""
    arguments: str = "{}"
    content: list[dict[str, Any]] | None = None
    summary: list[dict[str, Any]] | None = None
    encrypted_content: str | None = None


class Details(BaseModel):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Used(BaseModel):
    input_tokens: int | None = Field(default=None, ge=0)
    output_tokens: int | None = Field(default=None, ge=0)
    input_tokens_details: Details | None = None
    output_tokens_details: Details | None = None

    @property
    def tokens(self) -> Tokens:
        """The counts, of which null is 0."""
        sent, written = self.input_tokens or 0, self.output_tokens or 0
        cached = self.input_tokens_details.cached_tokens if self.input_tokens_details else None
        reasoned = self.output_tokens_details.reasoning_tokens if self.output_tokens_details else None
        return Tokens(sent, written, min(max(0, cached or 0), sent), min(max(0, reasoned or 0), written))


class Incomplete(BaseModel):
    reason: str | None = None


class Answer(BaseModel):
    status: str | None = None
    output: list[Item]
    incomplete_details: Incomplete | None = None
    error: dict[str, Any] | None = None
    usage: Used | None = None


def items(m: Message, reasoning: bool = True) -> Iterator[Body]:
    """The items of one message: what was thought, said and called, each in its place."""
    if m.role == "tool":
        yield {"type": "function_call_output", "call_id": m.call_id or "", "output": m.content}
        return
    if m.role != "assistant":
        yield {"role": m.role, "content": m.content}
        return
    thoughts = [r for r in m.reasoning if r.kind == "responses"] if reasoning else []
    yield from _thoughts(thoughts, 0)
    if m.content:
        yield {"role": "assistant", "content": m.content}
    for number, call in enumerate(m.calls):
        if number:
            yield from _thoughts(thoughts, number)
        yield {"type": "function_call", "call_id": call.id, **function(call)}


def _thoughts(reasoning: Sequence[Reasoning], calls: int) -> Iterator[Body]:
    """The items of reasoning that stand behind so many calls."""
    for part in reasoning:
        if part.calls == calls:
            kept = {key: part.data[key] for key in _KEPT if key in part.data}
            yield {"type": "reasoning", "summary": [], **kept, **_listed(part)}


def _listed(part: Reasoning) -> Body:
    if not part.text:
        return {}
    name = part.data.get("words", "summary")
    return {name: [{"type": "reasoning_text" if name == "content" else "summary_text", "text": part.text}]}


def _reasoning(item: Item, characters: int, calls: int) -> Reasoning:
    """An item as it is kept: the full words where the server gives them, else their summary."""
    data = {key: value for key in _KEPT if (value := getattr(item, key)) is not None}
    words = _words(item.content, "text", "\n\n")
    if words:
        data["words"] = "content"
    text = words or _words(item.summary, "text", "\n\n")
    return Reasoning(kind="responses", text=text, data=data, characters=characters, calls=calls)


def _words(parts: Sequence[dict[str, Any]] | None, key: str, between: str = "") -> str:
    return between.join(p[key] for p in parts or () if isinstance(p.get(key), str))


def _finish(answer: Answer, called: bool, refused: str) -> str:
    if answer.status == "incomplete":
        reason = (answer.incomplete_details.reason if answer.incomplete_details else None) or "incomplete"
        return FINISH.get(reason, reason)
    return "refusal" if refused else "tool_calls" if called else "stop"
