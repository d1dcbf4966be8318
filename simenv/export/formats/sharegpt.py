"""Rows of ShareGPT, which knows no masks."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import json_text, speaker, spoken_text
from simenv.types import Sample


class ShareGPT(Format):
    """With the roles function_call and observation, as LLaMA-Factory reads them."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        messages = [{"from": speaker(m), "value": spoken_text(m.acted_part)} for m in sample.messages]
        tools: Json = {"tools": json_text(list(sample.tools))} if sample.tools else {}
        yield {"id": sample.id, "conversations": messages} | tools
