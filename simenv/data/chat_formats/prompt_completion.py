"""TRL's prompt and completion, each a text or messages; loss falls on the completion alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, joined
from simenv.data.chat_formats.format import IDS, VERDICTS, Chat, Format, Malformed, failure, own_id
from simenv.data.chat_formats.loss import RECORD_FIELDS, record_loss
from simenv.data.chat_formats.schemas import schemas
from simenv.data.chat_formats.turns import OpenAI

_TURN = OpenAI.fields["messages[]"]


class PromptCompletion(Format):
    """`prompt` and `completion`, with `tools`; with a `label` that is false, a rejected answer."""

    name = "prompt and completion"
    shape = '{"prompt": [{"role": "user", "content": "…"}], "completion": [{"role": "assistant", "content": "…"}]}'
    fields = {
        "": RECORD_FIELDS | {*IDS, *VERDICTS, "prompt", "completion", "tools"},
        "prompt[]": _TURN,
        "completion[]": _TURN,
    }

    def fits(self, record: dict[str, Any]) -> bool:
        return "prompt" in record and "completion" in record

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        before = [_without_loss(t) for t in _turns(record["prompt"], "prompt", "user")]
        turns = [*before, *_turns(record["completion"], "completion", "assistant")]
        messages, notes = joined(turns)
        if not record_loss(record):
            messages = [m.model_copy(update={"train": False}) for m in messages]
        tools = schemas(record.get("tools"), "tools")
        yield Chat(tuple(messages), tools, {}, own_id(record, *IDS), failure(record), tuple(notes))


def _turns(value: Any, place: str, role: str) -> list[Turn]:
    turns = OpenAI().turns([{"role": role, "content": value}] if isinstance(value, str) else value, place)
    if not turns:
        raise Malformed(f"{place}: expected a text or messages, got none")
    return turns


def _without_loss(turn: Turn) -> Turn:
    return Turn(turn.message.model_copy(update={"train": False}), turn.call)
