"""Queries of others as graphs of triple patterns, and the logical form that the tools can build of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal, NamedTuple

from ..engine.logical_forms import LogicalForm, count, entity, intersection, join, superlative


class NoForm(ValueError):
    """A query that the tools cannot build; the text says why."""


class Edge(NamedTuple):
    """A triple pattern. Variables begin with `?`."""

    subject: str
    relation: str
    object: str


class Extreme(NamedTuple):
    """What of several is wanted: that with the largest or smallest value of a variable."""

    op: Literal["ARGMAX", "ARGMIN"]
    variable: str


@dataclass(frozen=True)
class QueryGraph:
    """A query: its patterns, what it asks for, and how. `reverses`: by relation, the one that goes the other way."""

    edges: tuple[Edge, ...]
    target: str
    extreme: Extreme | None = None
    counted: bool = False
    reverses: Mapping[str, str] = field(default_factory=dict)

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities that are named, in the order of the patterns."""
        ends = (end for edge in self.edges for end in (edge.subject, edge.object))
        return tuple(dict.fromkeys(end for end in ends if not end.startswith("?")))

    def form(self) -> LogicalForm:
        """The logical form of what the query asks for. NoForm where the tools have none."""
        if len(self.edges) > _MOST_EDGES:
            raise NoForm(f"{len(self.edges)} patterns, more than {_MOST_EDGES}")
        walk = _Walk(self)
        form = walk.denote(self.target)
        if form is None:
            raise NoForm(f"nothing binds {self.target}")
        if unused := set(self.edges) - walk.used:
            raise NoForm(f"{min(unused)} is in a circle, or connected to nothing")
        return count(form) if self.counted else form


class _Walk:
    """Walks a query from its target to the entities; each pattern is used once."""

    def __init__(self, query: QueryGraph) -> None:
        self.query = query
        self.used: set[Edge] = set()

    def denote(self, node: str) -> LogicalForm | None:
        """The form of a node by the patterns around it that are not used yet; None where they bind it to nothing."""
        if not node.startswith("?"):
            return entity(node)
        forms, ranked = [], []
        for edge in self.query.edges:
            if edge in self.used or node not in (edge.subject, edge.object):
                continue
            self.used.add(edge)
            if self.query.extreme and edge.object == self.query.extreme.variable:
                ranked.append(edge.relation)
            elif (form := self._along(edge, node)) is not None:
                forms.append(form)
        if not forms:
            return None
        form = reduce(intersection, forms)
        for attribute in ranked:
            form = superlative(self.query.extreme.op if self.query.extreme else "ARGMAX", form, attribute)
        return form

    def _along(self, edge: Edge, node: str) -> LogicalForm | None:
        """The form of a node by one pattern and all that lies behind it."""
        if node == edge.object:
            inner = self.denote(edge.subject)
            return None if inner is None else join(inner, edge.relation, "")
        inner = self.denote(edge.object)
        if inner is None:
            return None
        reverse = self.query.reverses.get(edge.relation)
        if reverse is None:
            raise NoForm(f"{edge.relation} is followed backwards, and no relation is known that goes the other way")
        return join(inner, reverse, "")


_TERM = r"(?:\?\w+|<[^<>\s]+>|\w*:[\w./~%-]+|\"(?:[^\"\\]|\\.)*\"(?:\^\^\S+|@\w+)?)"
_PATTERN = re.compile(rf"\s*({_TERM})\s+({_TERM})\s+({_TERM})\s*(?:\.|$)")
_HARMLESS = re.compile(r"\?\w+\s*!=\s*\S+|!\s*isLiteral\(\s*\?\w+\s*\)\s*(?:OR|\|\|).*", re.IGNORECASE | re.DOTALL)
"""Filters that keep out the topic itself, and names in other languages."""
_ORDER = re.compile(r"ORDER\s+BY\s+(DESC\s*\()?[^?]*(\?\w+)[\s)]*LIMIT\s+1\s*$", re.IGNORECASE)
_SELECT = re.compile(r"SELECT\s+(?:DISTINCT\s+)?(COUNT\s*\(\s*(?:DISTINCT\s+)?)?(\?\w+)", re.IGNORECASE)
_TYPES = ("type.object.type", "rdf:type")
_LONGEST, _MOST_EDGES = 20_000, 40
"""Characters of a query, and patterns in it."""


def read_sparql(text: str, reverses: Mapping[str, str]) -> QueryGraph:
    """A query of WebQSP or ComplexWebQuestions. NoForm where it holds more than triple patterns and one ORDER BY … LIMIT 1."""
    if len(text) > _LONGEST:
        raise NoForm(f"longer than {_LONGEST} characters")
    lines = (line for line in text.splitlines() if not line.lstrip().startswith(("#", "PREFIX", "prefix")))
    query = "\n".join(lines)
    select = _SELECT.search(query)
    opening, end = query.find("{"), query.rfind("}")
    if select is None or not 0 <= opening < end:
        raise NoForm("this is no SELECT")
    body = _without_filters(query[opening + 1 : end])
    tail = query[end + 1 :].strip()
    order = _ORDER.match(tail)
    if tail and order is None:
        raise NoForm(f"{tail[:80]!r} is no part of the tools")
    extreme = Extreme("ARGMAX" if order[1] else "ARGMIN", order[2]) if order else None
    return QueryGraph(tuple(_edges(body)), select[2], extreme, bool(select[1]), reverses)


def _without_filters(body: str) -> str:
    """The patterns without their harmless filters."""
    while match := re.search(r"\bFILTER\s*(?=\()", body, re.IGNORECASE):
        end = _closing(body, match.end())
        if not _HARMLESS.fullmatch(body[match.end() + 1 : end].strip()):
            raise NoForm(f"{body[match.start() : end + 1][:80]!r} is no part of the tools")
        body = body[: match.start()] + body[end + 1 :]
    return body


def _closing(text: str, opening: int) -> int:
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    raise NoForm("a bracket is not closed")


def _edges(body: str) -> Iterable[Edge]:
    place = 0
    body = body.strip()
    while place < len(body):
        match = _PATTERN.match(body, place)
        if match is None:
            raise NoForm(f"{body[place : place + 80].strip()!r} is no triple pattern")
        subject, relation, obj = map(_name, match.groups())
        if relation not in _TYPES:
            yield Edge(subject, relation, obj)
        place = match.end()


def _name(term: str) -> str:
    """A variable as it is, an entity or relation without its prefix."""
    if term.startswith('"'):
        raise NoForm(f"the value {term[:80]} is no part of the tools")
    if term.startswith("<"):
        return term[1:-1].rpartition("/")[2]
    return term if term.startswith("?") or term == "rdf:type" else term.partition(":")[2]
