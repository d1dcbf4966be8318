"""A graph in memory: a spec's triples in a pyoxigraph store. All episodes of the spec share it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from simenv.errors import WorldError, unknown
from simenv.types import digest

from .graph import Graph
from .logical_forms import LogicalForm
from .terms import XSD, Term, as_text, literal, rank

PREFIX = "urn:kg:"
_HERE = DefaultGraph()
_PLAIN = XSD + "string"
Node = NamedNode | Literal


class LocalGraph(Graph):
    """The graph of a spec.

    WorldError (JSON path) if the spec uses an undeclared name, or a triple breaks a domain or range.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.entities: dict[str, dict[str, Any]] = spec["entities"]
        self.attribute_kinds = {a: v["kind"] for a, v in spec.get("attributes", {}).items()}
        self.identity = digest(spec)
        self._nodes = {id: NamedNode(PREFIX + quote(id, safe="")) for id in self.entities}
        self._ids = {node: id for id, node in self._nodes.items()}
        self._types = {id: set(e.get("types", ())) for id, e in self.entities.items()}
        self._typed_ids = {id for id, types in self._types.items() if types}
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
            self._add_ends(name, relation["domain"], relation["range"], f"$.graph.relations.{name}")
            if inverse := relation.get("inverse"):
                self._add_ends(inverse, relation["range"], relation["domain"], f"$.graph.relations.{name}.inverse")
                self._inverses[name] = inverse
        for name, attribute in spec.get("attributes", {}).items():
            self._add_ends(name, attribute["domain"], attribute["kind"], f"$.graph.attributes.{name}")

    def _add_ends(self, name: str, domain: str, range: str, path: str) -> None:
        if name in self._ranges:
            raise WorldError(f"kg: {path}: {name!r} is declared twice")
        self._domains[name], self._ranges[name] = domain, range

    def _triples(self, spec: dict[str, Any]) -> Iterator[tuple[NamedNode, NamedNode, Node]]:
        for i, (subject, relation, object) in enumerate(spec["triples"]):
            path = f"$.graph.triples[{i}]"
            if relation not in spec["relations"]:
                raise WorldError(f"kg: {path}: {unknown('relation', relation, spec['relations'])}")
            s, p = self._subject(subject, relation, path)
            o = self._instance(object, self._ranges[relation], path)
            yield s, p, o
            if inverse := self._inverses.get(relation):
                yield o, self._predicates[inverse], s
        for i, (subject, attribute, value) in enumerate(spec.get("values", ())):
            path = f"$.graph.values[{i}]"
            if attribute not in self.attribute_kinds:
                raise WorldError(f"kg: {path}: {unknown('attribute', attribute, self.attribute_kinds)}")
            try:
                term = literal(value, self.attribute_kinds[attribute])
            except ValueError as e:
                raise WorldError(f"kg: {path}: {attribute}: {e}") from e
            yield *self._subject(subject, attribute, path), _node(term)

    def _subject(self, id: str, relation: str, path: str) -> tuple[NamedNode, NamedNode]:
        return self._instance(id, self._domains[relation], path), self._predicates[relation]

    def _instance(self, id: str, type: str, path: str) -> NamedNode:
        """An entity's node. An entity without declared types gets the type that its relation asks for."""
        if id not in self._nodes:
            raise WorldError(f"kg: {path}: {id!r} is none of the graph's entities")
        if type not in self._types[id]:
            if id in self._typed_ids:
                raise WorldError(f"kg: {path}: {id!r} is no {type}, only {', '.join(sorted(self._types[id]))}")
            self._types[id].add(type)
        return self._nodes[id]

    # The interface of Graph.

    def ids_of(self, name: str) -> list[str]:
        return [name] if name in self._nodes else self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        ids: dict[str, list[str]] = defaultdict(list)
        for id in self.entities:
            ids[self.name(id)].append(id)
        return dict(ids)

    def name(self, id: str) -> str:
        return self.entities.get(id, {}).get("name", id)

    @property
    def vocabulary(self) -> list[str]:
        """All relations and attributes, by the alphabet."""
        return sorted(self._ranges)

    def instances(self) -> dict[str, list[str]]:
        return self._instances

    @cached_property
    def _instances(self) -> dict[str, list[str]]:
        ids: dict[str, list[str]] = defaultdict(list)
        for id in sorted(self.entities):
            for type in self._types[id]:
                ids[type].append(id)
        return dict(sorted(ids.items()))

    def relations(self, form: LogicalForm) -> list[str]:
        empty: frozenset[NamedNode] = frozenset()
        predicates = empty.union(*{self._outgoing.get(n, empty) for n in self.members(form)})
        return sorted(self._names[p] for p in predicates)

    def attributes(self, form: LogicalForm) -> list[str]:
        return [name for name in self.relations(form) if self.attribute_kinds.get(name, "text") != "text"]

    def range_of(self, relation: str) -> str:
        return self._ranges.get(relation, "")

    def inverse(self, relation: str) -> str | None:
        """The inverse of a relation; None if it has none."""
        inverses = self._inverses | {v: k for k, v in self._inverses.items()}
        return inverses.get(relation)

    def answer(self, form: LogicalForm) -> list[str]:
        return sorted(self._ids[m] if isinstance(m, NamedNode) else as_text(_term(m)) for m in self.members(form))

    def members(self, form: LogicalForm) -> frozenset[Node]:
        """The denotation of a form; computed once and cached in the form."""
        if form.members is None:
            form.members = self._evaluate(form)
        members: frozenset[Node] = form.members
        return members

    def _evaluate(self, form: LogicalForm) -> frozenset[Node]:
        if form.op == "ENTITY":
            return frozenset(filter(None, [self._nodes.get(form.name)]))
        inner = self.members(form.parts[0])
        if form.op == "AND":
            return inner & self.members(form.parts[1])
        if form.op == "COUNT":
            return frozenset({Literal(len(inner))})
        predicate, match = self._predicates.get(form.name), self.store.quads_for_pattern
        nodes = [n for n in inner if predicate is not None and isinstance(n, NamedNode)]
        if form.op == "JOIN":
            # Objects in the store are entities and values alone; pyoxigraph types them more widely.
            return frozenset(q.object for n in nodes for q in match(n, predicate, None, _HERE))  # type: ignore[misc]
        values = [(rank(_term(q.object)), n) for n in nodes for q in match(n, predicate, None, _HERE)]
        best = (max if form.op == "ARGMAX" else min)((v for v, _ in values), default=None)
        return frozenset(n for v, n in values if v == best)

    def query(self, sparql: str) -> list[dict[str, Term]]:
        """The rows of a SELECT, as an endpoint would give them; ValueError for another kind of query."""
        solutions = self.store.query(sparql)
        if not isinstance(solutions, QuerySolutions):
            raise ValueError("expected a SELECT")
        names = solutions.variables
        return [{v.value: _term(row[v]) for v in names if row[v] is not None} for row in solutions]


def _outgoing(triples: list[tuple[NamedNode, NamedNode, Node]]) -> dict[Node, frozenset[NamedNode]]:
    """The predicates of each subject. Subjects with equal predicates share one set; there are few different sets."""
    predicates: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for s, p, _ in triples:
        predicates[s].add(p)
    distinct: dict[frozenset[NamedNode], frozenset[NamedNode]] = {}
    return {s: distinct.setdefault(key, key) for s, key in ((s, frozenset(p)) for s, p in predicates.items())}


def _node(term: Term) -> Literal:
    return Literal(term.value, datatype=NamedNode(term.datatype) if term.datatype else None)


def _term(node: Any) -> Term:
    if isinstance(node, NamedNode):
        return Term("uri", node.value)
    datatype = node.datatype.value
    return Term("literal", node.value, "" if datatype == _PLAIN else datatype)
