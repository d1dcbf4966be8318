"""Knowledge graph claims beside the truth: lists as sets, a new variable by its number and type, errors by their kind.

Nothing depends on chance or a clock. Only a list that was cut for length leaves open what a longer claim adds to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Action, Flaw, Observation

from .engine.expressions import parse

_LONGEST = 4000
"""Characters of a claim that are read, or four times the truth."""
_FENCE = re.compile(r"\A```\w*\n(.*)\n?```\Z", re.S)
_LABEL = re.compile(r"\A(?:observation|result|output)\s*:\s*", re.I)
_LIST = re.compile(r"\[(.*?),?\s*\]\.?", re.S)
_MORE = re.compile(r"…? ?(?:\.\.\. ?)?(?:and \d+ more)?")
_MADE = re.compile(
    r"(?:new )?(?:variable )?#(?P<number>\d{1,6})\b[\s,:(]*(?:which |that )?(?:(?:are|is|has|of|with) )?(?:all )?(?:the )?"
    r"(?:(?:an? )?instances? of|of type|a set of|type)?:?\s*(?:an? )?(?P<type>[A-Za-z_][\w.-]*?)\)?\.?",
    re.I,
)
_ERROR = re.compile(
    r"\b(?:cannot|can't|could not|can not|failed|fail|invalid|error|not executed|unknown|no such|not found|does not exist"
    r"|doesn't exist|not of the same type|should be|field required|not permitted|mistake)\b",
    re.I,
)
_UNLIKE = re.compile(r"\b(?:same type|different types?)\b", re.I)
_NUMBERED = re.compile(r"\s*(?:[Vv]ariable )?\s*#\d{1,6}\s*", re.A)
_ONLY_VARIABLES = {
    "intersection": ("variable1", "variable2"), "get_attributes": ("variable",), "argmax": ("variable",),
    "argmin": ("variable",), "count": ("variable",), "answer": ("variable",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What an observation says: a list of names, a new variable, or that the call cannot be executed."""

    kind: Literal["list", "variable", "error"]
    names: frozenset[str] = frozenset()
    number: int = 0
    type: str = ""
    unlike: bool = False


def told(text: str) -> Told | None:
    """What a text says; None where it is no observation of a graph."""
    text = text.strip()
    if match := _FENCE.match(text):
        text = match[1].strip()
    text = _LABEL.sub("", text)
    if match := _LIST.fullmatch(text):
        parts = (part.strip().strip("\"'`") for part in match[1].split(","))
        return Told("list", frozenset(p for p in parts if p and not _MORE.fullmatch(p)))
    if match := _MADE.fullmatch(" ".join(text.split())):
        return Told("variable", number=int(match["number"]), type=match["type"])
    if _ERROR.search(text):
        return Told("error", unlike=bool(_UNLIKE.search(text)))
    return None


