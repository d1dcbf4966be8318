"""Records that are a list of turns, each with a role and a content: OpenAI's messages, ShareGPT, AgentInstruct."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from simenv.data.chat_formats.calls import Turn, call, calls, joined, text_calls
from simenv.data.chat_formats.content import REASONING, answer, plain_text, reasoning
from simenv.data.chat_formats.declarations import without_declaration
from simenv.data.chat_formats.format import (
    IDS,
    VERDICTS,
    Chat,
    Format,
    Malformed,
    failure,
    listed,
    object_list,
    own_id,
    text_field,
)
from simenv.data.chat_formats.loss import RECORD_FIELDS, TURN_FIELDS, record_loss, turn_loss
from simenv.data.chat_formats.schemas import schemas
from simenv.reply_text import reasoning_apart
from simenv.types import Message

TOOLS = ("tools", "functions", "available_tools")
SYSTEM = ("system", "system_prompt")
_OTHERS_LOSS = "loss on a turn that is not the assistant's"
RECORD = frozenset((*IDS, *TOOLS, *VERDICTS, *SYSTEM, "chosen", "rejected")) | RECORD_FIELDS
TURN = frozenset(("tool_calls", "tool_call_id", "tool_call_ids", "function_call", "name", *REASONING)) | TURN_FIELDS


class Turns(Format):
    """A list of turns under one key, each with a role and a text under the same two keys."""

    key: ClassVar[str]
    role: ClassVar[str]
    text: ClassVar[str]
    roles: ClassVar[dict[str, str]]
    """Our names by those of the format; `call` is a turn of the assistant whose text is a call as JSON."""

    def __init_subclass__(cls) -> None:
        cls.fields = {
            "": RECORD | {cls.key},
            f"{cls.key}[]": TURN | {cls.role, cls.text},
            f"{cls.key}[].tool_calls[]": frozenset(("id", "type", "function", "name", "arguments", "index", "call_id")),
            f"{cls.key}[].tool_calls[].function": frozenset(("name", "arguments")),
        }

    def fits(self, record: dict[str, Any]) -> bool:
        turns = listed(record.get(self.key))
        return isinstance(turns, list) and all(isinstance(t, dict) and self.role in t for t in turns[:1])

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        _refuse_pairs(record)
        turns = self.turns(record[self.key], self.key)
        tools = next((found for key in TOOLS if (found := schemas(record.get(key), key))), ())
        turns, tools = without_declaration(turns, tools)
        messages, notes = joined(_with_system(turns, next((t for k in SYSTEM if (t := text_field(record, k, ""))), "")))
        if not record_loss(record):
            messages = [m.model_copy(update={"train": False}) for m in messages]
        notes += [_OTHERS_LOSS for m in messages if m.train and m.role != "assistant"]
        yield Chat(
            tuple(m.model_copy(update={"train": m.carries_loss}) if m.train else m for m in messages),
            tools,
            {k: v for k, v in record.items() if k not in (self.key, *SYSTEM, *TOOLS)},
            own_id(record, *IDS),
            failure(record),
            tuple(notes),
        )

    def turns(self, value: Any, place: str) -> list[Turn]:
        """The turns of a list, or of its JSON text."""
        return [self._turn(t, f"{place}[{n}]", n) for n, t in enumerate(object_list(value, place))]

    def _turn(self, turn: dict[str, Any], place: str, number: int) -> Turn:
        if not isinstance(turn.get(self.role), str):
            raise Malformed(f"{place}: expected an object with {self.role} and {self.text}, got {turn!r:.80}")
        role = self.roles.get(turn[self.role])
        if role is None:
            raise Malformed(
                f"{place}.{self.role}: expected one of {', '.join(sorted(self.roles))}, got {turn[self.role]!r:.80}"
            )
        thoughts, made = reasoning(turn, place), self._calls(turn, place, number)
        content = turn.get(self.text)
        text = "" if content is None and (thoughts or made) else plain_text(content, f"{place}.{self.text}")
        flag = turn_loss(turn, text, place)
        if role == "call":
            called, tagged = reasoning_apart(text)
            role, text, made = "assistant", "", text_calls(called, place, f"call_{number}")
            thoughts = (*thoughts, *tagged)
        if role == "assistant":
            return Turn(answer(text, thoughts, made, flag is not False))
        if made or thoughts:
            raise Malformed(
                f"{place}: expected calls and reasoning of the assistant alone, got those of {turn[self.role]}"
            )
        name = turn.get("name") if role == "tool" else None
        message = Message(role=role, content=text, call_id=_call_id(turn, role, place), train=bool(flag))  # type: ignore[arg-type]
        return Turn(message, name if isinstance(name, str) else "")

    def _calls(self, turn: dict[str, Any], place: str, number: int) -> Sequence[Any]:
        """The calls of a turn, in tool_calls or in the function_call of old."""
        made = calls(turn.get("tool_calls"), f"{place}.tool_calls", f"call_{number}")
        old = turn.get("function_call")
        if old is None:
            return made
        if made:
            raise Malformed(f"{place}: expected tool_calls or function_call, got both")
        return (call(old, f"{place}.function_call", f"call_{number}_0"),)


class OpenAI(Turns):
    """`messages` of role and content, with tool_calls; TRL's, axolotl's chat_template, ms-swift's, SWE-smith's are the same."""

    name, key, role, text = "openai", "messages", "role", "content"
    shape = '{"messages": [{"role": "user", "content": "…"}, …], "tools": […]}'
    roles = {
        "system": "system", "developer": "system", "user": "user", "assistant": "assistant", "tool": "tool",
        "function": "tool", "tool_response": "tool", "tool_call": "call",
    }  # fmt: skip


class Conversations(OpenAI):
    """AgentInstruct with role and content, as the Agent Data Protocol samples have it."""

    name, key = "conversations", "conversations"
    shape = '{"id": "…", "conversations": [{"role": "user", "content": "…"}, …]}'


class ShareGPT(Turns):
    """`conversations` of from and value; AgentInstruct and AgentTraj with `loss`, LLaMA-Factory's tool calls, NeMo's mask."""

    name, key, role, text = "sharegpt", "conversations", "from", "value"
    shape = '{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…", "loss": true}, …]}'
    roles = {
        "system": "system", "human": "user", "user": "user", "User": "user", "gpt": "assistant", "assistant": "assistant",
        "Assistant": "assistant", "chatgpt": "assistant", "bard": "assistant", "tool": "tool", "observation": "tool",
        "function_response": "tool", "function_call": "call",
    }  # fmt: skip

    def turns(self, value: Any, place: str) -> list[Turn]:
        """The turns; calls that stand in several turns in a row are those of one."""
        merged: list[Turn] = []
        for turn in super().turns(value, place):
            before = merged[-1].message if merged else None
            if before and _calls_alone(before) and _calls_alone(turn.message) and before.train == turn.message.train:
                both = before.model_copy(update={"calls": before.calls + turn.message.calls})
                merged[-1] = Turn(both)
            else:
                merged.append(turn)
        return merged


def _calls_alone(m: Message) -> bool:
    return bool(m.calls) and not m.content and not m.reasoning


def _call_id(turn: dict[str, Any], role: str, place: str) -> str | None:
    """The id of the call that a result answers; SWE-agent has it in a list of one."""
    listed_ids = turn.get("tool_call_ids")
    lone = listed_ids[0] if isinstance(listed_ids, list) and len(listed_ids) == 1 else None
    id = turn.get("tool_call_id", lone)
    if not isinstance(id, str | None):
        raise Malformed(f"{place}.tool_call_id: expected a text, got {id!r:.80}")
    return (id or None) if role == "tool" else None


def _with_system(turns: list[Turn], text: str) -> list[Turn]:
    """The turns, with the system text of the record before them if there is one."""
    if not text:
        return turns
    first = turns[0].message if turns else None
    if first is not None and first.role == "system":
        if first.content == text:
            return turns
        raise Malformed(f"system: expected the text of the system turn, or none, got another one: {text!r:.80}")
    return [Turn(Message(role="system", content=text)), *turns]


def _refuse_pairs(record: dict[str, Any]) -> None:
    """Malformed for preference data, whose rejected answers would be trained, or whose chosen ones would be lost."""
    if record.get("chosen") is not None or record.get("rejected") is not None:
        raise Malformed(
            "chosen, rejected: a pair of preference data; expected a chat, such as the prompt with what was chosen"
        )
