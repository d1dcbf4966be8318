"""A piece of a document between two headings, or on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Block(NamedTuple):
    """Text with the page (from 1) or the heading it stands under, where the format has such."""

    text: str
    page: int | None = None
    heading: str | None = None


Blocks = Callable[[Path], Iterator[Block]]
"""Reads one format. Unreadable says what is wrong with a file and what to do."""


def row_text(names: list[str], values: list[str]) -> str:
    """A row of a table as a line: `name: value` for each cell that is not empty."""
    wide = [*names, *(f"column {n + 1}" for n in range(len(names), len(values)))]
    return "; ".join(f"{name}: {value}" if name else value for name, value in zip(wide, values, strict=False) if value)
