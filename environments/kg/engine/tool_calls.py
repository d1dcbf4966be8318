"""Tool calls as text such as `get_neighbors(#0, film.film.genre)`, and the logical form that a list of calls builds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from simenv.types import Action

from .logical_forms import LogicalForm, count, entity, intersection, join, superlative

PARAMETERS: dict[str, tuple[str, ...]] = {
    "get_relations": ("variable",),
    "get_neighbors": ("variable", "relation"),
    "intersection": ("variable1", "variable2"),
    "get_attributes": ("variable",),
    "argmax": ("variable", "attribute"),
    "argmin": ("variable", "attribute"),
    "count": ("variable",),
}
"""AgentBench's tools and their parameters; `answer` is no tool there."""

_CALL = re.compile(r"(\w+)\((.*)\)", re.S)
_COMMA = re.compile(r"\s*,\s*")


def split_arguments(text: str) -> list[str]:
    """The arguments between two parentheses. As in AgentBench, a comma always ends one."""
    return _COMMA.split(text)


def make_call(name: str, arguments: Sequence[str]) -> Action:
    """A call of a tool; ValueError for an unknown tool or a wrong number of arguments."""
    parameters = PARAMETERS.get(name)
    if parameters is None:
        raise ValueError(f"unknown tool {name!r}")
    if len(parameters) != len(arguments):
        raise ValueError(f"{name} takes {len(parameters)} arguments, found {len(arguments)}")
    return Action(name=name, arguments=dict(zip(parameters, arguments, strict=True)))


def parse_call(text: str) -> Action:
    """The call in a text that holds nothing else; ValueError if it is no call."""
    match = _CALL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a call such as get_relations(#0), found {text!r:.80}")
    return make_call(match[1], [a.strip() for a in split_arguments(match[2])])


def render_call(action: Action) -> str:
    """A call as text, the inverse of `parse_call` if no argument has a comma or parenthesis."""
    return f"{action.name}({', '.join(map(str, action.arguments.values()))})"


def last_form(actions: Iterable[Action], mentions: Mapping[str, str]) -> LogicalForm:
    """The logical form of the last variable after some calls, without types. `mentions` maps names to entity ids.

    ValueError if the calls make no variable, or use one before they make it.
    """
    variables: list[LogicalForm] = []
    for step in actions:
        form = _form(step, variables, mentions)
        if form is not None:
            variables.append(form)
    if not variables:
        raise ValueError("the calls make no variable")
    return variables[-1]


def _form(step: Action, variables: list[LogicalForm], mentions: Mapping[str, str]) -> LogicalForm | None:
    words = [str(v) for v in step.arguments.values()]

    def operand(word: str) -> LogicalForm:
        if not word.startswith("#"):
            return entity(mentions.get(word, word))
        if not word[1:].isdecimal() or int(word[1:]) >= len(variables):
            raise ValueError(f"there is no variable {word}")
        return variables[int(word[1:])]

    if step.name == "get_neighbors":
        return join(operand(words[0]), words[1], "")
    if step.name == "intersection":
        return intersection(operand(words[0]), operand(words[1]))
    if step.name == "argmax" or step.name == "argmin":
        return superlative("ARGMAX" if step.name == "argmax" else "ARGMIN", operand(words[0]), words[1])
    return count(operand(words[0])) if step.name == "count" else None
