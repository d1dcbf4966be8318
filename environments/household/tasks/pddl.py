"""A reader of PDDL problems: objects, initial facts and goal as plain data. It knows nothing of any domain."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Expression = str | list["Expression"]
Fact = tuple[str, ...]
_TOKEN = re.compile(r"[()]|[^\s()]+")
_COMMENT = re.compile(r";[^\n]*")
DEEPEST = 100
"""Brackets within brackets; a problem has about 10."""


class PddlError(ValueError):
    """A text that is not a PDDL problem; the message says what is missing."""


@dataclass
class Problem:
    """`objects`: id to type. `facts`: arguments by predicate. All in lower case, as PDDL does not tell case apart."""

    objects: dict[str, str] = field(default_factory=dict)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    goal: list[Fact] = field(default_factory=list)
    """The atoms of the goal, flat, with what stands above them left out."""


def parse(text: str) -> Expression:
    """The first expression of a text as nested lists."""
    stack: list[list[Expression]] = [[]]
    for token in _TOKEN.findall(_COMMENT.sub("", text).lower()):
        if token == "(":
            stack.append([])
            if len(stack) > DEEPEST:
                raise PddlError(f"brackets nest deeper than {DEEPEST}")
        elif token == ")":
            if len(stack) == 1:
                raise PddlError("a bracket closes that was never opened")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    if len(stack) != 1 or not stack[0]:
        raise PddlError("brackets do not match" if stack[0] or len(stack) > 1 else "the text is empty")
    return stack[0][0]


def problem(text: str) -> Problem:
    """Read `(define (problem …) (:objects …) (:init …) (:goal …))`."""
    tree = parse(text)
    if not isinstance(tree, list) or not tree or tree[0] != "define":
        raise PddlError("no (define (problem …) …)")
    sections = {part[0]: part[1:] for part in tree[1:] if isinstance(part, list) and part and isinstance(part[0], str)}
    for name in (":objects", ":init", ":goal"):
        if name not in sections:
            raise PddlError(f"no {name}")
    read = Problem(objects=_typed(sections[":objects"]), goal=list(_atoms(sections[":goal"])))
    for fact in sections[":init"]:
        if isinstance(fact, list) and fact and all(isinstance(part, str) for part in fact):
            name, *arguments = map(str, fact)
            read.facts.setdefault(name, []).append(tuple(arguments))
    return read


def _typed(words: list[Expression]) -> dict[str, str]:
    """`a b - x c - y` as {a: x, b: x, c: y}."""
    typed: dict[str, str] = {}
    waiting: list[str] = []
    position = 0
    while position < len(words):
        word = str(words[position])
        if word == "-" and position + 1 < len(words):
            typed |= dict.fromkeys(waiting, str(words[position + 1]))
            waiting, position = [], position + 1
        else:
            waiting.append(word)
        position += 1
    return typed


def _atoms(tree: list[Expression]) -> list[Fact]:
    """Every innermost list of words that starts a predicate; the variable lists of quantifiers are none."""
    found: list[Fact] = []
    for part in tree:
        if isinstance(part, list) and part:
            if part[0] in ("exists", "forall"):
                found += _atoms(part[2:])
            elif all(isinstance(word, str) for word in part):
                found.append(tuple(map(str, part)))
            else:
                found += _atoms(part)
    return found
