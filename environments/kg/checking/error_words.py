"""Checks what an error says of a graph: its words are free, its names must be those of the call, and a reason must be one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simenv.compare import Transition

from .vocabulary import vocabulary

_FREE = frozenset(
    """a action again an and any argument attribute attributes be because been before by call called can can't cannot check
    could did do does doesn't don't empty entity entities error execute executed execution exist exists expected explore
    explored fail failed failure field first fix for found from further get_attributes get_neighbors get_relations graph has
    have id in input intersection invalid is isn't it its known list listed make may mistake must name named need needs never
    no none not of on one or permitted please question recheck relation relations
    required same should such that the them there
    these this to two type types undefined unknown unresolved use valid value variable variables was were with wrong yet
    you your argmax argmin count are different""".split()  # noqa: SIM905
)
_HINT = re.compile(r"[.,;]?\s*did you mean (.{1,80}?)\s*\?", re.IGNORECASE)
_ABSENT = re.compile(
    r"(?:unknown|no such|undefined) (?:entity|variable)|(?:entity|variable) .{0,80}unknown"
    r"|not found|not exist|doesn't exist",
    re.IGNORECASE,
)
_NO_RELATION = re.compile(
    r"(?:no|unknown|undefined|no such|not an? (?:valid |known )?)\s*(?:relation|attribute)\b"
    r"|(?:relation|attribute) \S{1,200} (?:not found|(?:is )?unknown|(?:does not|doesn't) exist|was not found|is not)",
    re.IGNORECASE,
)
_SHORT = 40
"""Characters of a word that nobody cuts."""
_CALL = re.compile(r"\b([a-z_]+)\(")
_WORD = re.compile(r"#?\w+(?:[.'-]\w+)*")


def fault_of_error(text: str, scene: Transition) -> str:
    """What an error asserts that neither the engine's own, the call nor the graph bears out; '' for nothing."""
    call = [str(value) for value in scene.action.arguments.values()]
    for match in _HINT.finditer(text):
        if match[1].strip("'\"`") not in _names(scene.spec, scene.before):
            return f"there is no {match[1]:.80}"
    said = _HINT.sub(" ", text)
    own = {word.casefold() for source in (*call, scene.action.name, scene.truth.text) for word in _words(source)}
    strange = [word for word in _words(said) if word.casefold() not in _FREE and not _is_own(word.casefold(), own)]
    if strange:
        return f"an error that says {' '.join(strange[:5])!r:.120}"
    if other := [name for name in _CALL.findall(said) if name != scene.action.name]:
        return f"it was not {other[0]:.80} that was called"
    operands = [
        word.removeprefix("variable ").strip() for word in call[: 2 if scene.action.name == "intersection" else 1]
    ]
    if _NO_RELATION.search(said):
        return _fault_of_missing_relation(said, call, scene)
    if operands and _ABSENT.search(said) and all(word in _names(scene.spec, scene.before) for word in operands):
        return f"{operands[0]:.80} does exist"
    return ""


def _fault_of_missing_relation(said: str, call: list[str], scene: Transition) -> str:
    """What is wrong with an error that says that a variable, or the graph, has not the relation or attribute of the call."""
    subject, relation = (*call, "", "")[:2]
    if relation not in said or relation not in vocabulary(scene.spec):
        return ""
    known = [*scene.before["relations"].get(subject, ()), *scene.before["attributes"].get(subject, ())]
    if subject in said and subject in _names(scene.spec, scene.before) and relation not in known:
        return ""
    return f"there is {relation:.80}"


def _is_own(word: str, own: set[str]) -> bool:
    """Whether a word is one of those, or a long one of them cut short."""
    return word in own or (len(word) > _SHORT and any(other.startswith(word) for other in own))


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _names(spec: Mapping[str, Any], state: Mapping[str, Any]) -> set[str]:
    """All that a call may name: the variables, and the entities by name and id."""
    entities = spec.get("graph", {}).get("entities", {})
    named = {entity.get("name", id) for id, entity in entities.items()}
    return {*state["variables"], *spec.get("mentions", {}), *entities, *named}
