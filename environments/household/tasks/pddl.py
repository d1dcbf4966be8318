"""Reads PDDL problems of any domain into plain data: objects, initial facts and goal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Expression = str | list["Expression"]
Fact = tuple[str, ...]
_TOKEN = re.compile(r"[()]|[^\s()]+")
_COMMENT = re.compile(r";[^\n]*")
MAX_DEPTH = 100
"""Most levels of nested brackets; a problem has about 10."""


class PddlError(ValueError):
    """Raised for a text that is no PDDL problem; the message says what is missing."""


@dataclass
class Problem:
    """One problem, all in lower case, since PDDL ignores case.

    `objects` maps ids to types, `facts` predicates to lists of arguments.
    """

    objects: dict[str, str] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    goal: list[Fact] = field(default_factory=list)
    """The atoms of the goal as a flat list, without the connectives and quantifiers around them."""


def parse(text: str) -> Expression:
    """The first expression of a text as nested lists; PddlError if the brackets do not match."""
    stack: list[list[Expression]] = [[]]
    for token in _TOKEN.findall(_COMMENT.sub("", text).lower()):
        if token == "(":
            stack.append([])
            if len(stack) > MAX_DEPTH:
                raise PddlError(f"brackets nest deeper than {MAX_DEPTH}")
        elif token == ")":
            if len(stack) == 1:
                raise PddlError("a bracket closes that was never opened")
            expression = stack.pop()
            stack[-1].append(expression)
        else:
            stack[-1].append(token)
    if len(stack) != 1 or not stack[0]:
        raise PddlError("brackets do not match" if stack[0] or len(stack) > 1 else "the text is empty")
    return stack[0][0]


def read_problem(text: str) -> Problem:
    """The problem in `(define (problem …) (:objects …) (:init …) (:goal …))`; PddlError if a section is missing."""
    tree = parse(text)
    if not isinstance(tree, list) or not tree or tree[0] != "define":
        raise PddlError("no (define (problem …) …)")
    sections = {part[0]: part[1:] for part in tree[1:] if isinstance(part, list) and part and isinstance(part[0], str)}
    for name in (":objects", ":init", ":goal"):
        if name not in sections:
            raise PddlError(f"no {name}")
    problem = Problem(objects=_types(sections[":objects"]), goal=list(_atoms(sections[":goal"])))
    for fact in sections[":init"]:
        if isinstance(fact, list) and fact and all(isinstance(part, str) for part in fact):
            name, *arguments = map(str, fact)
            problem.facts.setdefault(name, []).append(tuple(arguments))
    return problem


def _types(words: list[Expression]) -> dict[str, str]:
    """`a b - x c - y` as {a: x, b: x, c: y}."""
    types: dict[str, str] = {}
    pending: list[str] = []
    position = 0
    while position < len(words):
        word = str(words[position])
        if word == "-" and position + 1 < len(words):
            types |= dict.fromkeys(pending, str(words[position + 1]))
            pending, position = [], position + 1
        else:
            pending.append(word)
        position += 1
    return types


def _atoms(tree: list[Expression]) -> list[Fact]:
    """Every innermost list of words, except the variable lists of quantifiers."""
    atoms: list[Fact] = []
    for part in tree:
        if isinstance(part, list) and part:
            if part[0] in ("exists", "forall"):
                atoms += _atoms(part[2:])
            elif all(isinstance(word, str) for word in part):
                atoms.append(tuple(map(str, part)))
            else:
                atoms += _atoms(part)
    return atoms
