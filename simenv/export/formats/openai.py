"""Rows of OpenAI's fine-tuning."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import openai_message
from simenv.types import Sample


class OpenAI(Format):
    """`weight` is 1 or 0 for each assistant message, of which the last ends the chat. Reasoning has no place in it."""

    closed = True

    def rows(self, sample: Sample) -> Iterator[Json]:
        last = max((i for i, m in enumerate(sample.messages) if m.role == "assistant"), default=-1)
        messages = sample.messages[: last + 1]
        weights = [int(m.carries_loss_throughout and not m.finish) for m in messages]
        if not any(weights):
            return
        rows = [
            openai_message(m) | ({"weight": weight} if m.role == "assistant" else {})
            for m, weight in zip(messages, weights, strict=True)
        ]
        tools: Json = {"tools": list(sample.tools)} if sample.tools else {}
        yield {"messages": rows} | tools
