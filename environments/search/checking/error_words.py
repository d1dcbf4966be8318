"""Checks what a refusal says: its words are free, but its names must be those of the call and of the engine's own refusal."""

from __future__ import annotations

import re

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
    """a action actions again an and another any anything anywhere are argument arguments as at available be
    because been before by called can cannot contain contained containing contains could couldn currently did
    didn do document documents does doesn don either empty error exist exists expected extra fail failed field
    find finish first for found further give given has have here hit hits holding holds id ids in input inputs
    invalid is isn it its keyword keywords known look looked lookup lookups match matches mistake more must
    named need needs no none not nothing of on one ones only open opened or other others page pages permitted
    please query require required result results search see sentence sentences similar so something string such
    t text that the them there this title titled titles to try type unknown up use valid value was what which
    with word words yet you your""".split()  # noqa: SIM905
)
_LONGEST = 600
"""Characters of a refusal, or as long as the engine's own."""


def is_error(text: str) -> bool:
    """Whether a text reads as the refusal of an action."""
    return bool(_ERROR.search(text))


def fault_of_error(text: str, scene: Transition) -> str:
    """What a refusal asserts that neither the engine's own nor the call bears out; '' for nothing."""
    if len(text) > max(_LONGEST, 2 * len(scene.truth.text)):
        return "it is too long for a refusal"
    call = " ".join(map(str, scene.action.arguments.values()))
    own = {*words(scene.truth.text), *words(call), *words(scene.action.name)}
    if strange := [w for w in words(text) if w not in _FREE and w not in own]:
        return f"an error that says {' '.join(strange[:5])!r:.120}"
    is_about_opening = "is open" in scene.truth.text
    if is_about_opening and "open" not in words(text) and "opened" not in words(text):
        return "it is another error"
    return ""
