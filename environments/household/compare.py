"""Compares a simulated house with the engine's: sentences by their facts, states by what lies where.

A claim may say more than the engine if that is true and visible to the agent (its place, the object in its hand, a door
before it), and less if the rest is implied. Every claim can be verified: a house depends on neither chance nor time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Observation

from .checking.refusals import fault_of_refusal
from .checking.sentence_reader import Fact, Reading, read
from .engine.house import MARKS
from .engine.layout import kind_of
from .engine.object_types import OPENABLE

_MAX_CHARACTERS = 4000
"""Most characters of a claim that is read; four times the length of the truth if that is more."""
_ONE_NAME = re.compile(r"(?:go to|open|close|examine|use) ([a-z][a-z-]* \d+)")
_PARSER = re.compile(r"i (?:don't|do not) (?:understand|recogni[sz]e|know) (?:that|this|the) [a-z]+\.?", re.IGNORECASE)
"""What a text game says to a command that it cannot read; no chat."""
_REASONS = ("closed", "open", "holds")
"""Facts that, where they are so, stand for a refusal."""
_RESULTS: Mapping[str, tuple[str, str]] = {
    "use": ("is", "on"), "heat": ("is", "hot"), "cool": ("is", "cool"), "clean": ("is", "clean"), "slice": ("is", "sliced"),
}  # fmt: skip
"""The quality that each action brings about."""
_STATIC = ("type", "openable", "place", "accepts", "heats", "cools", "cleans")


class HouseComparison(Comparison):
    """Compares ALFWorld's sentences by their meaning."""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        if " ".join(claim.text.split()) == " ".join(scene.truth.text.split()):
            return MATCH
        if len(claim.text) > max(_MAX_CHARACTERS, 4 * len(scene.truth.text)):
            return drift("format", f"{len(claim.text)} characters are no sentence of a house")
        if speaks(claim.text) and not _PARSER.fullmatch(claim.text.strip()):
            return drift("out_of_character", f"it chats: {claim.text:.80}")
        command = str(scene.action.arguments.get("action", "")).lower()
        reading = read(claim.text, _aim(command))
        if not reading.facts or (reading.unread and not _unknown_names(reading, scene)):
            return drift("format", f"no sentence of a house: {(reading.unread or [claim.text])[0]:.80}")
        if scene.truth.invalid:
            return MATCH if reading.facts == {("nothing",)} else drift("accepted_malformed", "the call is not valid")
        return _judge(reading, read(scene.truth.text).facts, scene)

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
        unknown = {name for kind, name in have if kind not in ("past", "at")} - _names(scene.after)
        if unknown:
            return drift("invented", f"{min(map(str, unknown))} is not in this house")
        stale = facts(scene.before, scene.after)
        return drift("forgot_change" if any(have.get(k) == stale.get(k) for k in wrong) else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """Changes between two states: one for each door, moved object and mark, and one for the agent's place."""
        old, new = facts(before, after), facts(after, after)
        return sum(old.get(k) != new.get(k) for k in (old.keys() | new.keys()) if k[0] != "past")


def facts(state: Mapping[str, Any], complete: Mapping[str, Any]) -> dict[tuple[str, Any], Any]:
    """The facts of a state, by kind and name.

    The fixed parts that `state` leaves out come from `complete`, a full state of the same house. ValueError, TypeError or
    AttributeError if `state` is no state of a house.
    """
    result: dict[tuple[str, Any], Any] = {}
    receptacles, agent = state["receptacles"], state.get("agent") or {}
    for name, receptacle in receptacles.items():
        truth = complete["receptacles"].get(name, {})
        result["door", name] = bool(receptacle.get("open", False))
        result["there", name] = True
        for key in _STATIC:
            if key in receptacle and receptacle[key] != truth.get(key, _default(key, name)):
                result[key, name] = "other"
        for thing in receptacle.get("contains") or ():
            result["lies", thing] = tuple(sorted((*result.get(("lies", thing), ()), name)))
    for name, marks in (state.get("objects") or {}).items():
        true_marks = complete["objects"].get(name)
        if true_marks is None:
            result["there", name] = True
        for mark, value in (marks or {}).items():
            if mark in MARKS and value:
                result[mark, name] = True
            elif mark not in (*MARKS, "near") and value != (true_marks or {}).get(mark):
                result[mark, name] = "other"
    if name := agent.get("holds"):
        result["lies", name] = tuple(sorted((*result.get(("lies", name), ()), "held")))
    if not isinstance(agent.get("at"), str | None):
        raise ValueError("agent.at is no name")
    result["at", "agent"] = _place(agent.get("at"), complete)
    if state.get("past"):
        for pair in state["past"].get("taken", ()):
            result["past", tuple(pair)] = True
    elif complete.get("past"):
        for pair in complete["past"].get("taken", ()):
            result["past", tuple(pair)] = True
    return result


def _aim(command: str) -> str:
    """What a command of one name is about."""
    match = _ONE_NAME.fullmatch(" ".join(command.split()))
    return match[1] if match else ""


def _judge(reading: Reading, truth: set[Fact], scene: Transition) -> Judgement:
    """The judgement of a claim's facts beside the true ones."""
    have, want = _with_implied(reading.facts), _with_implied(truth)
    missing = [f for f in _essential(want, have) if not any(_same(f, g) for g in have) and not _shown(f, have)]
    wrong = [f for f in have if not any(_same(f, g) for g in want) and not _true(f, scene)]
    if not missing and not wrong and not reading.unread:
        return _judge_refusals(reading, scene)
    reason = f"it says {_as_text(wrong) or 'less'}; truly {scene.truth.text:.200}"
    if unknown := _unknown_names(reading, scene):
        return drift("invented", f"{min(unknown)} is not in this house")
    if want == {("nothing",)} and have and not wrong and all(f[0] in _REASONS for f in have):
        return MATCH
    if want == {("nothing",)}:
        return drift("accepted_malformed", reason)
    if have == {("nothing",)}:
        return drift("refused_valid", reason)
    is_action, claims_action = (any(f[0] == "did" for f in facts) for facts in (want, have))
    return drift("forgot_change" if is_action and not claims_action else "wrong_result", reason)


def _judge_refusals(reading: Reading, scene: Transition) -> Judgement:
    """The judgement of what refusals give as their reasons."""
    command = str(scene.action.arguments.get("action", ""))
    faults = (fault_of_refusal(sentence, command, scene.before) for sentence in reading.refusals)
    fault = next(filter(None, faults), "")
    return drift("wrong_result", f"{fault}; truly {scene.truth.text:.200}") if fault else MATCH


def _shown(fact: Fact, have: set[Fact]) -> bool:
    """Whether an action that is not told can be seen by its result."""
    if fact[0] != "did":
        return False
    if fact[1] == "take":
        return ("holds", frozenset({fact[2]})) in have
    kind, quality = _RESULTS.get(str(fact[1]), ("", ""))
    return any(f[:2] == (kind, fact[2]) and isinstance(f[2], frozenset) and quality in f[2] for f in have)


def _unknown_names(reading: Reading, scene: Transition) -> set[str]:
    """Names in a claim that neither the house nor the action has."""
    arguments = " ".join(map(str, scene.action.arguments.values())).lower()
    return {n for n in reading.names - _names(scene.after) if n not in arguments and not _is_place(n, scene.after)}


def _names(state: Mapping[str, Any]) -> set[str]:
    return {"agent", *state["receptacles"], *state["objects"], *_vessels(state)}


def _vessels(state: Mapping[str, Any]) -> Iterable[str]:
    return (name for thing in state["objects"].values() for name in thing.get("contains", ()))


def _is_place(name: str, state: Mapping[str, Any]) -> bool:
    return any(r.get("place") == name for r in state["receptacles"].values())


def _with_implied(explicit: set[Fact]) -> set[Fact]:
    """Some facts with those they imply: an opened door is open."""
    implications: set[Fact] = {
        ("open" if f[1] == "open" else "closed", f[2]) for f in explicit if f[:2] in _DOOR_ACTIONS
    }
    return explicit | implications


_DOOR_ACTIONS = {("did", "open"), ("did", "close")}


def _essential(want: set[Fact], have: set[Fact]) -> set[Fact]:
    """The true facts that a claim must state; a list of contents implies an open door and the vessel's qualities."""
    looked_into = {f[1] for f in have if f[0] == "sees"}
    return {f for f in want if f[:2] not in _DOOR_ACTIONS and not (f[0] in ("open", "is") and f[1] in looked_into)}


def _same(one: Fact, other: Fact) -> bool:
    if one[0] == other[0] == "did":
        return one[1:3] == other[1:3] and (one[3] == other[3] or "" in (one[3], other[3]))
    return one == other


def _true(fact: Fact, scene: Transition) -> bool:
    """Whether a fact beyond the engine's sentence is true and visible to the agent."""
    kind, subject, after = fact[0], fact[1] if len(fact) > 1 else None, scene.after
    agent = after["agent"]
    at = _place(agent["at"], after)
    if kind == "at":
        return subject in after["receptacles"] and _place(subject, after) == at
    if kind == "faces":
        names = subject if isinstance(subject, frozenset) else ()
        return bool(names) and all(n in after["receptacles"] and _place(n, after) == at for n in names)
    if kind == "holds":
        return subject == ({agent["holds"]} if agent["holds"] else set())
    if kind == "sees" and subject in after["receptacles"]:
        receptacle = after["receptacles"][subject]
        is_open = receptacle.get("open", kind_of(str(subject)) not in OPENABLE)
        return _place(subject, after) == at and is_open and fact[2] == frozenset(receptacle.get("contains", ()))
    if kind in ("open", "closed") and subject in after["receptacles"]:
        receptacle = after["receptacles"][subject]
        return _place(subject, after) == at and "open" in receptacle and receptacle["open"] == (kind == "open")
    if kind == "is" and _is_seen(subject, after) and isinstance(qualities := fact[2], frozenset) and qualities:
        return all(after["objects"].get(subject, {}).get(q, False) for q in qualities)
    return False


def _is_seen(name: object, state: Mapping[str, Any]) -> bool:
    """Whether an object is in the hand or lies open before the agent."""
    at = _place(state["agent"]["at"], state)
    lies = (n for n, r in state["receptacles"].items() if name in r.get("contains", ()) and r.get("open", True))
    return name == state["agent"]["holds"] or any(_place(n, state) == at for n in lies)


def _place(at: Any, state: Mapping[str, Any]) -> Any:
    """The place of that name, or the place of the receptacle of that name."""
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


def _as_text(facts: list[Fact]) -> str:
    """Facts as short text, the same every time."""
    parts = (
        " ".join(", ".join(sorted(p)) or "nothing" if isinstance(p, frozenset) else str(p) for p in f) for f in facts
    )
    return "; ".join(sorted(parts))[:200]
