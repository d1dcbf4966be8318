"""Rows of TRL's conversational prompt and completion."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import json_text, openai_message
from simenv.types import Sample


class TRL(Format):
    """One row for each trained turn. TRL trains whole completions, so in this form a masked turn stays masked."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        for place, m in enumerate(sample.messages):
            if m.carries_loss:
                prompt = [openai_message(p) for p in sample.messages[:place]]
                yield {
                    "prompt": prompt,
                    "completion": [openai_message(m.acted_part)],
                    "tools": json_text(list(sample.tools)),
                }
