"""Logical expressions over a graph, lazily built: what a variable stands for, written as GrailQA's s-expressions.

(JOIN (R relation) X), (AND X Y), (ARGMAX X attribute), (ARGMIN X attribute), (COUNT X); a bare word is an entity.
Nothing here knows a graph: expressions are what graphs evaluate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Op = Literal["ENTITY", "JOIN", "AND", "ARGMAX", "ARGMIN", "COUNT"]

LONGEST = 4000
"""Characters of an expression; sharing parts, a dozen calls could write one of exponential length."""

_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass(eq=False, slots=True)
class Expr:
    """One expression. `text` is equal for equal expressions, with the two sides of an AND in alphabetical order."""

    op: Op
    name: str
    """the entity, relation or attribute; '' for AND and COUNT"""
    of: tuple[Expr, ...]
    type: str
    """what its members are instances of"""
    text: str
    members: Any = field(default=None, repr=False)
    """what it denotes, kept by the graph that evaluated it"""


def entity(id: str, type: str = "") -> Expr:
    return Expr("ENTITY", id, (), type, id)


def join(of: Expr, relation: str, type: str) -> Expr:
    """All that a member of `of` has the relation to."""
    return Expr("JOIN", relation, (of,), type, f"(JOIN (R {relation}) {of.text})")


def both(left: Expr, right: Expr) -> Expr:
    """The members that two expressions of one type share."""
    first, second = sorted((left, right), key=lambda e: e.text)
    return Expr("AND", "", (first, second), left.type, f"(AND {first.text} {second.text})")


def extreme(op: Literal["ARGMAX", "ARGMIN"], of: Expr, attribute: str) -> Expr:
    """The members with the largest or smallest value of an attribute: all of them, where they tie."""
    return Expr(op, attribute, (of,), of.type, f"({op} {of.text} {attribute})")


def count(of: Expr) -> Expr:
    """The number of members."""
    return Expr("COUNT", "", (of,), "number", f"(COUNT {of.text})")


def parts(whole: Expr) -> Iterator[Expr]:
    """All expressions in one but its entities, inner ones first, each once."""
    seen: dict[str, Expr] = {}

    def visit(e: Expr) -> None:
        for inner in e.of:
            visit(inner)
        if e.op != "ENTITY":
            seen.setdefault(e.text, e)

    visit(whole)
    yield from seen.values()


def parse(text: str, ends_in: Callable[[str], str], known: dict[str, Expr] | None = None) -> Expr:
    """The inverse of `text`. `ends_in` gives a relation's range; equal parts become one, as those in `known` do.

    ValueError where the text is no expression.
    """
    tokens = _TOKEN.findall(text)
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    reader = _Reader(tokens, ends_in, {} if known is None else known)
    whole = reader.read()
    if reader.at != len(tokens):
        raise ValueError(f"{tokens[reader.at]!r} is left over")
    return whole


class _Reader:
    """Goes through the tokens once, from left to right."""

    def __init__(self, tokens: list[str], ends_in: Callable[[str], str], known: dict[str, Expr]) -> None:
        self.tokens, self.ends_in, self.known = tokens, ends_in, known
        self.at = 0

    def read(self) -> Expr:
        built = self._list() if self._next("") == "(" else entity(self._word(self.at - 1))
        return self.known.setdefault(built.text, built)

    def _list(self) -> Expr:
        op = self._next("")
        if op == "JOIN":
            self._next("("), self._next("R")
            relation = self._word()
            self._next(")")
            built = join(self.read(), relation, self.ends_in(relation))
        elif op == "AND":
            built = both(self.read(), self.read())
        elif op in ("ARGMAX", "ARGMIN"):
            built = extreme("ARGMAX" if op == "ARGMAX" else "ARGMIN", self.read(), self._word())
        elif op == "COUNT":
            built = count(self.read())
        else:
            raise ValueError(f"unknown operator {op!r}; expected JOIN, AND, ARGMAX, ARGMIN or COUNT")
        self._next(")")
        return built

    def _next(self, wanted: str) -> str:
        """The next token, which must be the wanted one if one is."""
        found = self.tokens[self.at] if self.at < len(self.tokens) else "the end"
        if wanted not in ("", found):
            raise ValueError(f"expected {wanted!r}, found {found!r}")
        self.at += 1
        return found

    def _word(self, at: int | None = None) -> str:
        word = self._next("") if at is None else self.tokens[at] if at < len(self.tokens) else "("
        if word in ("(", ")"):
            raise ValueError(f"expected a name, found {word!r}")
        return word
