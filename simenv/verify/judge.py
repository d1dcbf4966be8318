"""Judges of claims: `offline`, by rules over the words of the best sentences, and what all judges share."""

from __future__ import annotations

import re
from typing import Literal, Protocol

from simenv.types import Data, Text
from simenv.verify.claims import Claim
from simenv.verify.library import Evidence, Found, Library
from simenv.verify.quantities import quantities
from simenv.verify.wording import denials, names, opposed, stems

Finding = Literal["supported", "contradicted", "not found"]
FINDINGS: tuple[Finding, ...] = ("supported", "contradicted", "not found")
RELATED = 0.5
"""Share of a claim's words that a sentence must hold to be about the same."""
SAID = 0.7
"""Share of a claim's words that a sentence must hold to say it."""
_REPORTED = re.compile(
    r"^(?:(?:according to|as stated in|based on|as per) [^,]{1,60},|(?:\w+ ){0,4}(?:says?|states?|notes?|explains?) that"
    r"|(?:please )?(?:note|remember|be aware|keep in mind) that|it is (?:important|worth|good) (?:to \w+|\w+ing) that)\s+"
    r"|^(?:(?:\S+ ){0,12}?(?:says?|states?|reads?|tells?|notes?)|I (?:read|see|found|find) (?:on|in) (?:\S+ ){0,12}?\S+):\s+"
    r"|^(?:\S+ ){0,7}\S+:\s+(?=[A-Z])"
    r"|,\s*(?:as|according to)\s[^,.]{1,60}(?=[.!]?$)",
    re.IGNORECASE,
)
"""Words around a claim that tell who says it."""
_ORDER = re.compile(r"\b(before|after)\b", re.IGNORECASE)


class Judgement(Data):
    """What a judge found of one claim. `start` and `end`: where it stands in its message.
    `repair`: what the sources say instead, where that is known."""

    claim: Text
    start: int
    end: int
    finding: Finding
    reason: Text = ""
    evidence: tuple[Evidence, ...] = ()
    repair: Text = ""


class RoundJudgement(Data):
    """The claims of one message, judged. `turn` counts rounds from 1."""

    message: int
    turn: int
    role: str
    claims: tuple[Judgement, ...]


class SubjectJudgement(Data):
    """One chat, judged; `error` says why the judge could not."""

    sample: str
    rounds: tuple[RoundJudgement, ...] = ()
    error: Text = ""


class Judge(Protocol):
    """Judges claims against a library."""

    async def judge(self, claim: Claim) -> Judgement:
        """What the sources say of a claim. ModelError where a model failed, Unusable where its answers could not be read."""


class OfflineJudge:
    """Compares numbers with units, dates, names, denials, opposites and order with those of the sentence nearest to the claim.

    It knows words and their forms, no meanings: a claim in words of its own is not found. Its figures are in docs/verify.md.
    """

    def __init__(self, library: Library) -> None:
        self.library = library

    async def judge(self, claim: Claim) -> Judgement:
        return self.find(claim)

    def find(self, claim: Claim) -> Judgement:
        """What the sources say of a claim."""
        text = _REPORTED.sub("", claim.text)
        quote = self.library.quoted(text)
        copied: tuple[Finding, str, Found] | None = ("supported", "a quote", Found(quote, 1.0)) if quote else None
        finding, reason, found = copied or compared(text, self.library.search(text))
        evidence = (found.evidence,) if found else ()
        repair = found.evidence.text if found and finding == "contradicted" else ""
        return Judgement(
            claim=claim.text, start=claim.start, end=claim.end, finding=finding, reason=reason,
            evidence=evidence, repair=repair,
        )  # fmt: skip


def compared(claim: str, candidates: list[Found]) -> tuple[Finding, str, Found | None]:
    """What the candidates, the nearest first, say of a claim. One that says it outweighs one that denies it."""
    related = [found for found in candidates if found.coverage >= RELATED]
    nearest = related[0].coverage if related else 0.0
    judged = [(conflict(claim, f.evidence.text), f) for f in related if f.coverage >= nearest - 0.1]
    for (finding, reason), found in judged:
        if finding == "supported" and found.coverage >= SAID:
            return finding, reason, found
    for (finding, reason), found in judged:
        if finding == "contradicted":
            return finding, reason, found
    return "not found", "no sentence says it", None


def conflict(claim: str, evidence: str) -> tuple[Finding, str]:
    """What a sentence that is about the same says of a claim, and by what that is known."""
    for check in (_numbers, _names, _order):
        if (result := check(claim, evidence)) is not None:
            return result
    flips = denials(claim) - denials(evidence) + opposed(claim, evidence)
    return ("contradicted", "one denies what the other says") if flips % 2 else ("supported", "")


def _numbers(claim: str, evidence: str) -> tuple[Finding, str] | None:
    there = quantities(evidence)
    for q in quantities(claim):
        if any(q.equals(other) for other in there):
            continue
        if any(q.unit == other.unit for other in there):
            return "contradicted", "another number"
        return "not found", "no such number"
    return None


def _names(claim: str, evidence: str) -> tuple[Finding, str] | None:
    here, there, words = names(claim), names(evidence), set(stems(evidence))
    foreign = {name for name in here if name not in there and not set(stems(name)) <= words}
    if not foreign:
        return None
    if there - here:
        return "contradicted", "another name"
    return "not found", "no such name"


def _order(claim: str, evidence: str) -> tuple[Finding, str] | None:
    """Whether both put the same thing first, where both say before or after."""
    here, there = _ORDER.search(claim), _ORDER.search(evidence)
    if not here or not there:
        return None
    before, after = _halves(claim, here)
    first, second = _halves(evidence, there)
    straight, crossed = len(before & first) + len(after & second), len(before & second) + len(after & first)
    agree = (here[1].lower() == there[1].lower()) == (straight >= crossed)
    return None if agree else ("contradicted", "the other order")


def _halves(text: str, marker: re.Match[str]) -> tuple[set[str], set[str]]:
    return set(stems(text[: marker.start()])), set(stems(text[marker.end() :]))
