"""Makes untrusted text safe to show: every character is visible, nothing in it is markup, and its length is bounded."""

from __future__ import annotations

import re
from typing import NamedTuple

LIMIT = 20_000
"""Characters of one text that are shown."""
LINE = 2_000
"""Characters of one line; longer ones are broken."""
LINES = 600
"""Lines of one text that are shown."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$\"'&^=])")
_ADDRESS = re.compile(r":(?=//)|www(?=\.)|@", re.I)
_ODD = re.compile(
    r"[^\n\t\x20-\x7e\xa0-\u1fff\u2010-\u2027\u2030-\u205f\u2070-\ud7ff\uf900-\ufdff\ufe10-\ufefe\uff00-\uffef\U00010000-\U0010ffff]"
)
_MARKS = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


class VisibleText(NamedTuple):
    """A text that is safe to show, and how many characters of the original are left out."""

    text: str
    left_out: int


def visible(text: str, limit: int = LIMIT) -> VisibleText:
    """A text with control characters, marks of direction and broken Unicode made visible.

    Cut at `limit` characters and at LINES. For widgets that show text as it is (st.code, st.text), never for Markdown.
    """
    part = text[:limit]
    if part.count("\n") > LINES:
        part = "\n".join(part.split("\n", LINES)[:LINES])
    left_out = len(text) - len(part)
    part = _MARKS.sub(_escape, _ODD.sub(_escape, part))
    lines = (line[i : i + LINE] for line in part.split("\n") for i in range(0, max(len(line), 1), LINE))
    return VisibleText("\n".join(lines), left_out)


def _escape(match: re.Match[str]) -> str:
    """A control character by its picture (ESC is ␛); any other character by its number."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"


def label(text: str, limit: int = 80) -> str:
    """A text for a label, caption or title, which Streamlit reads as Markdown: escaped, on one line, cut at `limit` characters.

    Streamlit makes links of addresses even where they are escaped, so an invisible joiner (U+2060) breaks them.
    """
    return _MARKUP.sub(r"\\\1", _ADDRESS.sub("\\g<0>\u2060", one_line(text, limit)))


def badge_label(text: str, limit: int = 120) -> str:
    """A label for st.badge. It leaves square brackets, which st.badge escapes itself: escaped twice they were markup again."""
    return label(text, limit).replace("\\[", "[").replace("\\]", "]")


def one_line(text: str, limit: int = 80) -> str:
    """A text on one line of at most `limit` characters, for places that do not read Markdown."""
    one = " ".join(visible(text, limit * 4).text.split())
    return one if len(one) <= limit else one[: limit - 1] + "…"
