"""The elements of a page in pruned HTML: what a tag says of itself, by its attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from .text import tokens

_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')|(\S+)""")
_META = frozenset(
    (
        "role",
        "type",
        "alt",
        "aria-description",
        "aria-label",
        "label",
        "title",
        "name",
        "placeholder",
        "aria-labelledby",
    )
)
_SPOKEN = frozenset(["alt", "title", "aria-label", "aria-description", "label", "placeholder"])
"""Attributes whose text a reader is told."""
_STRUCK = frozenset(["del", "s", "strike"])
_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.I)
_DULL = frozenset(["submit", "button", "text", "link"])
_CONTROLS = frozenset(["input", "button", "select", "textarea"])
FLAGS = frozenset(["checked", "disabled", "selected", "hidden"])


@dataclass(frozen=True)
class PageElement:
    """An interactive element or a control. `meta`: the words of its attributes, without order."""

    number: int
    role: str
    meta: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()
    options: tuple[tuple[tuple[str, ...], bool], ...] = ()


def spoken_words(tag: str, rest: str) -> tuple[str, ...]:
    """What an element without a number tells by itself: its text for a reader, that it is hidden or struck through."""
    if not rest.strip() and tag not in _STRUCK:
        return ()
    words = [f"<{tag}>"] if tag in _STRUCK else []
    for name, double, single, bare in _ATTRIBUTE.findall(rest.strip().removesuffix("/")[:3000]):
        if name.lower() in _SPOKEN:
            words += tokens(unescape(double or single))
        elif "hidden" in (bare.lower(), name.lower()) or (name.lower() == "style" and _UNSEEN.search(double or single)):
            words.append("<hidden>")
    return tuple(words)


def parse_element(tag: str, rest: str) -> PageElement | None:
    """An interactive element or a control; None for other tags."""
    number, meta, value, flags = -1, [], [], set()
    in_value = False
    for name, double, single, bare in _ATTRIBUTE.findall(rest.strip().removesuffix("/")[:3000]):
        key, value_text = (name.lower(), unescape(double or single)) if name else (bare.lower(), None)
        if not name and "=" in bare and not in_value:
            key, _, value_text = bare.partition("=")
            key, in_value = key.lower(), key.lower() == "value"
        if in_value and value_text is None:
            value.append(bare)
        elif key == "id" and value_text is not None:
            number = (
                int(value_text) if value_text.isascii() and value_text.isdecimal() and len(value_text) < 8 else number
            )
        elif key == "value" and value_text is not None:
            value.append(value_text)
        elif key in FLAGS:
            flags.add(key)
        elif value_text is None:
            meta.append(bare)
        elif key in _META:
            meta.append(value_text)
    while in_value and value and value[-1].lower() in FLAGS:
        flags.add(value.pop().lower())
    if number < 0 and tag not in _CONTROLS:
        return None
    words = frozenset(w.casefold() for text in meta for w in tokens(text)) - _DULL
    return PageElement(number, tag, words, (), tuple(" ".join(value).split()), frozenset(flags))
