"""Questions over a graph: expressions grown from an entity, kept if their answer is worth asking for, put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from ..engine.expressions import Expr, both, count, entity, extreme, join, parts
from ..engine.local_graph import Local
from .domains import Attribute, Domain
from .graph_builder import pick

Kind = Literal["1-hop", "2-hop", "3-hop", "intersection", "count", "superlative"]

_MOST = 12
"""Members of an answer."""
_WIDEST = 60
"""Members of any set on the way."""
_ASK = {
    True: ("Who are the {np}?", "Name the {np}.", "List all {np}.", "Find the {np}."),
    False: ("What are the {np}?", "Which {np} are there?", "List all {np}.", "Find the {np}.", "Name the {np}."),
}
_CLAUSE = ("who ", "that ", "whose ", "where ")
"""How a condition begins that has a verb."""
_ASK_COUNT = ("How many {np} are there?", "What is the number of {np}?", "Count the {np}.")
_ASK_EXTREME = ("Which of the {np} is {best}?", "Of all {np}, which is {best}?", "Among the {np}, find {best}.")


@dataclass(frozen=True)
class Asker:
    """Draws questions of one graph. `hops` bounds the chains that intersections, counts and superlatives are made of."""

    domain: Domain
    graph: Local
    hops: int
    rng: Generator

    def draw(self, kind: Kind) -> Expr | None:
        """A question of a kind, or None where this draw led nowhere."""
        e = self._draw(kind)
        return e if e is not None and self._worthy(e) else None

    def _draw(self, kind: Kind) -> Expr | None:
        if kind in ("1-hop", "2-hop", "3-hop"):
            return self._chain(int(kind[0]))
        if kind == "intersection":
            return self._intersection()
        inner = self._intersection() if self.rng.random() < 0.3 else self._chain(self._hops())
        if inner is None:
            return None
        if kind == "count":
            return count(inner) if len(self.graph.members(inner)) >= 2 else None
        best = self._extreme(inner)
        onward = best is not None and inner.op == "JOIN" and inner.of[0].op == "ENTITY" and self.hops > 1
        return self._grow(best) if onward and best and self.rng.random() < 0.3 else best

    def _hops(self) -> int:
        return int(self.rng.integers(1, self.hops + 1))

    def _chain(self, hops: int) -> Expr | None:
        e: Expr | None = self._anything()
        for _ in range(hops):
            e = self._grow(e) if e is not None else None
        return e

    def _anything(self) -> Expr:
        return entity(pick(self.rng, list(self.graph.entities)))

    def _grow(self, e: Expr) -> Expr | None:
        """One relation further, but not the way back."""
        back = self.graph.inverse(e.name) if e.op == "JOIN" else None
        ways = [r for r in self.graph.relations(e) if r != back and self.graph.inverse(r)]
        return self._join(e, pick(self.rng, ways)) if ways else None

    def _join(self, e: Expr, relation: str) -> Expr:
        return join(e, relation, self.graph.ends_in(relation))

    def _intersection(self) -> Expr | None:
        """A chain, and another way that leads to one of its members: so there is something in both."""
        left = self._chain(self._hops())
        if left is None or len(self.graph.members(left)) < 2:
            return None
        right = self._towards(entity(pick(self.rng, self.graph.answer(left))), self._hops())
        if right is None or right.type != left.type or right.text == left.text:
            return None
        return both(left, right)

    def _towards(self, goal: Expr, hops: int) -> Expr | None:
        """A chain from some entity that has the goal among its members: a walk from the goal, turned round."""
        way, at = [], goal
        for _ in range(hops):
            step = self._grow(at)
            if step is None:
                return None
            way.append(step.name)
            at = entity(pick(self.rng, self.graph.answer(step)))
        for relation in reversed(way):
            at = self._join(at, self.graph.inverse(relation) or "")
        return at

    def _extreme(self, inner: Expr) -> Expr | None:
        """A superlative over at least three members, with a single best."""
        if len(self.graph.members(inner)) < 3:
            return None
        known = {a.name for a in self.domain.attributes}
        attributes = [a for a in self.graph.attributes(inner) if a in known]
        if not attributes:
            return None
        best = extreme("ARGMAX" if self.rng.random() < 0.5 else "ARGMIN", inner, pick(self.rng, attributes))
        return best if len(self.graph.members(best)) == 1 else None

    def _worthy(self, e: Expr) -> bool:
        """Whether every part matters, and the answer is neither empty, nor long, nor much of all there is."""
        sizes = {p.text: len(self.graph.members(p)) for p in parts(e)}
        if not all(0 < size <= _WIDEST for size in sizes.values()):
            return False
        if any(sizes[p.text] == sizes[o.text] for p in parts(e) if p.op == "AND" for o in p.of):
            return False
        if e.op == "COUNT":
            return True
        answer, everything = self.graph.answer(e), self.graph.instances()[e.type]
        return len(answer) <= min(_MOST, len(everything) / 2) and answer != mentioned(e)


def mentioned(e: Expr) -> list[str]:
    """The entities that an expression starts from."""
    if e.op == "ENTITY":
        return [e.name]
    return sorted({id for inner in e.of for id in mentioned(inner)})


class Words:
    """Puts expressions of one domain into English."""

    def __init__(self, domain: Domain, graph: Local) -> None:
        self.graph = graph
        self.plurals = {t.name: t.plural for t in domain.types}
        self.modifiers = {r.name: r.forth for r in domain.relations} | {r.inverse: r.back for r in domain.relations}
        self.attributes: dict[str, Attribute] = {a.name: a for a in domain.attributes}

    def question(self, e: Expr, rng: Generator) -> str:
        if e.op == "COUNT":
            return pick(rng, _ASK_COUNT).format(np=self._noun(e.of[0]))
        if e.op in ("ARGMAX", "ARGMIN"):
            return pick(rng, _ASK_EXTREME).format(np=self._noun(e.of[0]), best=self._best(e))
        return pick(rng, _ASK[e.type == "people.person"]).format(np=self._noun(e))

    def _noun(self, e: Expr) -> str:
        """A phrase for all members: `films starring Ann Lee`."""
        if e.op == "ENTITY":
            return self.graph.name(e.name)
        if e.op in ("ARGMAX", "ARGMIN"):
            return f"{self._best(e)} of the {self._noun(e.of[0])}"
        return f"{self.plurals[e.type]} {self._qualified(e)}"

    def _qualified(self, e: Expr) -> str:
        """What members have to fulfil. Of two conditions the longer comes last, so that nothing after it can be misread."""
        if e.op != "AND":
            named, _, plural = self.modifiers[e.name].partition("|")
            words = plural if plural and e.of[0].op in ("JOIN", "AND") else named
            return words.format(x=self._noun(e.of[0]))
        first, second = sorted(map(self._qualified, e.of), key=len)
        if first.startswith(_CLAUSE) and not second.startswith(_CLAUSE):
            return f"{first} and are {self.plurals[e.type]} {second}"
        plain = second.startswith(_CLAUSE) and not any(clause in first for clause in _CLAUSE)
        return f"{first} {second}" if plain else f"{first} and {second}"

    def _best(self, e: Expr) -> str:
        attribute = self.attributes[e.name]
        return attribute.top if e.op == "ARGMAX" else attribute.bottom
