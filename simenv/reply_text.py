"""The parts of a reply that a model wrote as text. Thinking, code blocks and heredocs hold no parts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simenv.reasoning import CLOSE, OPEN, Reasoning

_OPENED = re.compile(r"^[ \t]*<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.M | re.S | re.I)
_CLOSED = re.compile(r"\A.*?^[ \t]*</(?:think|thinking|reasoning)>[ \t]*$", re.M | re.S | re.I)
"""Thinking whose opening tag stood in the prompt."""
_TAG = re.compile(r"</?(?:think|thinking|reasoning)>", re.I)
_OPENING = re.compile(r"[ \t]*<(?:think|thinking|reasoning)>", re.I)
_CLOSING = re.compile(r"</(?:think|thinking|reasoning)>\Z", re.I)
_FENCE = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.S)
_WHOLE = re.compile(r"\A\s*```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```\s*\Z", re.S)
_HEREDOC = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1[^\n]*\n")
_HEREDOCS = 64
"""Heredocs of one reply that are looked for."""
_NOT_A_LINE = re.compile(r"[^\n]")


Span = tuple[int, int]


def split_thinking(text: str) -> tuple[str, str]:
    """Thinking in `<think>` tags, and the rest. Thinking that does not end takes all that follows."""
    spans = thinking_spans(text)
    thoughts = [_TAG.sub("", text[start:end]).strip() for start, end in spans]
    return "\n".join(thoughts), cut(text, spans)


def reasoning_apart(text: str) -> tuple[str, tuple[Reasoning, ...]]:
    """A text without its thinking, and the thinking; `reasoning.inline` puts both together again, byte for byte."""
    content, parts, end = "", [], 0
    for start, stop in thinking_spans(text):
        content += text[end:start]
        end = stop + len(text[stop:]) - len(text[stop:].lstrip())
        parts.append(_reasoning(text[start:end], len(content)))
    return content + text[end:], tuple(parts)


def _reasoning(thinking: str, characters: int) -> Reasoning:
    opening, closing = _OPENING.match(thinking), _CLOSING.search(thinking.rstrip())
    inner = thinking[opening.end() if opening else 0 : closing.start() if closing else len(thinking)]
    words = inner.strip()
    begin = (opening.end() if opening else 0) + (inner.find(words) if words else len(inner) // 2)
    around = {"open": thinking[:begin], "close": thinking[begin + len(words) :]}
    data = {} if around == {"open": OPEN, "close": CLOSE} else around
    return Reasoning(kind="think", text=words, data=data, characters=characters)


def thinking_spans(text: str) -> list[Span]:
    """Where a text thinks, tags included. A tag counts at the beginning of a line."""
    if "<" not in text or not _TAG.search(text):
        return []
    spans = [match.span() for match in _OPENED.finditer(text)]
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
