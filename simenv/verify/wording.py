"""Words of a statement as they are compared: stems, which side of a pair of opposites they take, and whether they deny."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
COMMON = frozenset(
    """a about all also an and any are as at be been being but by can could did do does for from had has have he her him his
    how i if in into is it its may me might must my no not of on one or our ought shall she should so some such than that the
    their them then there these they this those to up was we were what when where which while who whom whose why will with
    would you your usually generally always typically need needs get gets got go goes best day daily each every out per take
    taken give given only own""".split()  # noqa: SIM905
)
"""Words that say nothing by themselves."""
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|without|nobody|nothing|hardly|rarely|lacks?|fails? to|instead of"
    r"|free of)\b|n['’]t\b",
    re.IGNORECASE,
)
_NO_NEGATION = re.compile(
    r"\bno (?:later|more|less|longer|fewer|earlier) than\b|\bnot only\b|\bno matter\b|\bwhether or not\b", re.IGNORECASE
)
_OPPOSITES = """
increase raise elevate heighten enhance boost grow | decrease lower reduce lessen diminish shrink weaken
higher more greater larger above exceed over longer later older | lower less fewer smaller below under shorter earlier younger
valid effective enforceable lawful legal | invalid void ineffective unenforceable unlawful illegal
safe harmless | unsafe dangerous harmful
allow permit let entitle | forbid prohibit ban bar
start begin initiate | stop end cease discontinue
include contain | exclude omit
prevent avoid | cause induce trigger
paid | unpaid
mandatory compulsory required obligatory | optional voluntary unnecessary
possible | impossible
live | inactivated dead
oral | written
accept | refuse reject decline
common frequent | rare uncommon
early | late
free | chargeable charged
"""
"""Pairs of opposite words of everyday English, one pair a line."""
_ENDINGS = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ingly",
    "edly",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "er",
    "ed",
    "es",
    "ly",
    "s",
    "e",
    "y",
)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A word without its ending, so that the forms of one word are mostly equal."""
    word = unicodedata.normalize("NFKC", word).casefold()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "ls" else word


def _sides() -> dict[str, frozenset[tuple[int, int]]]:
    sides: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(_OPPOSITES.strip().splitlines()):
        for sign, words in zip((1, -1), line.split("|"), strict=True):
            for word in words.split():
                sides.setdefault(stem(word), set()).add((number, sign))
    return {word: frozenset(pairs) for word, pairs in sides.items()}


SIDES = _sides()
"""Of a stem: the pairs of opposites it is in, each with 1 or -1 for its side."""


def stems(text: str) -> list[str]:
    """The stems of the words of a text that say something."""
    return [stem(w) for w in _WORD.findall(text) if w.casefold() not in COMMON and len(w) > 1]


def denials(text: str) -> int:
    """How often a text denies."""
    return len(_NEGATION.findall(_NO_NEGATION.sub(" ", text)))


def opposed(claim: str, evidence: str) -> int:
    """How many pairs of opposites two texts take different sides of, with no word on the other's side."""
    here, there = _taken(claim), _taken(evidence)
    return sum(1 for pair, signs in here.items() if pair in there and not signs & there[pair])


def _taken(text: str) -> dict[int, set[int]]:
    taken: dict[int, set[int]] = {}
    for word in map(stem, _WORD.findall(text)):
        for pair, sign in SIDES.get(word, ()):
            taken.setdefault(pair, set()).add(sign)
    return taken


def names(text: str) -> set[str]:
    """Proper names of a text: capitalised words that do not begin it, in lower case."""
    words = [m for m in _WORD.finditer(text) if m[0][0].isupper() and m.start() > 0 and m[0] not in ("I",)]
    return {
        m[0].casefold().removesuffix("'s")
        for m in words
        if not text[: m.start()].rstrip().endswith((".", ":")) or _titled(text, m)
    }


def _titled(text: str, match: re.Match[str]) -> bool:
    return re.search(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St)\.\s*$", text[: match.start()]) is not None
