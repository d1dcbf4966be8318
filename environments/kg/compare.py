"""Compares a simulated graph with the engine's: lists as sets, new variables by number and type, errors by their kind.

Nothing depends on chance or time, so every claim can be verified.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Action, Flaw, Observation

from .checking.error_words import fault_of_error
from .checking.vocabulary import vocabulary
from .engine.logical_forms import parse

_MAX_CHARACTERS = 4000
"""Most characters of a claim that is read; four times the length of the truth if that is more."""
_FENCE = re.compile(r"\A```\w*\n(.*)\n?```\Z", re.S)
_LABEL = re.compile(r"\A(?:observation|result|output)\s*:\s*", re.I)
_LIST = re.compile(r"[\[{](.*?),?\s*[\]}]\.?", re.S)
_BARE_LIST = re.compile(r"\w+(?:\.\w+)+(?:\s*[,;\n]\s*\w+(?:\.\w+)+)+\.?")
_MORE = re.compile(r"…? ?(?:\.\.\. ?)?(?:and \d+ more)?")
_NEW_VARIABLE = re.compile(
    r"(?:created )?(?:new )?(?:variable )?#(?P<number>\d{1,6})\b(?: created| added)?[\s,:(]*"
    r"(?:which |that )?(?:(?:are|is|has|of|with) )?(?:all )?(?:the )?"
    r"(?:(?:an? )?instances? of|of type|a set of|type)?:?\s*(?:an? )?(?P<type>[A-Za-z_][\w.-]*?)\)?\.?",
    re.I,
)
_ERROR = re.compile(
    r"\b(?:cannot|can't|could not|can not|failed|fail|invalid|error|not executed|unknown|no such|not found|does not exist"
    r"|(?:there is|has) no (?:entity|variable|relation|attribute)|doesn't exist|not of the same type"
    r"|not an? (?:valid|known|relation|attribute|entity|variable)"
    r"|should be|field required|not permitted|mistake)\b",
    re.I,
)
_UNEQUAL_TYPES = re.compile(r"\b(?:same type|different types?)\b", re.I)
_VARIABLE = re.compile(r"\s*(?:[Vv]ariable )?\s*#\d{1,6}\s*", re.A)
_VARIABLE_PARAMETERS = {
    "intersection": ("variable1", "variable2"), "get_attributes": ("variable",), "argmax": ("variable",),
    "argmin": ("variable",), "count": ("variable",), "answer": ("variable",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedObservation:
    """The meaning of an observation: a list of names, a new variable, or an error.

    `names` belongs to a list, and `more` says that it goes on; `number` and `type` to a variable, `unequal_types` to an error
    about the variables' types.
    """

    kind: Literal["list", "variable", "error"]
    names: frozenset[str] = frozenset()
    more: bool = False
    number: int = 0
    type: str = ""
    unequal_types: bool = False


def parse_observation(text: str) -> ParsedObservation | None:
    """The meaning of an observation; None if the text is no observation of a graph."""
    text = text.strip()
    if match := _FENCE.match(text):
        text = match[1].strip()
    text = _LABEL.sub("", text)
    if (match := _LIST.fullmatch(text)) or _BARE_LIST.fullmatch(text):
        names = re.split("[,;]", match[1]) if match else re.split(r"[,;\n]", text)
        parts = {name.strip().strip("\"'`.") or name.strip() for name in names} - {""}
        rest = {part for part in parts if _MORE.fullmatch(part)}
        return ParsedObservation("list", frozenset(parts - rest), more=bool(rest))
    if match := _NEW_VARIABLE.fullmatch(" ".join(text.split())):
        return ParsedObservation("variable", number=int(match["number"]), type=match["type"])
    if _ERROR.search(text):
        return ParsedObservation("error", unequal_types=bool(_UNEQUAL_TYPES.search(text)))
    return None


class GraphComparison(Comparison):
    """Compares AgentBench's observations by their meaning."""

    def malformed(self, action: Action) -> str:
        """Why a call breaks the rule that some tools take only variables; '' if it does not."""
        for name in _VARIABLE_PARAMETERS.get(action.name, ()):
            word = action.arguments.get(name)
            if isinstance(word, str) and not _VARIABLE.fullmatch(word):
                return f"{action.name}: {name}: expected a variable such as #0, facts {word!r:.80}"
        return ""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        if claim.text.strip() == scene.truth.text.strip():
            return _answers(scene.truth, claim)
        if len(claim.text) > max(_MAX_CHARACTERS, 4 * len(scene.truth.text)):
            return drift("format", f"{len(claim.text)} characters are no observation of a graph")
        statement = parse_observation(claim.text)
        if statement is None or (statement.kind == "error" and not _is_error(claim.text)):
            if speaks(claim.text):
                return drift("out_of_character", f"it chats: {claim.text:.80}")
            return drift("format", f"neither a list nor a variable nor an error: {claim.text:.80}")
        truth = parse_observation(scene.truth.text)
        if scene.truth.invalid or truth is None:
            return _judge_error_case(statement, claim.text, scene)
        if statement.kind == "error":
            return drift("refused_valid", f"the call works: {scene.truth.text:.200}")
        if statement.kind != truth.kind:
            return drift("format", f"this call gives a {truth.kind}, not a {statement.kind}")
        return (
            _judge_list(statement, truth, scene)
            if statement.kind == "list"
            else _judge_variable(statement, truth, scene)
        )

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
        reason = f"{' '.join(map(str, odd))}: {_fact_text(have.get(odd)):.80}, truly {_fact_text(want.get(odd)):.80}"
        stale = have.get(odd) == _facts(scene.before).get(odd)
        return drift("forgot_change" if stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """The number of variables that are new, gone or different."""
        old, new = before["variables"], after["variables"]
        return sum(old.get(k) != new.get(k) for k in old.keys() | new.keys())


def types(spec: Mapping[str, Any]) -> set[str]:
    """The possible types of a variable's members in a task's own graph; empty if it has none."""
    graph = spec.get("graph") or {}
    ends = {end for r in graph.get("relations", {}).values() for end in (r["domain"], r["range"])}
    return (
        {*ends, *(a["kind"] for a in graph.get("attributes", {}).values()), "number", "date", "text"}
        if graph
        else set()
    )


def _is_error(text: str) -> bool:
    """Whether a text with the words of an error is an error and not chat."""
    return not speaks(text) and len(text) < 600


def _answers(truth: Observation, claim: Observation) -> Judgement:
    if claim.answer is None or truth.answer is None or _set(claim.answer) == _set(truth.answer):
        return MATCH
    return drift("wrong_result", "the answer has other members")


def _set(answer: Any) -> set[str]:
    return set(map(str, answer)) if isinstance(answer, list | tuple) else {str(answer)}


def _whole(truth: ParsedObservation, scene: Transition) -> frozenset[str]:
    """The names of a list that is cut, from the state after the call."""
    lists = [*scene.after["relations"].values(), *scene.after["attributes"].values()]
    return next((frozenset(names) for names in lists if truth.names < frozenset(names)), truth.names)


def _judge_error_case(statement: ParsedObservation, text: str, scene: Transition) -> Judgement:
    if statement.kind != "error":
        return drift("accepted_malformed", f"the call cannot be executed: {scene.truth.text:.200}")
    if statement.unequal_types and not _UNEQUAL_TYPES.search(scene.truth.text):
        return drift("wrong_result", f"another error: {scene.truth.text:.200}")
    fault = fault_of_error(text, scene)
    return drift("wrong_result", f"{fault}; truly {scene.truth.text:.200}") if fault else MATCH


def _judge_list(statement: ParsedObservation, truth: ParsedObservation, scene: Transition) -> Judgement:
    """Compare lists; of one that the engine has cut the state holds the whole, of which a claim may tell less."""
    names = _whole(truth, scene) if scene.truth.truncated else truth.names
    missing, extra = (truth.names if statement.more else names) - statement.names, statement.names - names
    if not missing and not extra and statement.more <= scene.truth.truncated:
        return MATCH
    known = vocabulary(scene.spec)
    if known and (unknown := extra - known):
        return drift("invented", f"{min(unknown):.80} is in no list of this graph")
    if statement.more and not missing and not extra:
        return drift("wrong_result", "there are no more names")
    return drift("wrong_result", f"too many: {_excerpt(extra)}; missing: {_excerpt(missing)}")


def _judge_variable(statement: ParsedObservation, truth: ParsedObservation, scene: Transition) -> Judgement:
    if statement.number != truth.number:
        is_old = statement.number < truth.number
        return drift(
            "forgot_change" if is_old else "wrong_result",
            f"the new variable is #{truth.number}, not #{statement.number}",
        )
    if statement.type == truth.type:
        return MATCH
    graph_types = types(scene.spec)
    error: Flaw = "invented" if graph_types and statement.type not in graph_types else "wrong_result"
    return drift(error, f"#{statement.number} holds {truth.type}, not {statement.type:.80}")


def _facts(state: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """The facts of a state by kind and name: lists as sets, expressions in their canonical form."""
    facts: dict[tuple[str, str], Any] = {}
    for name, variable in state["variables"].items():
        facts["variable", name] = (variable["type"], _canonical(variable["expression"]))
    for kind in ("relations", "attributes"):
        for text, names in (state.get(kind) or {}).items():
            facts[kind, _canonical(text)] = frozenset(names)
    if not all(isinstance(part, str) for values in facts.values() for part in values):
        raise ValueError("a name that is no text")
    return facts


def _canonical(expression: Any) -> str:
    try:
        return parse(expression, lambda relation: "").text
    except (ValueError, RecursionError):
        return str(expression)[:_MAX_CHARACTERS]


def _excerpt(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)[:5])[:200] or "none"


def _fact_text(value: Any) -> str:
    """A fact's value; the names of a set in one order, so that equal runs say the same."""
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
