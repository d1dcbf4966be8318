"""Presentations: a block for each slide, with its notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pptx import Presentation

from simenv.knowledge.readers.block import Block


def blocks(path: Path) -> Iterator[Block]:
    """The texts of each slide in the order of its shapes, then the speaker's notes; the title is the heading."""
    for number, slide in enumerate(Presentation(str(path)).slides, 1):
        title = slide.shapes.title
        parts = [text for shape in slide.shapes if shape != title for text in _texts(shape)]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            parts.append(slide.notes_slide.notes_text_frame.text)
        yield Block("\n\n".join(filter(None, parts)), number, title.text_frame.text if title is not None else None)


def _texts(shape: Any) -> Iterator[str]:
    """The texts of a shape: of its frame, the rows of its table, or the shapes of its group."""
    if getattr(shape, "has_table", False):
        yield from (" | ".join(cell.text for cell in row.cells) for row in shape.table.rows)
    elif shape.has_text_frame:
        yield shape.text_frame.text
    for inner in getattr(shape, "shapes", ()):
        yield from _texts(inner)
