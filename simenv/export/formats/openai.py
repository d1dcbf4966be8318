"""Rows of OpenAI's fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import openai_message
from simenv.types import Sample


class OpenAI(Format):
    """`weight` is 1 or 0 for each assistant message, of which the last ends the chat."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        last = max((i for i, m in enumerate(sample.messages) if m.role == "assistant"), default=-1)
        messages = sample.messages[: last + 1]
        if not any(m.carries_loss_throughout for m in messages):
            return
        rows = [
            openai_message(m) | ({"weight": int(m.carries_loss_throughout)} if m.role == "assistant" else {})
            for m in messages
        ]
        tools: Json = {"tools": list(sample.tools)} if sample.tools else {}
        yield {"messages": rows} | tools
