"""Alpaca: one question and answer, with pairs that came before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.content import answer
from simenv.data.chat_formats.format import IDS, VERDICTS, Chat, Format, Malformed, failure, own_id, text_field
from simenv.data.chat_formats.loss import RECORD_FIELDS, record_loss
from simenv.types import Message


class Alpaca(Format):
    """`instruction`, `input` and `output`, with a `system` and a `history` of pairs where there are any."""

    name = "alpaca"
    shape = '{"instruction": "…", "input": "…", "output": "…"}'
    fields = {"": RECORD_FIELDS | {*IDS, "instruction", "input", "output", "system", "history", *VERDICTS}}

    def fits(self, record: dict[str, Any]) -> bool:
        return "instruction" in record and "output" in record

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        texts = {key: text_field(record, key, "") for key in ("instruction", "input", "output", "system")}
        pairs = record.get("history") or []
        if not isinstance(pairs, list) or any(not _pair(p) for p in pairs):
            raise Malformed(f"history: expected a list of [question, answer], got {pairs!r:.80}")
        question_text = "\n\n".join(filter(None, [texts["instruction"], texts["input"]]))
        messages = [Message(role="system", content=texts["system"])] if texts["system"] else []
        train = record_loss(record)
        for question, reply in [*pairs, (question_text, texts["output"])]:
            messages += [Message(role="user", content=question), answer(reply, train=train)]
        yield Chat(
            tuple(messages),
            extra={k: v for k, v in record.items() if k not in ("instruction", "output")},
            id=own_id(record, *IDS),
            failure=failure(record),
        )


def _pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(v, str) for v in value)
