"""The parts of a reply that a model wrote as text. Thinking, code blocks and heredocs hold no parts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simenv.reasoning import CLOSE, OPEN, Reasoning

_OPEN = r"(?:<(?i:think|thinking|thought|reasoning|seed:think)>|\[THINK\]|◁think▷)"
_CLOSE = r"(?:</(?i:think|thinking|thought|reasoning|seed:think)>|\[/THINK\]|◁/think▷)"
_THINKING = re.compile(rf"(?:^[ \t]*{_OPEN}|{_OPEN}(?=[ \t]*\n)).*?(?:{_CLOSE}|\Z)", re.M | re.S)
"""A tag counts at the beginning or the end of a line; amid words it is only spoken of."""
_CLOSED = re.compile(rf"\A.*?(?:^[ \t]*{_CLOSE}|{_CLOSE}(?=[ \t]*$))", re.M | re.S)
"""Thinking whose opening tag stood in the prompt."""
_TAG = re.compile(rf"{_OPEN}|{_CLOSE}")
_MARKS = ("<", "THINK]", "◁")
"""One of these is in every text that holds a tag."""
_OPENING = re.compile(rf"[ \t]*{_OPEN}")
_CLOSING = re.compile(rf"{_CLOSE}\Z")
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.S)
_WHOLE = re.compile(r"\A\s*```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```\s*\Z", re.S)
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1[^\n]*\n")
_HEREDOCS = 64
"""Heredocs of one reply that are looked for."""
_BLANKS = re.compile(r"\s*")
_NOT_A_LINE = re.compile(r"[^\n]")


Span = tuple[int, int]


def reasoning_apart(text: str) -> tuple[str, tuple[Reasoning, ...]]:
    """A text without its thinking, and the thinking; `reasoning.inline` puts both together again, byte for byte."""
    pieces, parts, end, length = [], [], 0, 0
    for start, stop in thinking_spans(text):
        pieces.append(text[end:start])
        length += start - end
        blanks = _BLANKS.match(text, stop)
        end = blanks.end() if blanks else stop
        parts.append(_reasoning(text[start:end], length))
    return "".join([*pieces, text[end:]]), tuple(parts)


def _reasoning(thinking: str, characters: int) -> Reasoning:
    opening, closing = _OPENING.match(thinking), _CLOSING.search(thinking.rstrip())
    inner = thinking[opening.end() if opening else 0 : closing.start() if closing else len(thinking)]
    words = inner.strip()
    begin = (opening.end() if opening else 0) + (inner.find(words) if words else len(inner) // 2)
    around = {"open": thinking[:begin], "close": thinking[begin + len(words) :]}
    data = {} if around == {"open": OPEN, "close": CLOSE} else around
    return Reasoning(kind="think", text=words, data=data, characters=characters)


def thinking_spans(text: str) -> list[Span]:
    """Where a text thinks, tags included. Thinking that does not end takes all that follows."""
    if not any(mark in text for mark in _MARKS) or not _TAG.search(text):
        return []
    spans = [match.span() for match in _THINKING.finditer(text)]
    closed = None if spans else _CLOSED.match(text)
    return [closed.span()] if closed else spans


def cut(text: str, spans: list[Span]) -> str:
    """The text without these spans, which are in order and do not overlap."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def blanked(text: str, spans: Iterable[Span]) -> str:
    """The text, of the same length and lines, with blanks in these spans."""
    for start, end in spans:
        text = text[:start] + _NOT_A_LINE.sub(" ", text[start:end]) + text[end:]
    return text


def unfenced(text: str) -> str:
    """The text inside a code block that is all of the reply; any other text as it is."""
    match = _WHOLE.match(text) if "```" in text else None
    return match[1] if match and not re.search(r"^[ \t]*```", match[1], re.M) else text


def first_fence(text: str) -> tuple[str, str] | None:
    """What stands before the first code block, and the block; None if there is no whole block."""
    match = _FENCE.search(text) if "```" in text else None
    return (text[: match.start()], match[1]) if match else None


def without_quotations(text: str) -> str:
    """The text, of the same length, with blanks for what stands in code blocks and heredocs."""
    return blanked(text, (*_fences(text), *_heredocs(text)))


def _fences(text: str) -> Iterator[Span]:
    if "```" in text:
        yield from (match.span(1) for match in _FENCE.finditer(text))


def _heredocs(text: str) -> Iterator[Span]:
    position = 0
    for _ in range(_HEREDOCS if "<<" in text else 0):
        if (opening := _HEREDOC.search(text, position)) is None:
            return
        position = opening.end()
        if closing := re.compile(rf"^[ \t]*{opening[2]}[ \t]*$", re.M).search(text, position):
            yield position, closing.start()
            position = closing.end()
