"""How a chat template wants its messages: what differs between templates is found by trying each of them.

Training and the local client spell a chat by the same rule, so a model is asked in the words that it was taught.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

import jinja2

from simenv.models.calls import message
from simenv.reasoning import Reasoning, inline
from simenv.types import Call, Message

Json = dict[str, Any]
Render = Callable[[list[Json], tuple[Json, ...]], str]
"""Writes messages and tools by a chat template."""
REFUSALS = (jinja2.TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError)
"""What a chat template raises over messages that it does not take."""
TOOL: Json = {
    "type": "function",
    "function": {
        "name": "probe",
        "description": "Probes.",
        "parameters": {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]},
    },
}
"""A tool to try templates with."""
_NINE = re.compile(r"[A-Za-z0-9]{9}")


@dataclass(frozen=True)
class Spelling:
    """How messages become the objects that a chat template reads."""

    arguments: Literal["object", "text"] = "object"
    """of a call: as most templates want them, or as DeepSeek V3's does"""
    ids: Literal["any", "nine"] = "any"
    """of a call: as they are, or nine letters and digits, as Mistral's templates want them"""
    content: Literal["text", "parts"] = "text"
    """of a message: a text, or a list with one part that holds it, as templates of models that see want it"""
    reasoning: Literal["reasoning_content", "thinking", "reasoning", "text"] = "text"
    """the field of a message in which the template looks for what was thought; text: between tags before the words"""
    system: Literal["own", "folded"] = "own"
    """the system message: as it is, or before the first words of the user, for Gemma, which knows none"""

    def rows(self, messages: Sequence[Message]) -> list[Json]:
        """Messages as the template reads them."""
        return [self._row(m) for m in self.chat(messages)]

    def chat(self, messages: Sequence[Message]) -> list[Message]:
        """The messages that the template is given."""
        return _folded(messages) if self.system == "folded" else list(messages)

    def _row(self, m: Message) -> Json:
        thought = m.thought if m.role == "assistant" else ""
        content = inline(m.content, m.reasoning) if self.reasoning == "text" else m.content
        row = message(m.model_copy(update={"content": content, "reasoning": ()}) if thought else m)
        if thought and self.reasoning != "text":
            row[self.reasoning] = thought
        if self.content == "parts":
            row["content"] = [{"type": "text", "text": row["content"]}]
        for call, given in zip(row.get("tool_calls", ()), m.calls, strict=False):
            call["id"] = self._id(given.id)
            if self.arguments == "text":
                call["function"]["arguments"] = given.arguments
        return row if m.call_id is None else row | {"tool_call_id": self._id(m.call_id)}

    def _id(self, id: str) -> str:
        if self.ids == "any" or _NINE.fullmatch(id):
            return id
        return hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:9]


def of(tokenizer: Any) -> Spelling:
    """The spelling of a tokenizer's chat template."""
    return find(lambda rows, tools: str(tokenizer.apply_chat_template(rows, tools=list(tools) or None, tokenize=False)))


def find(render: Render) -> Spelling:
    """The spelling that a template takes and shows; the usual one for what it takes in no spelling."""
    plain = Spelling()
    if not _shows_words(render, plain) and _shows_words(render, parts := replace(plain, content="parts")):
        plain = parts
    if not _shows_system(render, plain):
        plain = replace(plain, system="folded")
    ways: Iterable[tuple[Any, Any]] = product(("object", "text"), ("any", "nine"))
    spellings = (replace(plain, arguments=arguments, ids=ids) for arguments, ids in ways)
    taken = next((s for s in spellings if _shows_call(render, s)), plain)
    fields: tuple[Any, ...] = ("reasoning_content", "thinking", "reasoning")
    return next((s for f in fields if _shows_thought(render, s := replace(taken, reasoning=f))), taken)


def attempt(render: Render, rows: list[Json], tools: tuple[Json, ...] = ()) -> str | None:
    """The chat as text; None where the template refuses it."""
    try:
        return render(rows, tools)
    except REFUSALS:
        return None


def _shows_system(render: Render, spelling: Spelling) -> bool:
    """Whether a system message is shown; Mistral's templates drop it once somebody has answered."""
    chat = [
        Message(role="system", content="lock"),
        Message(role="user", content="a"),
        Message(role="assistant", content="b"),
    ]
    alone, whole = (attempt(render, spelling.rows(part)) for part in (chat[1:], chat))
    return alone is None or "lock" in (whole or "")


def _shows_words(render: Render, spelling: Spelling) -> bool:
    chat = [Message(role="user", content="a"), Message(role="assistant", content="lock")]
    return "lock" in (attempt(render, spelling.rows(chat)) or "")


def _shows_thought(render: Render, spelling: Spelling) -> bool:
    """Whether the thought of the last answer is shown, beside words or beside a call: some templates show it there alone."""
    thought = (Reasoning(kind="reasoning_content", text="lock"),)
    call = Call(id="call_0", name="probe", arguments="{}")
    said = Message(role="assistant", content="b", reasoning=thought)
    for answer in (said, said.model_copy(update={"content": "", "calls": (call,)})):
        rows = spelling.rows([Message(role="user", content="a"), answer])
        if "lock" in (attempt(render, rows, (TOOL,)) or ""):
            return True
    return False


def _shows_call(render: Render, spelling: Spelling) -> bool:
    """Whether a call is shown with its arguments as JSON or in the template's own form, and not as a quoted or Python text."""
    call = Call(id="call_0", name="probe", arguments='{"key": "lock"}')
    chat = [
        Message(role="user", content="a"),
        Message(role="assistant", content="", calls=(call,)),
        Message(role="tool", content="b", call_id="call_0"),
    ]
    text = attempt(render, spelling.rows(chat), (TOOL,)) or ""
    return "lock" in text and "{'key'" not in text and '{\\"key' not in text


def _folded(messages: Sequence[Message]) -> list[Message]:
    """The chat with its system message before the first words of the user."""
    if not messages or messages[0].role != "system":
        return list(messages)
    system, *rest = messages
    if not rest or rest[0].role != "user":
        return [system.model_copy(update={"role": "user"}), *rest]
    return [rest[0].model_copy(update={"content": f"{system.content}\n\n{rest[0].content}"}), *rest[1:]]
