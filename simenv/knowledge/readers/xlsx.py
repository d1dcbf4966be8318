"""Workbooks: a block for each sheet; a row is a line of `name: value`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from simenv.knowledge.readers.block import Block, row_text


def blocks(path: Path) -> Iterator[Block]:
    """The rows of each sheet below its first row, which names the columns; formulas as the values that were saved."""
    book = load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        rows = ([_text(value) for value in row] for row in sheet.iter_rows(values_only=True))
        filled = (row for row in rows if any(row))
        names = next(filled, [])
        lines = [row_text(names, row) for row in filled]
        yield Block("\n\n".join(lines) if lines else " | ".join(filter(None, names)), heading=sheet.title)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
