"""Splits a text into sentences. Own rules, so that no update of a package moves the sentences of a stored task."""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 600
"""Characters of a sentence; a longer one, such as a table without full stops, is cut at a space."""
_END = re.compile(r"[.!?][\"'”’)\]]*(?=\s)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|Inc|Ltd|Co|Corp|No|Nos|vs|v|cf|approx|ca|Fig|Sec|Art|e\.g|i\.e|al|etc"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec))\.$"
)
_BEFORE = 12
"""Characters before a full stop that tell an abbreviation."""
_NEXT = re.compile(r"\s*[\"'“‘(\[]*[A-Z0-9ÀÖØ-Þ]")


class Sentence(NamedTuple):
    """A sentence and where it stands in its text, in characters; `end` is behind its last one."""

    start: int
    end: int
    text: str


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in their order, without the space between them."""
    parts, start = [], 0
    for match in _END.finditer(text):
        if _ends_sentence(text, start, match):
            parts += _pieces(text, start, match.end())
            start = match.end()
    return (*parts, *_pieces(text, start, len(text)))


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    if match[0].startswith("\n"):
        return True
    return (
        not _ABBREVIATION.search(text[max(start, match.start() - _BEFORE) : match.start() + 1])
        and _NEXT.match(text, match.end()) is not None
    )


def _pieces(text: str, start: int, end: int) -> list[Sentence]:
    """The sentence between two places, in pieces if it is too long; [] if nothing stands there."""
    pieces = []
    while piece := text[start:end].strip():
        start += len(text[start:end]) - len(text[start:end].lstrip())
        if len(piece) > LONGEST:
            cut = piece.rfind(" ", 1, LONGEST)
            piece = piece[: cut if cut > 0 else LONGEST]
        pieces.append(Sentence(start, start + len(piece), piece))
        start += len(piece)
    return pieces
