"""Claims of a text: its statements, one a sentence. Questions, politeness, headings and code are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from simenv.types import Text

LONGEST = 600
"""Characters of a claim; what is longer is cut at a space."""
MOST = 200
"""Claims of one message; what stands behind them is not judged, and the round says so."""
_FENCE = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.MULTILINE | re.DOTALL)
_ACTION = re.compile(r"^Act(?:ion)?:[ \t]*\w+(?:\[|[ \t]*$).*?(?=^(?:Thought|Think):|\Z)", re.MULTILINE | re.DOTALL)
"""What an agent does, written after what it thinks."""
_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|Inc|Ltd|Co|Corp|No|Nos|vs|v|cf|approx|ca|Fig|Sec|Art|e\.g|i\.e|al|etc|p|pp"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec))\.$"
)
_BEFORE = 12
"""Characters before a full stop that tell an abbreviation."""
_NEXT = re.compile(r"\s*[\"'“‘(\[]*[^\W_a-zß-ÿ]|\s*\S{1,19}:\s")
_MARK = re.compile(r"^(?:[-*+•>]+|\(?\d{1,3}[.)](?=\s)|\(?[a-zA-Z][.)](?=\s)|#+|(?:Thought|Think):)\s*")
_HEADING = re.compile(r"^#+\s|:$|^\W*$")
_POLITE = re.compile(
    r"^(?:(?:hello|hi|hey|dear|thanks?|thank you|welcome|you(?:'re| are) welcome"
    r"|sorry|please (?!note|remember|be aware|keep in mind)"
    r"|sure|certainly|of course|great"
    r"|good (?:question|morning|day|evening)|yes|no|okay|ok|glad|happy to|feel free|take care|best wishes|goodbye|bye)\b"
    r"|(?:i|we)(?:'m| am|'ll| will| can|'d| would| hope| understand| apologi[sz]e|'re| are)\b.{0,40}"
    r"\b(?:sorry|glad|happy|help|hear|assist|pleased|understand|delighted|apologi[sz]e|concern|feel)"
    r"|i(?:'m| am|'ll| will| need| want| have to| must| should| can| could)\b|let(?: me|'s| us)\b"
    r"|(?:hope|glad) (?:this|that|i|to)\b|is there anything)",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\bI (?:need|look|search|open|try|check|want|will|should|go|read how|can answer|cannot know|do not know"
    r"|(?:am|was) looking)\b"
    r"|^(?:a|this|my) (?:search|query)\b|^(?:the|this) page\b.{0,120}?\b(?:should|ought|goes on)\b"
    r"|\blooks like the page\b|^(?:(?:so|then|thus|therefore|hence),? )?(?:that gives )?the answer\b:?(?: \S+){0,10}$"
    r"|^this is the page that is meant\b|^(?:action|source)(?: \d+)?:",
    re.IGNORECASE,
)
"""A sentence by which an agent says what it does, seeks or answers; by itself it says nothing of the world."""
_LEAST = 3
"""Words of a claim."""
_STATED = re.compile(
    r"\b(?:is|are|was|were|must|may|can|cannot|has|have|takes?|needs?|should|will|not|\d+)\b", re.IGNORECASE
)


class Claim(NamedTuple):
    """A statement and where it stands in its message, in characters; `end` is behind its last one."""

    start: int
    end: int
    text: Text


def claims(text: str) -> list[Claim]:
    """The claims of a message, in their order, at most MOST."""
    readable = _FENCE.sub(_blank, text)
    found = []
    for start, end in _sentences(readable):
        claim = _claim(readable, start, end)
        if claim is not None:
            found.append(claim)
        if len(found) == MOST:
            break
    return found


def thought_claims(text: str) -> list[Claim]:
    """The claims of an agent's thought: what it says of the world, not what it plans, does or answers."""
    return [claim for claim in claims(_ACTION.sub(_blank, text)) if not _PLANNED.search(claim.text)]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def sentences(text: str) -> list[Claim]:
    """All sentences of a text, whatever they say."""
    return [Claim(start, end, text[start:end]) for start, end in _sentences(text)]


def _claim(text: str, start: int, end: int) -> Claim | None:
    sentence = text[start:end]
    if sentence.rstrip("\"'”’)]").endswith("?") or _HEADING.search(sentence):
        return None
    if mark := _MARK.match(sentence):
        start += mark.end()
    claim = text[start:end].replace("**", "  ").strip()
    words = claim.split()
    if len(words) < _LEAST or (_POLITE.match(claim) and not (claim.count(",") and _STATED.search(claim))):
        return None
    return Claim(start, end, claim)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if _ends(text, start, match):
            yield from _pieces(text, start, match.end())
            start = match.end()
    yield from _pieces(text, start, len(text))


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    if match[0].startswith("\n"):
        return True
    before = text[max(start, match.start() - _BEFORE) : match.start() + 1]
    number = re.fullmatch(r"\s*\d{1,3}\.", text[start : match.start() + 1])  # the mark of a list
    rest = text[match.end() : match.end() + 20]
    return not number and not _ABBREVIATION.search(before) and (not rest.strip() or _NEXT.match(rest) is not None)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span between two places without the space around it, in pieces where it is too long."""
    while piece := text[start:end].strip():
        start += len(text[start:end]) - len(text[start:end].lstrip())
        if len(piece) > LONGEST:
            cut = piece.rfind(" ", 1, LONGEST)
            piece = piece[: cut if cut > 0 else LONGEST]
        yield start, start + len(piece)
        start += len(piece)
