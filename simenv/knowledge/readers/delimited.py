"""CSV and its kin: a row is a line of `name: value`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from simenv.errors import Unreadable
from simenv.knowledge.readers.block import Block, row_text
from simenv.knowledge.readers.text import decoded

_SAMPLE = 1 << 16


def blocks(path: Path) -> Iterator[Block]:
    """The rows below the first one, which names the columns."""
    text = decoded(path)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:_SAMPLE], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if path.suffix == ".tsv" else csv.excel
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(keepends=True), dialect)]
    except csv.Error as e:
        raise Unreadable(str(path), f"damaged table: {e}") from e
    names, *rest = [row for row in rows if any(row)] or [[]]
    yield Block("\n\n".join(row_text(names, row) for row in rest) if rest else "; ".join(names))
