"""Household claims beside the truth: sentences as facts, houses as what is where.

A claim may tell more than was asked where that is true and the agent would see it (where it stands, what it holds, a
door before it), and less where the rest is implied. Nothing here is unverifiable: a house has no chance and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Observation

from .checking.sentences import Fact, Reading, read
from .engine.house import MARKS
from .engine.layout import kind_of
from .engine.object_types import OPENABLE

_LONGEST = 4000
"""Characters of a claim that are read, or four times the truth."""
_STATIC = ("type", "openable", "place", "accepts", "heats", "cools", "cleans")


class Sentences(Comparison):
    """ALFWorld's sentences, by what they say."""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        if " ".join(claim.text.split()) == " ".join(scene.truth.text.split()):
            return MATCH
        if len(claim.text) > max(_LONGEST, 4 * len(scene.truth.text)):
            return drift("format", f"{len(claim.text)} characters are no sentence of a house")
        if speaks(claim.text):
            return drift("out_of_character", f"it chats: {claim.text:.80}")
        said = read(claim.text)
        if not said.facts or (said.unread and not _strange(said, scene)):
            return drift("format", f"no sentence of a house: {(said.unread or [claim.text])[0]:.80}")
        if scene.truth.invalid:
            return MATCH if said.facts == {("nothing",)} else drift("accepted_malformed", "the call is not valid")
        return _judged(said, read(scene.truth.text).facts, scene)

    def state(self, scene: Transition, claim: Any) -> Judgement:
        if not _is_house(claim):
            return drift("format", "the next state is no house: expected receptacles, objects and agent")
        try:
            have, want = facts(claim, scene.after), facts(scene.after, scene.after)
        except (TypeError, AttributeError, ValueError):
            return drift("format", "the next state is no house")
        wrong = [k for k in have.keys() | want.keys() if have.get(k) != want.get(k)]
        if not wrong:
            return MATCH
        first = min(wrong, key=str)
        reason = f"{' '.join(map(str, first))}: {have.get(first)!r:.60}, truly {want.get(first)!r:.60}"
        strange = {name for kind, name in have if kind not in ("past", "at")} - _names(scene.after)
        if strange:
            return drift("invented", f"{min(map(str, strange))} is not in this house")
        stale = facts(scene.before, scene.after)
        return drift("forgot_change" if any(have.get(k) == stale.get(k) for k in wrong) else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """Doors, things that lie elsewhere, marks, and where the agent stands: one each."""
        old, new = facts(before, after), facts(after, after)
        return sum(old.get(k) != new.get(k) for k in (old.keys() | new.keys()) if k[0] != "past")


def facts(state: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[tuple[str, Any], Any]:
    """What is true in a state, by what it is about. What it leaves out of what never changes is taken from `whole`."""
    found: dict[tuple[str, Any], Any] = {}
    receptacles, agent = state["receptacles"], state.get("agent") or {}
    for name, given in receptacles.items():
        known = whole["receptacles"].get(name, {})
        found["door", name] = bool(given.get("open", False))
        found["there", name] = True
        for key in _STATIC:
            if key in given and given[key] != known.get(key, _default(key, name)):
                found[key, name] = "other"
        for thing in given.get("contains") or ():
            found["lies", thing] = frozenset({*found.get(("lies", thing), ()), name})
    for name, given in (state.get("objects") or {}).items():
        for mark in MARKS:
            if (given or {}).get(mark):
                found[mark, name] = True
    if held := agent.get("holds"):
        found["lies", held] = "held"
    if not isinstance(agent.get("at"), str | None):
        raise ValueError("agent.at is no name")
    found["at", "agent"] = _place(agent.get("at"), whole)
    if state.get("past"):
        for pair in state["past"].get("taken", ()):
            found["past", tuple(pair)] = True
    elif whole.get("past"):
        for pair in whole["past"].get("taken", ()):
            found["past", tuple(pair)] = True
    return found


def _judged(said: Reading, truth: set[Fact], scene: Transition) -> Judgement:
    """The facts of a claim beside the true ones."""
    have, want = _implied(said.facts), _implied(truth)
    lost = [f for f in _essential(want, have) if not any(_same(f, g) for g in have)]
    odd = [f for f in have if not any(_same(f, g) for g in want) and not _true(f, scene)]
    if not lost and not odd and not said.unread:
        return MATCH
    reason = f"it says {_told(odd) or 'less'}; truly {scene.truth.text:.200}"
    if strange := _strange(said, scene):
        return drift("invented", f"{min(strange)} is not in this house")
    if want == {("nothing",)}:
        return drift("accepted_malformed", reason)
    if have == {("nothing",)}:
        return drift("refused_valid", reason)
    did, claimed = (any(f[0] == "did" for f in facts) for facts in (want, have))
    return drift("forgot_change" if did and not claimed else "wrong_result", reason)


def _strange(said: Reading, scene: Transition) -> set[str]:
    """Names of what the house does not have, but for those that the action brought up."""
    given = " ".join(map(str, scene.action.arguments.values())).lower()
    named = said.names
    return {n for n in named - _names(scene.after) if n not in given and not _is_place(n, scene.after)}


def _names(state: Mapping[str, Any]) -> set[str]:
    return {"agent", *state["receptacles"], *state["objects"], *_vessels(state)}


def _vessels(state: Mapping[str, Any]) -> Iterable[str]:
    return (name for thing in state["objects"].values() for name in thing.get("contains", ()))


def _is_place(name: str, state: Mapping[str, Any]) -> bool:
    return any(r.get("place") == name for r in state["receptacles"].values())


def _implied(told: set[Fact]) -> set[Fact]:
    """With what a sentence says without saying it: an opened door is open."""
    more: set[Fact] = {("open" if f[1] == "open" else "closed", f[2]) for f in told if f[:2] in _MOVES}
    return told | more


_MOVES = {("did", "open"), ("did", "close")}


def _essential(want: set[Fact], have: set[Fact]) -> set[Fact]:
    """The facts that must be told. What is seen in something tells that it is open, and what it is."""
    seen = {f[1] for f in have if f[0] == "sees"}
    return {f for f in want if f[:2] not in _MOVES and not (f[0] in ("open", "is") and f[1] in seen)}


def _same(one: Fact, other: Fact) -> bool:
    if one[0] == other[0] == "did":
        return one[1:3] == other[1:3] and (one[3] == other[3] or "" in (one[3], other[3]))
    return one == other


def _true(fact: Fact, scene: Transition) -> bool:
    """Whether an aside is true, and of something before the agent."""
    kind, what, after = fact[0], fact[1] if len(fact) > 1 else None, scene.after
    agent = after["agent"]
    at = _place(agent["at"], after)
    if kind == "at":
        return what in after["receptacles"] and _place(what, after) == at
    if kind == "faces":
        return bool(what) and all(n in after["receptacles"] and _place(n, after) == at for n in what)  # type: ignore[attr-defined]
    if kind == "holds":
        return what == ({agent["holds"]} if agent["holds"] else set())
    if kind in ("open", "closed") and what in after["receptacles"]:
        receptacle = after["receptacles"][what]
        return _place(what, after) == at and "open" in receptacle and receptacle["open"] == (kind == "open")
    if kind == "is" and what == agent["holds"] and fact[2]:
        return all(after["objects"].get(what, {}).get(q, False) for q in fact[2])  # type: ignore[attr-defined]
    return False


def _place(at: Any, state: Mapping[str, Any]) -> Any:
    """A place by its own name or that of a receptacle there."""
    receptacle = state["receptacles"].get(at) if isinstance(at, str) else None
    return receptacle.get("place", at) if isinstance(receptacle, Mapping) else at


def _default(key: str, name: str) -> Any:
    return {"type": kind_of(name), "place": name, "openable": kind_of(name) in OPENABLE}.get(key)


def _is_house(claim: Any) -> bool:
    return (
        isinstance(claim, dict)
        and isinstance(claim.get("receptacles"), dict)
        and all(isinstance(claim.get(k) or {}, dict) for k in ("objects", "agent", "past"))
        and all(isinstance(r, dict) for r in claim["receptacles"].values())
        and all(isinstance(o or {}, dict) for o in (claim.get("objects") or {}).values())
    )


def _told(facts: list[Fact]) -> str:
    """Facts as short text, the same every time."""
    parts = (
        " ".join(", ".join(sorted(p)) or "nothing" if isinstance(p, frozenset) else str(p) for p in f) for f in facts
    )
    return "; ".join(sorted(parts))[:200]
