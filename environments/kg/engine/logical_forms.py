"""Logical forms: the expressions that variables stand for, written as GrailQA's s-expressions.

(JOIN (R relation) X), (AND X Y), (ARGMAX X attribute), (ARGMIN X attribute), (COUNT X); a bare word is an entity.
Graphs evaluate them, and only when a result is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Op = Literal["ENTITY", "JOIN", "AND", "ARGMAX", "ARGMIN", "COUNT"]

MAX_CHARACTERS = 4000
"""Most characters of a form; a dozen calls that reuse variables could otherwise make one of exponential length."""

_TOKEN = re.compile(r"[()]|[^\s()]+")


@dataclass(eq=False, slots=True)
class LogicalForm:
    """One logical form. Equal forms have equal `text`: the two sides of an AND stand in alphabetical order."""

    op: Op
    name: str
    """the entity, relation or attribute; '' for AND and COUNT"""
    parts: tuple[LogicalForm, ...]
    """the forms it applies to"""
    type: str
    """the type of its members; '' if unknown"""
    text: str
    members: Any = field(default=None, repr=False)
    """its denotation, cached by the graph that evaluated it"""


def entity(id: str, type: str = "") -> LogicalForm:
    """The form of one entity."""
    return LogicalForm("ENTITY", id, (), type, id)


def join(form: LogicalForm, relation: str, type: str) -> LogicalForm:
    """All objects of a relation whose subjects are members of a form; `type` is the relation's range."""
    return LogicalForm("JOIN", relation, (form,), type, f"(JOIN (R {relation}) {form.text})")


def intersection(one: LogicalForm, other: LogicalForm) -> LogicalForm:
    """The members that two forms of one type share."""
    first, second = sorted((one, other), key=lambda e: e.text)
    return LogicalForm("AND", "", (first, second), one.type, f"(AND {first.text} {second.text})")


def superlative(op: Literal["ARGMAX", "ARGMIN"], form: LogicalForm, attribute: str) -> LogicalForm:
    """The members with the largest or smallest value of an attribute; all of them if they tie."""
    return LogicalForm(op, attribute, (form,), form.type, f"({op} {form.text} {attribute})")


def count(form: LogicalForm) -> LogicalForm:
    """The number of members."""
    return LogicalForm("COUNT", "", (form,), "number", f"(COUNT {form.text})")


def subforms(form: LogicalForm) -> Iterator[LogicalForm]:
    """All forms within a form, itself included and entities excluded; inner ones first, each once."""
    forms: dict[str, LogicalForm] = {}

    def visit(e: LogicalForm) -> None:
        for inner in e.parts:
            visit(inner)
        if e.op != "ENTITY":
            forms.setdefault(e.text, e)

    visit(form)
    yield from forms.values()


def parse(text: str, range_of: Callable[[str], str], cache: dict[str, LogicalForm] | None = None) -> LogicalForm:
    """The form of a text. `range_of` gives a relation's range.

    Equal parts become one object, taken from `cache` and added to it. ValueError if the text is no logical form.
    """
    tokens = _TOKEN.findall(text)
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"longer than {MAX_CHARACTERS} characters")
    reader = _Reader(tokens, range_of, {} if cache is None else cache)
    form = reader.read()
    if reader.position != len(tokens):
        raise ValueError(f"{tokens[reader.position]!r} is left over")
    return form


class _Reader:
    """Reads the tokens once, from left to right."""

    def __init__(self, tokens: list[str], range_of: Callable[[str], str], cache: dict[str, LogicalForm]) -> None:
        self.tokens, self.range_of, self.cache = tokens, range_of, cache
        self.position = 0

    def read(self) -> LogicalForm:
        """The next form."""
        form = self._list() if self._next("") == "(" else entity(self._word(self.position - 1))
        return self.cache.setdefault(form.text, form)

    def _list(self) -> LogicalForm:
        op = self._next("")
        if op == "JOIN":
            self._next("("), self._next("R")
            relation = self._word()
            self._next(")")
            form = join(self.read(), relation, self.range_of(relation))
        elif op == "AND":
            form = intersection(self.read(), self.read())
        elif op in ("ARGMAX", "ARGMIN"):
            form = superlative("ARGMAX" if op == "ARGMAX" else "ARGMIN", self.read(), self._word())
        elif op == "COUNT":
            form = count(self.read())
        else:
            raise ValueError(f"unknown operator {op!r}; expected JOIN, AND, ARGMAX, ARGMIN or COUNT")
        self._next(")")
        return form

    def _next(self, expectation: str) -> str:
        """The next token; ValueError if it is not the expected one. '' expects any."""
        token = self.tokens[self.position] if self.position < len(self.tokens) else "the end"
        if expectation not in ("", token):
            raise ValueError(f"expected {expectation!r}, found {token!r}")
        self.position += 1
        return token

    def _word(self, position: int | None = None) -> str:
        """The token at a position, by default the next one; ValueError if it is a bracket."""
        at_end = position is not None and position >= len(self.tokens)
        word = "(" if at_end else self._next("") if position is None else self.tokens[position]
        if word in ("(", ")"):
            raise ValueError(f"expected a name, found {word!r}")
        return word
