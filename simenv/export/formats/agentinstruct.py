"""Rows of AgentInstruct (arXiv 2310.12823)."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import json_text, speaker, spoken_text
from simenv.types import Sample


class AgentInstruct(Format):
    """`loss` says whether an answer is trained, and is null for all other messages."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        messages = [
            {
                "from": speaker(m),
                "loss": m.carries_loss_throughout and not m.finish if m.role == "assistant" else None,
                "value": spoken_text(m),
            }
            for m in sample.messages
        ]
        tools = json_text(list(sample.tools)) if sample.tools else ""
        yield {"id": sample.id, "conversations": messages, "tools": tools}
