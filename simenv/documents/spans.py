"""Cuts a text into passages and says where each lies."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PARAGRAPH = re.compile(r"(?<=\n)(?=\s*\n)")
_SENTENCE = re.compile(r"(?<=[.!?]\s)")


def spans(text: str, size: int) -> list[tuple[int, int]]:
    """Start and end of passages of at most `size` characters: cut between paragraphs if they fit, else between sentences,
    else anywhere. White space at the ends of a passage is left out."""
    cuts = [0]
    end = 0
    for length in _lengths(text, size):
        if end + length - cuts[-1] > size:
            cuts.append(end)
        end += length
    return [span for span in (_stripped(text, *pair) for pair in zip(cuts, [*cuts[1:], end], strict=True)) if span]


def passages(text: str, size: int) -> list[str]:
    """The passages of a text, which `spans` finds."""
    return [text[start:end] for start, end in spans(text, size)]


def _lengths(text: str, size: int) -> Iterator[int]:
    for paragraph in _PARAGRAPH.split(text):
        if len(paragraph) <= size:
            yield len(paragraph)
            continue
        for sentence in _SENTENCE.split(paragraph):
            whole, rest = divmod(len(sentence), size)
            yield from [size] * whole
            yield rest


def _stripped(text: str, start: int, end: int) -> tuple[int, int] | None:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    end = start + len(part.strip())
    return (start, end) if start < end else None
