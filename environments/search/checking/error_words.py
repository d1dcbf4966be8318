"""Checks what a refusal says: its words are free, but its names must be those of the call and of the engine's own refusal."""

from __future__ import annotations

import re
from typing import NamedTuple

from simenv.compare import Transition

from .observation_forms import words

_ERROR = re.compile(
    r"\b(?:cannot|can't|could not|couldn't|can not|failed|fail|invalid|error|unknown|no such|not found|there is no"
    r"|does not exist|doesn't exist|do not exist|not open|no page is open|is open|first open"
    r"|open (?:one|a page) (?:first|before)|expected|required|not permitted|should be|not a valid"
    r"|no page (?:called|named|with|titled)|pages have this title)\b",
    re.I,
)
_FREE = frozenset(
    """a action actions again ambiguous an and another any anything anywhere are argument arguments as at available be
    because been before by called can cannot contain contained containing contains could couldn currently did
    didn do document documents does doesn don either empty error exist exists expected extra fail failed field
    find finish first for found further give given has have here hit hits holding holds id ids in input inputs
    invalid is isn it its keyword keywords known look looked lookup lookups match matches mistake more must
    named need needs no none not nothing of on one ones only open opened or other others page pages permitted
    please query require required result results search see sentence sentences several share similar so something string such
    t text that the them there this title titled titles to try type unknown up use valid value was what which
    with word words yet you your""".split()  # noqa: SIM905
)
_KINDS = {
    "no page is open": re.compile(
        r"\bno (?:open page|page is (?:currently |yet )?open)|\bpage is not open"
        r"|\bopen (?:a|any|one|the)(?: page)? (?:first|before)|\bfirst open|\b(?:not|n't) (?:yet )?open(?:ed)? (?:a|any)",
        re.I,
    ),
    "there is no such page": re.compile(
        r"\bno such page\b|\bno page (?:called|named|titled)\b|\bno page\s*['\"“‘\[]|\bunknown page\b"
        r"|\bthere is no page\b(?!\s+(?:that|which|with|holding|is)\b)"
        r"|\bpage\b(?:(?!\b(?:in|of) th).){0,100}?\b(?:not found|(?:does not|doesn't) exist)",
        re.I | re.S,
    ),
    "several pages have the title": re.compile(
        r"\bpages (?:have|share|with)\b[^.]{0,20}\btitle|\bambiguous\b|\bseveral pages\b", re.I
    ),
    "there is no more": re.compile(r"\bno (?:more|further|other|additional)\b", re.I),
}
"""What a refusal, or a text that nothing was found, may tell of; one that tells of none of these is like any."""
_PROPOSES = re.compile(r"\b(?:similar|did you mean|closest|perhaps)\b", re.I)
_PAGE = re.compile(r"\[[^\[\]\n]+\][^\[\],.;?]*")
_QUOTED = re.compile(r"(?<!\w)['\"“‘]([^'\"“”‘’\n]{1,200})['\"”’](?!\w)")
_LONGEST = 600
"""Characters of a refusal, or as long as the engine's own."""


def is_error(text: str) -> bool:
    """Whether a text reads as the refusal of an action."""
    return bool(_ERROR.search(text))


def goes_on(text: str) -> bool:
    """Whether a text says that there is no more than was shown."""
    return bool({"more", "further", "other", "another"} & set(words(text)))


def fault_of_error(text: str, scene: Transition) -> str:
    """What a refusal asserts that neither the engine's own nor the call bears out; '' for nothing."""
    truth = scene.truth.text
    if len(text) > max(_LONGEST, 2 * len(truth)):
        return "it is too long for a refusal"
    if other := _kinds(text) - _kinds(truth):
        return f"it is another error: {min(other)}"
    call = " ".join(map(str, scene.action.arguments.values()))
    have, want = _said(text), _said(truth)
    own = {*words(call), *words(scene.action.name), *words(want.head)}
    strange = [w for w in words(have.head) if w not in _FREE and w not in own]
    strange += [w for w in words(have.proposals) if w not in _FREE and w not in own and w not in words(want.proposals)]
    if strange:
        return f"an error that says {' '.join(strange[:5])!r:.120}"
    if names := _QUOTED.findall(have.head.replace(call.strip(), "") if call.strip() else have.head):
        return f"it speaks of {names[0]!r:.120}"
    if "no page is open" in _kinds(truth) and not {"open", "opened"} & set(words(text)):
        return "it is another error"
    return "" if _is_part(have.pages, want.pages) else f"the pages that it names are {', '.join(have.pages):.120}"


class _Said(NamedTuple):
    """A refusal in its parts: what it says of the call, what it proposes, and the pages `[id] title` named there."""

    head: str
    proposals: str
    pages: tuple[str, ...]


def _said(text: str) -> _Said:
    parts = _PROPOSES.split(text, maxsplit=1)
    pages = _PAGE.findall(parts[-1])
    return _Said(parts[0], parts[1] if len(parts) > 1 else "", tuple(" ".join(words(p)) for p in pages))


def _kinds(text: str) -> set[str]:
    """The faults that a text tells of."""
    return {kind for kind, told in _KINDS.items() if told.search(text)}


def _is_part(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether texts stand among others, in their order."""
    rest = iter(others)
    return all(text in rest for text in some)
