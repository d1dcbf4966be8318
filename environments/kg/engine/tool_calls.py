"""Tool calls as text, `get_neighbors(#0, film.film.genre)`, and the expression that a list of them leaves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from simenv.types import Action

from .expressions import Expr, both, count, entity, extreme, join

PARAMETERS: dict[str, tuple[str, ...]] = {
    "get_relations": ("variable",),
    "get_neighbors": ("variable", "relation"),
    "intersection": ("variable1", "variable2"),
    "get_attributes": ("variable",),
    "argmax": ("variable", "attribute"),
    "argmin": ("variable", "attribute"),
    "count": ("variable",),
}
"""AgentBench's tools; `answer` is no call there."""

_CALL = re.compile(r"(\w+)\((.*)\)", re.S)
_COMMA = re.compile(r"\s*,\s*")


def split(arguments: str) -> list[str]:
    """The arguments between two parentheses, as AgentBench takes them apart: a comma always ends one."""
    return _COMMA.split(arguments)


def action(name: str, arguments: Sequence[str]) -> Action:
    """ValueError where no tool has this name, or another number of arguments."""
    wanted = PARAMETERS.get(name)
    if wanted is None:
        raise ValueError(f"unknown tool {name!r}")
    if len(wanted) != len(arguments):
        raise ValueError(f"{name} takes {len(wanted)} arguments, found {len(arguments)}")
    return Action(name=name, arguments=dict(zip(wanted, arguments, strict=True)))


def read(call: str) -> Action:
    """A call that is the whole text; ValueError where it is none."""
    match = _CALL.fullmatch(call.strip())
    if match is None:
        raise ValueError(f"expected a call such as get_relations(#0), found {call!r:.80}")
    return action(match[1], [a.strip() for a in split(match[2])])


def write(action: Action) -> str:
    return f"{action.name}({', '.join(map(str, action.arguments.values()))})"


def expression(actions: Iterable[Action], mentions: Mapping[str, str]) -> Expr:
    """What the last variable stands for after some calls; its types are left open. ValueError where there is none."""
    variables: list[Expr] = []
    for step in actions:
        made = _made(step, variables, mentions)
        if made is not None:
            variables.append(made)
    if not variables:
        raise ValueError("the calls make no variable")
    return variables[-1]


def _made(step: Action, variables: list[Expr], mentions: Mapping[str, str]) -> Expr | None:
    words = [str(v) for v in step.arguments.values()]

    def thing(word: str) -> Expr:
        if not word.startswith("#"):
            return entity(mentions.get(word, word))
        if not word[1:].isdecimal() or int(word[1:]) >= len(variables):
            raise ValueError(f"there is no variable {word}")
        return variables[int(word[1:])]

    if step.name == "get_neighbors":
        return join(thing(words[0]), words[1], "")
    if step.name == "intersection":
        return both(thing(words[0]), thing(words[1]))
    if step.name == "argmax" or step.name == "argmin":
        return extreme("ARGMAX" if step.name == "argmax" else "ARGMIN", thing(words[0]), words[1])
    return count(thing(words[0])) if step.name == "count" else None
