"""Readings of a claim that need the true rows to be told apart: bare cells, pairs, NULLs and line breaks of text tables.

Each may be right; what is not the answer in any of them is judged as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .output_parser import ParsedOutput, UntypedCell

Row = tuple[Any, ...]
_LONGEST = 4000
_NULLS = ("NULL", "None", "null")
_PAIR = re.compile(r"\s*([^:,\n]{1,64}?)\s*:\s*([^,\n]*?)\s*(?:,|\n|\Z)")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def bare_rows(text: str, columns: Sequence[str]) -> Iterator[list[Row]]:
    """Rows of a text that is neither list nor table: a cell a line, with the column's name above or not; one row of pairs."""
    text = text.strip()
    if not text or text in _NULLS or len(text) > _LONGEST or not columns:
        return
    if len(columns) == 1:
        lines = text.split("\n")
        yield [(_cell(line),) for line in lines]
        if lines[0].strip().casefold() == columns[0].casefold() and len(lines) > 1:
            yield [(_cell(line),) for line in lines[1:]]
    found = list(_PAIR.finditer(text))
    if "".join(m[0] for m in found) == text and [m[1].casefold() for m in found] == [c.casefold() for c in columns]:
        yield [tuple(_cell(m[2]) for m in found)]


def table_rows(output: ParsedOutput, rows: Sequence[Row], true: Sequence[Row]) -> Iterator[list[Row]]:
    """Other readings of a text table's rows: NULL as a text where the true rows have it so, <br> as a line break."""
    if not output.untyped or len(rows) != len(true):
        return
    yield [
        tuple(_null_like(c, t) for c, t in zip(row, like, strict=False)) for row, like in zip(rows, true, strict=True)
    ]
    if any(isinstance(c, str) and _BREAK.search(c) for row in rows for c in row):
        yield [tuple(UntypedCell(_BREAK.sub("\n", c)) if isinstance(c, str) else c for c in row) for row in rows]


def _null_like(cell: Any, true: Any) -> Any:
    return true if cell is None and true in _NULLS else cell


def _cell(text: str) -> Any:
    text = text.strip()
    if text in _NULLS:
        return None
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else UntypedCell(text)
