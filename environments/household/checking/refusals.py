"""Checks what a refusal asserts against the house: a reason must be one, and a name must be one that the command has.

ALFWorld refuses with `Nothing happens.` alone. Other words for it are free; a reason is an assertion about the house.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.layout import kind_of
from ..engine.object_types import OPENABLE

_FREE = frozenset(
    """a able action an anything are around at be can cannot can't command could couldn't do does doesn't don't error exist
    exists fail failed failure find for from happen happened happens have here how i impossible in in/on input into
    invalid is isn't it item know must need no not nothing now object of on or place possible recognize recognized right
    see seems something such that that's the there there's thing this to try unable understand unknown unrecognized
    valid verb with you your while go open close take put use heat cool clean slice examine look inventory help pick up move
    down took turn first reach recognise recognised more like""".split()  # noqa: SIM905
)
_NAME = r"(?:the |an? )?(?P<name>[a-z][a-z-]* \d+)"
_NEEDS_HELD = frozenset({"put", "move", "heat", "cool", "clean", "slice"})


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that did nothing, and the house it was given in."""

    command: str
    house: Mapping[str, Any]

    @property
    def holds(self) -> str | None:
        held = self.house["agent"].get("holds")
        return str(held) if held else None

    def is_at(self, name: str) -> bool:
        """Whether a receptacle is within reach."""
        return name in self.house["receptacles"] and self._place(name) == self._place(self.house["agent"].get("at"))

    def lies_in(self, name: str, receptacle: str) -> bool:
        return name in self.house["receptacles"].get(receptacle, {}).get("contains", ())

    def exists(self, name: str) -> bool:
        return name in self.house["receptacles"] or name in self.house["objects"]

    def leads_to(self, name: str) -> bool:
        """Whether a receptacle is named in the command, or holds what is."""
        entry = self.house["receptacles"].get(name)
        return entry is not None and any(n in self.command for n in (name, *entry.get("contains", ())))

    def is_in_sight(self, name: str) -> bool:
        """Whether a receptacle, or an object that lies open, is within reach."""
        lies = (r for r, entry in self.house["receptacles"].items() if name in entry.get("contains", ()))
        return self.is_at(name) or any(self.is_at(r) and not self.is_closed(r) for r in lies)

    def has_door(self, name: str) -> bool:
        entry = self.house["receptacles"].get(name, {})
        return bool(entry.get("openable", kind_of(name) in OPENABLE)) and bool(entry)

    def is_closed(self, name: str) -> bool:
        return self.has_door(name) and not self.house["receptacles"][name].get("open", False)

    def needs_held(self, name: str) -> bool:
        """Whether the command works only with a thing in the hand, and this is that thing."""
        verb, _, rest = self.command.partition(" ")
        tool = rest.partition(" with ")[2] if verb == "slice" else rest
        return verb in _NEEDS_HELD and tool.startswith(name)

    def _place(self, name: Any) -> Any:
        entry = self.house["receptacles"].get(name)
        return entry.get("place", name) if entry else name


_NO = r"there(?:'s| is| are)(?: no|n't an?)"
_NOT = r"(?:'t|not| not)"
_MUST = r"you (?:must|need to|have to|should)(?: first)?"
_OTHER = _NAME.replace("name", "other")
_REASONS: tuple[tuple[str, Callable[..., bool]], ...] = (
    (rf"{_NO} {_NAME} (?:in|inside|on|at) {_OTHER}", lambda c, n, r: not c.lies_in(n, r)),
    (rf"{_MUST} (?:go to|be at|stand (?:at|before)) {_NAME}(?: first)?", lambda c, n: c.leads_to(n) and not c.is_at(n)),
    (rf"you(?: are|'re)(?: not|n't) (?:at|near|facing) {_NAME}", lambda c, n: not c.is_at(n)),
    (rf"(?:{_NO}|you (?:can|do|don){_NOT} see(?: an?)?) {_NAME} here", lambda c, n: not c.is_in_sight(n)),
    (rf"{_NAME} (?:is not|isn't) (?:here|there|in sight|within reach)", lambda c, n: not c.is_in_sight(n)),
    (rf"(?:{_NO} {_NAME}|{_OTHER} (?:not found|does not exist|doesn't exist))", lambda c, n: not c.exists(n)),
    (rf"you(?: are|'re)(?: not|n't) (?:carrying|holding) {_NAME}", lambda c, n: c.holds != n and c.needs_held(n)),
    (rf"you do(?:n't| not) have {_NAME}", lambda c, n: c.holds != n and c.needs_held(n)),
    (
        rf"{_MUST} (?:be )?(?:carry|carrying|hold|holding|have|pick up|take) {_NAME}(?: first)?",
        lambda c, n: c.holds != n and c.needs_held(n),
    ),
    (rf"{_MUST} open {_NAME}(?: first)?", lambda c, n: c.is_closed(n)),
    (rf"{_NAME} is already open", lambda c, n: c.is_at(n) and c.has_door(n) and not c.is_closed(n)),
    (rf"{_NAME} is already closed", lambda c, n: c.is_at(n) and c.is_closed(n)),
    (rf"you(?: are|'re) already (?:at|facing) {_NAME}", lambda c, n: c.is_at(n)),
    (rf"you(?: are|'re)? already (?:carrying|holding|have) {_NAME}", lambda c, n: c.holds == n),
    (rf"{_NAME} can(?:not|'t| not) be (?:opened|closed)", lambda c, n: not c.has_door(n)),
    (r"you can only (?:carry|hold) one (?:object|thing|item)(?: at a time)?", lambda c, n: c.holds is not None),
    (r"you(?: are|'re) already (?:carrying|holding) (?:something|an object)", lambda c, n: c.holds is not None),
    (
        r"you can(?:'t|not| not) (?:carry|hold|take|pick up) (?:another|a second|more than one|two) (?:object|thing|item)s?",
        lambda c, n: c.holds is not None,
    ),
    (r"your hands are full", lambda c, n: c.holds is not None),
    (r"you(?: are|'re)(?: not|n't) (?:carrying|holding) anything", lambda c, n: c.holds is None),
)
_COMPILED = tuple((re.compile(pattern), holds) for pattern, holds in _REASONS)


def fault_of_refusal(sentence: str, command: str, house: Mapping[str, Any]) -> str:
    """What a refusal asserts that is not so; '' for nothing."""
    refused = RefusedCommand(" ".join(command.lower().split()), house)
    for pattern, holds in _COMPILED:
        if match := pattern.fullmatch(sentence):
            names = [name for name in match.groups() if name] or [""]
            return "" if holds(refused, *names) else f"it is not so: {sentence:.80}"
    if re.match(_MUST, sentence):
        return f"no condition of a house: {sentence:.80}"
    words = re.findall(r"[a-z][a-z'/-]*|\d+", sentence)
    strange = [w for w in words if w not in _FREE and w not in re.findall(r"[a-z][a-z'/-]*|\d+", refused.command)]
    return f"a refusal that says {' '.join(strange[:5])!r}" if strange else ""
