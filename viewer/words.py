"""Untrusted text on its way to the screen: every character visible, none obeyed, and not too many of them."""

from __future__ import annotations

import re
from typing import NamedTuple

LIMIT = 20_000
"""Characters of one text that are shown at once."""
LINE = 2_000
"""Characters of one line; longer ones are broken."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$\"'&^=])")
_ODD = re.compile(
    r"[^\n\t\x20-\x7e\xa0-\u1fff\u2010-\u2027\u2030-\u205f\u2070-\ud7ff\uf900-\ufdff\ufe10-\ufefe\uff00-\uffef\U00010000-\U0010ffff]"
)
_MARKS = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


class Shown(NamedTuple):
    """A text fit for the screen, and how many characters of it are left out."""

    text: str
    left_out: int


def shown(text: str, limit: int = LIMIT) -> Shown:
    """A text with control characters, marks of direction and broken unicode made visible, cut at a limit.

    For widgets that show text as it is (st.code, st.text), never for Markdown.
    """
    part = text[:limit]
    part = _MARKS.sub(_escape, _ODD.sub(_escape, part))
    lines = (line[i : i + LINE] for line in part.split("\n") for i in range(0, max(len(line), 1), LINE))
    return Shown("\n".join(lines), max(0, len(text) - limit))


def _escape(match: re.Match[str]) -> str:
    """ESC as ␛ and its like; another character by its number."""
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"\\u{{{code:x}}}"


def label(text: str, limit: int = 80) -> str:
    """A text for a label, caption or title, which Streamlit reads as Markdown: nothing in it is markup any more."""
    one = " ".join(shown(text, limit * 4).text.split())
    one = one if len(one) <= limit else one[: limit - 1] + "…"
    return _MARKUP.sub(r"\\\1", one)
