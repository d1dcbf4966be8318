"""Word documents: a block for each heading, the rows of tables as lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docx import Document
from docx.table import Table

from simenv.knowledge.readers.block import Block


def blocks(path: Path) -> Iterator[Block]:
    """The text under each heading, and before the first one."""
    heading: str | None = None
    parts: list[str] = []
    for item in Document(str(path)).iter_inner_content():
        if isinstance(item, Table):
            parts += [" | ".join(cell.text.strip() for cell in row.cells) for row in item.rows]
        elif item.style is not None and (item.style.name or "").startswith(("Heading", "Title")):
            yield Block("\n\n".join(parts), heading=heading)
            heading, parts = item.text.strip(), []
        elif item.text.strip():
            parts.append(item.text)
    yield Block("\n\n".join(parts), heading=heading)
