"""Rows of axolotl's `type: chat_template`."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.export.format import Format, Json
from simenv.export.messages import json_text
from simenv.types import Sample


class Axolotl(Format):
    """`train` is its message_field_training.

    Messages and tools are JSON texts, which its loader reads: as nested columns, Arrow would merge the arguments of all
    calls of a file into one record, and fail on files whose first calls come late.
    """

    def rows(self, sample: Sample) -> Iterator[Json]:
        chat = self.spelling.chat(sample.messages)
        flags = [m.carries_loss_throughout and not m.finish for m in chat]
        messages = [row | {"train": flag} for row, flag in zip(self.spelling.rows(chat), flags, strict=True)]
        yield {"id": sample.id, "messages": json_text(messages), "tools": json_text(list(sample.tools))}
