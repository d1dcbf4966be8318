"""A graph in memory: a spec's triples in a pyoxigraph store, walked pattern by pattern. Built once for all its episodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Variable

from simenv.errors import WorldError, unknown
from simenv.types import digest

from .expressions import Expr
from .graph import Graph
from .terms import XSD, Term, literal, rank, written

PREFIX = "urn:kg:"
_HERE = DefaultGraph()
_PLAIN = XSD + "string"
Node = NamedNode | Literal


class Local(Graph):
    """WorldError (JSON path) where the spec names what it does not declare, or a triple breaks domain or range."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.entities: dict[str, dict[str, Any]] = spec["entities"]
        self.attribute_kinds = {a: v["kind"] for a, v in spec.get("attributes", {}).items()}
        self.identity = digest(spec)
        self._nodes = {id: NamedNode(PREFIX + quote(id, safe="")) for id in self.entities}
        self._ids = {node: id for id, node in self._nodes.items()}
        self._types = {id: set(e.get("types", ())) for id, e in self.entities.items()}
        self._given = {id for id, types in self._types.items() if types}
        self._ranges: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        self._inverses: dict[str, str] = {}
        self._declare(spec)
        self._predicates = {name: NamedNode(PREFIX + name) for name in self._ranges}
        self._names = {node: name for name, node in self._predicates.items()}
        triples = list(self._triples(spec))
        self._outgoing = _outgoing(triples)
        self.store = Store()
        self.store.extend(Quad(*t, _HERE) for t in triples)

    # Reading the spec.

    def _declare(self, spec: dict[str, Any]) -> None:
        for name, relation in spec["relations"].items():
            self._end(name, relation["domain"], relation["range"], f"$.graph.relations.{name}")
            if inverse := relation.get("inverse"):
                self._end(inverse, relation["range"], relation["domain"], f"$.graph.relations.{name}.inverse")
                self._inverses[name] = inverse
        for name, attribute in spec.get("attributes", {}).items():
            self._end(name, attribute["domain"], attribute["kind"], f"$.graph.attributes.{name}")

    def _end(self, name: str, domain: str, range: str, where: str) -> None:
        if name in self._ranges:
            raise WorldError(f"kg: {where}: {name!r} is declared twice")
        self._domains[name], self._ranges[name] = domain, range

    def _triples(self, spec: dict[str, Any]) -> Iterator[tuple[NamedNode, NamedNode, Node]]:
        for i, (subject, relation, object) in enumerate(spec["triples"]):
            where = f"$.graph.triples[{i}]"
            if relation not in spec["relations"]:
                raise WorldError(f"kg: {where}: {unknown('relation', relation, spec['relations'])}")
            s, p = self._subject(subject, relation, where)
            o = self._instance(object, self._ranges[relation], where)
            yield s, p, o
            if inverse := self._inverses.get(relation):
                yield o, self._predicates[inverse], s
        for i, (subject, attribute, value) in enumerate(spec.get("values", ())):
            where = f"$.graph.values[{i}]"
            if attribute not in self.attribute_kinds:
                raise WorldError(f"kg: {where}: {unknown('attribute', attribute, self.attribute_kinds)}")
            try:
                made = literal(value, self.attribute_kinds[attribute])
            except ValueError as e:
                raise WorldError(f"kg: {where}: {attribute}: {e}") from e
            yield *self._subject(subject, attribute, where), _node(made)

    def _subject(self, id: str, relation: str, where: str) -> tuple[NamedNode, NamedNode]:
        return self._instance(id, self._domains[relation], where), self._predicates[relation]

    def _instance(self, id: str, type: str, where: str) -> NamedNode:
        """An entity's node; what types it has, if they are not given, is learnt here."""
        if id not in self._nodes:
            raise WorldError(f"kg: {where}: {id!r} is none of the graph's entities")
        if type not in self._types[id]:
            if id in self._given:
                raise WorldError(f"kg: {where}: {id!r} is no {type}, only {', '.join(sorted(self._types[id]))}")
            self._types[id].add(type)
        return self._nodes[id]

    # What a graph answers.

    def find(self, name: str) -> list[str]:
        return [name] if name in self._nodes else self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for id in self.entities:
            found[self.name(id)].append(id)
        return dict(found)

    def name(self, id: str) -> str:
        return self.entities.get(id, {}).get("name", id)

    def instances(self) -> dict[str, list[str]]:
        return self._instances

    @cached_property
    def _instances(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for id in sorted(self.entities):
            for type in self._types[id]:
                found[type].append(id)
        return dict(sorted(found.items()))

    def relations(self, of: Expr) -> list[str]:
        none: frozenset[NamedNode] = frozenset()
        found = none.union(*{self._outgoing.get(n, none) for n in self.members(of)})
        return sorted(self._names[p] for p in found)

    def attributes(self, of: Expr) -> list[str]:
        return [name for name in self.relations(of) if self.attribute_kinds.get(name, "text") != "text"]

    def ends_in(self, relation: str) -> str:
        return self._ranges.get(relation, "")

    def inverse(self, relation: str) -> str | None:
        """The same relation seen from its other end."""
        ways = self._inverses | {v: k for k, v in self._inverses.items()}
        return ways.get(relation)

    def answer(self, of: Expr) -> list[str]:
        return sorted(self._ids[m] if isinstance(m, NamedNode) else written(_term(m)) for m in self.members(of))

    def members(self, of: Expr) -> frozenset[Node]:
        """What an expression denotes, computed once."""
        if of.members is None:
            of.members = self._evaluate(of)
        return of.members  # type: ignore[no-any-return]

    def _evaluate(self, of: Expr) -> frozenset[Node]:
        if of.op == "ENTITY":
            return frozenset(filter(None, [self._nodes.get(of.name)]))
        inner = self.members(of.of[0])
        if of.op == "AND":
            return inner & self.members(of.of[1])
        if of.op == "COUNT":
            return frozenset({Literal(len(inner))})
        predicate, match = self._predicates.get(of.name), self.store.quads_for_pattern
        nodes = [n for n in inner if predicate is not None and isinstance(n, NamedNode)]
        if of.op == "JOIN":
            return frozenset(q.object for n in nodes for q in match(n, predicate, None, _HERE))  # type: ignore[misc]
        values = [(rank(_term(q.object)), n) for n in nodes for q in match(n, predicate, None, _HERE)]  # type: ignore[arg-type]
        best = (max if of.op == "ARGMAX" else min)((v for v, _ in values), default=None)  # type: ignore[type-var]
        return frozenset(n for v, n in values if v == best)

    def query(self, sparql: str) -> list[dict[str, Term]]:
        """A SELECT's rows, as an endpoint would give them."""
        found = self.store.query(sparql)
        names: list[Variable] = found.variables  # type: ignore[union-attr]
        return [{v.value: _term(row[v]) for v in names if row[v] is not None} for row in found]  # type: ignore[index,union-attr]


def _outgoing(triples: list[tuple[NamedNode, NamedNode, Node]]) -> dict[Node, frozenset[NamedNode]]:
    """The predicates of each subject. Subjects with the same ones share one set: there are few different."""
    found: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for s, p, _ in triples:
        found[s].add(p)
    shared: dict[frozenset[NamedNode], frozenset[NamedNode]] = {}
    return {s: shared.setdefault(key, key) for s, key in ((s, frozenset(p)) for s, p in found.items())}


def _node(term: Term) -> Literal:
    return Literal(term.value, datatype=NamedNode(term.datatype) if term.datatype else None)


def _term(node: Any) -> Term:
    if isinstance(node, NamedNode):
        return Term("uri", node.value)
    datatype = node.datatype.value
    return Term("literal", node.value, "" if datatype == _PLAIN else datatype)
