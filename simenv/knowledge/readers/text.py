"""Plain text, in UTF-8 or whatever its bytes look like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simenv.documents import content
from simenv.errors import Unreadable
from simenv.knowledge.readers.block import Block

LARGEST_GUESSED = 1 << 20
"""Bytes of a file from which its encoding is guessed."""


def blocks(path: Path) -> Iterator[Block]:
    """One block."""
    yield Block(decoded(path))


def decoded(path: Path) -> str:
    """The text of a file; Unreadable where no encoding fits."""
    data = content(path)
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        pass
    if b"\0" in data[:LARGEST_GUESSED]:
        raise Unreadable(str(path), "binary data; expected text")
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:LARGEST_GUESSED]).best()
    if guess is None:
        raise Unreadable(str(path), "its encoding is unknown; save the file as UTF-8")
    return data.decode(guess.encoding, "replace").replace("\r\n", "\n")
