"""Rows of ShareGPT, which knows no masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from simenv.export.format import Format, Json
from simenv.export.messages import json_text, speaker, spoken_text, told
from simenv.types import Message, Sample


class ShareGPT(Format):
    """With the roles function_call and observation, as LLaMA-Factory reads them.

    Results of parallel calls are one observation, a JSON list. What follows the last turn of the assistant is left out.
    """

    def rows(self, sample: Sample) -> Iterator[Json]:
        last = max((i for i, m in enumerate(sample.messages) if m.role == "assistant"), default=-1)
        messages = list(_turns(told(m.acted_part) for m in sample.messages[: last + 1]))
        tools: Json = {"tools": json_text(list(sample.tools))} if sample.tools else {}
        if messages:
            yield {"id": sample.id, "conversations": messages} | tools


def _turns(messages: Iterable[Message]) -> Iterator[Json]:
    """Turns, with results that follow each other in one."""
    for is_result, group in groupby(messages, key=lambda m: m.role == "tool"):
        run = list(group)
        if is_result and len(run) > 1:
            yield {"from": "observation", "value": json_text([m.content for m in run])}
        else:
            yield from ({"from": speaker(m), "value": spoken_text(m)} for m in run)
