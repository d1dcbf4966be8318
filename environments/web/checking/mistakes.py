"""Mistakes that models were seen to make as a browser: another name, option or count in a refusal, a promise after it, a page
that goes on behind the cut, words in attributes, text that is struck through. They share no code with the comparison."""

from __future__ import annotations

import re
from collections.abc import Iterator

from numpy.random import Generator

from simenv.compare import Transition

_MARK = re.compile(r"\n\[\d+ more characters below: scroll down\]\Z")
_PARAGRAPH = re.compile(r"<(p|h1|h2|dd)> ([^<>]*\w[^<>]*) </\1>")
_FACTS = re.compile(r"<p> ([^<>,]*\w[^<>,]*), ([^<>,]*\w[^<>,]*)(, [^<>]*)? </p>")
_PROMISES = (
    ", so the nearest one was clicked instead",
    "; the page was reloaded for you",
    "; try the search bar at the top left",
    ", but it will be there after the next order",
)


def mistaken_refusals(transition: Transition, rng: Generator) -> list[str]:
    """The engine's refusal with something else asserted."""
    head, mark, tail = transition.truth.text.partition(";")
    claims = [head + _PROMISES[int(rng.integers(len(_PROMISES)))]]
    if number := re.search(r"(?<=element )-?\d+|(?<=\[)\d+(?=\])", head):
        claims.append(
            f"{head[: number.start()]}{int(number[0]) + 1 + int(rng.integers(5))}{head[number.end() :]}{mark}{tail}"
        )
    if count := len(re.findall(r"\[\d+\] \w+ \"", tail)):
        claims.append(f"{head}; there are {count + 1 + int(rng.integers(9))} elements")
    if label := re.search(r'(?<= ")[^"\n]*\w[^"\n]*(?=")', tail):
        claims.append(f"{head};{tail[: label.start()]}Quokka {label[0]}{tail[label.end() :]}")
    if options := re.match(r" available: ([^;]+)$", tail):
        *first, _ = options[1].split(", ")
        claims.append(f"{head}; available: {', '.join([*first, 'Quokka'])}")
        if first and (quoted := re.search(r"'[^']*'", head)):
            claims.append(
                f"{head[: quoted.start()]}{first[0]!r}{head[quoted.end() :]}; available: {', '.join(first[1:])}"
            )
    return claims


def mistaken_pages(text: str, end: int, rng: Generator) -> list[str]:
    """The engine's page with another word in a place that is easily overlooked; `end`: as far as a change shows."""
    return [claim for claim in _mistaken_pages(text, end, rng) if claim != text]


def _mistaken_pages(text: str, end: int, rng: Generator) -> Iterator[str]:
    paragraphs = list(_PARAGRAPH.finditer(text, 0, end))
    if paragraphs:
        match = paragraphs[int(rng.integers(len(paragraphs)))]
        tag, words = match[1], match[2]
        for new in (
            f"<del> {words} </del>",
            f'<{tag} title="SOLD OUT"> {words} </{tag}>',
            f"<{tag} hidden> {words} </{tag}>",
            f'<img alt="SOLD OUT" /> {match[0]}',
        ):
            yield text[: match.start()] + new + text[match.end() :]
    facts = list(_FACTS.finditer(text, 0, end))
    if facts:
        match = facts[int(rng.integers(len(facts)))]
        if match[1].split() != match[2].split():
            yield f"{text[: match.start()]}<p> {match[2]}, {match[1]}{match[3] or ''} </p>{text[match.end() :]}"
    if _MARK.search(text):
        yield _MARK.sub(" <p> Free delivery on everything today </p> </main> </html>", text)