class Variables(Comparison):
    """AgentBench's observations, by what they say."""

    def malformed(self, action: Action) -> str:
        """A tool that works on variables alone was given something else."""
        for name in _ONLY_VARIABLES.get(action.name, ()):
            word = action.arguments.get(name)
            if isinstance(word, str) and not _NUMBERED.fullmatch(word):
                return f"{action.name}: {name}: expected a variable such as #0, found {word!r:.80}"
        return ""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        if claim.text.strip() == scene.truth.text.strip():
            return _answers(scene.truth, claim)
        if len(claim.text) > max(_LONGEST, 4 * len(scene.truth.text)):
            return drift("format", f"{len(claim.text)} characters are no observation of a graph")
        said = told(claim.text)
        if said is None or (said.kind == "error" and not _is_error(claim.text)):
            if speaks(claim.text):
                return drift("out_of_character", f"it chats: {claim.text:.80}")
            return drift("format", f"neither a list nor a variable nor an error: {claim.text:.80}")
        truth = told(scene.truth.text)
        if scene.truth.invalid or truth is None:
            return _refusal(said, scene)
        if said.kind == "error":
            return drift("refused_valid", f"the call works: {scene.truth.text:.200}")
        if said.kind != truth.kind:
            return drift("format", f"this call gives a {truth.kind}, not a {said.kind}")
        return _listed(said, truth, scene) if said.kind == "list" else _made(said, truth, scene)

    def state(self, scene: Transition, claim: Any) -> Judgement:
        if not isinstance(claim, dict) or not isinstance(claim.get("variables"), dict):
            return drift("format", "the next state has no variables")
        try:
            have, want = _facts(claim), _facts(scene.after)
        except (KeyError, TypeError, AttributeError, ValueError):
            return drift("format", "the next state is no state of a graph")
        if have == want:
            return MATCH
        odd = min((k for k in have.keys() | want.keys() if have.get(k) != want.get(k)), key=str)
        reason = f"{' '.join(map(str, odd))}: {have.get(odd)!s:.80}, truly {want.get(odd)!s:.80}"
        stale = have.get(odd) == _facts(scene.before).get(odd)
        return drift("forgot_change" if stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """Variables that are new, gone or other."""
        old, new = before["variables"], after["variables"]
        return sum(old.get(k) != new.get(k) for k in old.keys() | new.keys())


def vocabulary(spec: Mapping[str, Any]) -> set[str]:
    """The relations and attributes of a task's own graph; none where it is behind an endpoint."""
    graph = spec.get("graph") or {}
    relations = graph.get("relations", {})
    inverses = {r["inverse"] for r in relations.values() if "inverse" in r}
    return {*relations, *inverses, *graph.get("attributes", {})}


def types(spec: Mapping[str, Any]) -> set[str]:
    """What the members of a variable may be, in a task's own graph."""
    graph = spec.get("graph") or {}
    ends = {end for r in graph.get("relations", {}).values() for end in (r["domain"], r["range"])}
    return (
        {*ends, *(a["kind"] for a in graph.get("attributes", {}).values()), "number", "date", "text"}
        if graph
        else set()
    )


def _is_error(text: str) -> bool:
    """Whether a text that holds an error's words is one, and not somebody talking."""
    return not speaks(text) and len(text) < 600


def _answers(truth: Observation, claim: Observation) -> Judgement:
    if claim.answer is None or truth.answer is None or _set(claim.answer) == _set(truth.answer):
        return MATCH
    return drift("wrong_result", "the answer has other members")


def _set(answer: Any) -> set[str]:
    return set(map(str, answer)) if isinstance(answer, list | tuple) else {str(answer)}


def _refusal(said: Told, scene: Transition) -> Judgement:
    if said.kind != "error":
        return drift("accepted_malformed", f"the call cannot be executed: {scene.truth.text:.200}")
    if said.unlike and not _UNLIKE.search(scene.truth.text):
        return drift("wrong_result", f"another error: {scene.truth.text:.200}")
    return MATCH


def _listed(said: Told, truth: Told, scene: Transition) -> Judgement:
    lost, more = truth.names - said.names, said.names - truth.names
    if not lost and not more:
        return MATCH
    if scene.truth.truncated and not lost:
        return Judgement(label="unverifiable", reason="the engine's list is cut, and the claim's is longer")
    known = vocabulary(scene.spec)
    if known and (strange := more - known):
        return drift("invented", f"{min(strange):.80} is in no list of this graph")
    return drift("wrong_result", f"too many: {_some(more)}; missing: {_some(lost)}")


def _made(said: Told, truth: Told, scene: Transition) -> Judgement:
    if said.number != truth.number:
        reused = said.number < truth.number
        return drift(
            "forgot_change" if reused else "wrong_result", f"the new variable is #{truth.number}, not #{said.number}"
        )
    if said.type == truth.type:
        return MATCH
    known = types(scene.spec)
    error: Flaw = "invented" if known and said.type not in known else "wrong_result"
    return drift(error, f"#{said.number} holds {truth.type}, not {said.type:.80}")


def _facts(state: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """What is true in a state, by what it is about; lists as sets, expressions in their canonical form."""
    found: dict[tuple[str, str], Any] = {}
    for name, variable in state["variables"].items():
        found["variable", name] = (variable["type"], _canonical(variable["expression"]))
    for kind in ("relations", "attributes"):
        for text, names in (state.get(kind) or {}).items():
            found[kind, _canonical(text)] = frozenset(names)
    if not all(isinstance(part, str) for values in found.values() for part in values):
        raise ValueError("a name that is no text")
    return found


def _canonical(expression: Any) -> str:
    try:
        return parse(expression, lambda relation: "").text
    except (ValueError, RecursionError):
        return str(expression)[:_LONGEST]


def _some(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)[:5])[:200] or "none"
