"""JSON and JSON lines: a record is a paragraph of `key: value` lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.documents import rows
from simenv.errors import Unreadable
from simenv.knowledge.readers.block import Block


def blocks(path: Path) -> Iterator[Block]:
    """All records as one block; Unreadable where one of them is."""
    paragraphs = []
    for row in rows(path):
        if isinstance(row.value, Unreadable):
            raise row.value
        paragraphs.append("\n".join(_lines(row.value)))
    yield Block("\n\n".join(paragraphs))


def _lines(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        yield from (line for inner in value for line in _lines(inner, name))
    elif value is not None:
        yield f"{name}: {value}" if name else str(value)
