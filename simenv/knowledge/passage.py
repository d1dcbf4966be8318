"""A passage of a document, and where it stands in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from simenv.documents.spans import spans
from simenv.errors import Unreadable
from simenv.knowledge.readers import blocks
from simenv.types import Data, Text

LARGEST_DOCUMENT = 200 << 20
"""Bytes of a document; a larger one is refused."""
_BETWEEN = "\n\n"
"""What stands between two blocks in the text of a document."""


class Source(Data):
    """Where a text comes from. `start` and `end` count characters in the text of the whole document."""

    file: str
    sha256: str
    page: int | None = None
    heading: str | None = None
    start: int = 0
    end: int = 0


class Passage(Data):
    """A piece of a document that is short enough to be read at once."""

    id: str
    title: str
    text: Text
    source: Source


def document_text(path: Path) -> str:
    """The text of a document in which the spans of its passages count."""
    return _BETWEEN.join(block.text for block in blocks(path))


def checksum(path: Path) -> str:
    """SHA-256 of a file; Unreadable where it cannot be opened, or is too large to be a document."""
    try:
        if (size := path.stat().st_size) > LARGEST_DOCUMENT:
            raise Unreadable(str(path), f"{size >> 20} MB; at most {LARGEST_DOCUMENT >> 20} MB are read, so split it")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as e:
        raise Unreadable(str(path), e.strerror or str(e)) from e


def passages(path: Path, name: str, sha256: str, size: int) -> Iterator[Passage]:
    """The passages of a document of at most `size` characters, none of which crosses a page or a heading.

    `name`: what the document is called in the sources; `sha256`: its checksum. Unreadable where there is no text to read.
    """
    start, number = 0, 0
    for block in blocks(path):
        for begin, end in spans(block.text, size):
            number += 1
            yield Passage(
                id=f"{sha256[:12]}-{number}",
                title=block.heading or path.stem,
                text=block.text[begin:end],
                source=Source(
                    file=name,
                    sha256=sha256,
                    page=block.page,
                    heading=block.heading,
                    start=start + begin,
                    end=start + end,
                ),
            )
        start += len(block.text) + len(_BETWEEN)
    if not number:
        raise Unreadable(str(path), "it holds no text")
