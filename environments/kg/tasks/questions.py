"""Questions over a graph: samples logical forms that have a suitable answer, and puts them into English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from ..engine.local_graph import LocalGraph
from ..engine.logical_forms import LogicalForm, count, entity, intersection, join, subforms, superlative
from .domains import Attribute, Domain
from .graph_builder import pick

Kind = Literal["1-hop", "2-hop", "3-hop", "intersection", "count", "superlative"]

_MAX_ANSWER = 12
"""Most members of an answer."""
_MAX_INNER = 60
"""Most members of any set on the way to it."""
_ASK = {
    True: ("Who are the {np}?", "Name the {np}.", "List all {np}.", "Find the {np}."),
    False: ("What are the {np}?", "Which {np} are there?", "List all {np}.", "Find the {np}.", "Name the {np}."),
}
_CLAUSE = ("who ", "that ", "whose ", "where ", "in which ")
"""First words of a condition with a verb."""
_VERBS = {"born ": "were ", "starring ": "star ", "with ": "have "}
"""The verbs that make a clause of a condition without one, by its first word; `are` makes one of others."""
_WITH_ARTICLE = frozenset({"education.university", "geography.river", "sports.team"})
_DEFINITE = re.compile(r"University of .*|.* River|.*s")
"""Names that go with an article: universities of a place, rivers, and teams in the plural."""
_ASK_COUNT = ("How many {np} are there?", "What is the number of {np}?", "Count the {np}.")
_ASK_EXTREME = ("Which of the {np} is {best}?", "Of all {np}, {which} is {best}?", "Among the {np}, find {best}.")


@dataclass(frozen=True)
class QuestionSampler:
    """Draws questions over one graph. `hops` is the longest chain in an intersection, count or superlative."""

    domain: Domain
    graph: LocalGraph
    hops: int
    rng: Generator

    def draw(self, kind: Kind) -> LogicalForm | None:
        """The logical form of a question of a kind; None if this draw led to no suitable one."""
        e = self._draw(kind)
        return e if e is not None and self._is_suitable(e) else None

    def _draw(self, kind: Kind) -> LogicalForm | None:
        if kind in ("1-hop", "2-hop", "3-hop"):
            return self._chain(int(kind[0]))
        if kind == "intersection":
            return self._intersection()
        inner = self._intersection() if self.rng.random() < 0.3 else self._chain(self._hops())
        if inner is None:
            return None
        if kind == "count":
            return count(inner) if len(self.graph.members(inner)) >= 2 else None
        best = self._superlative(inner)
        onward = best is not None and inner.op == "JOIN" and inner.parts[0].op == "ENTITY" and self.hops > 1
        return self._extend(best) if onward and best and self.rng.random() < 0.3 else best

    def _hops(self) -> int:
        return int(self.rng.integers(1, self.hops + 1))

    def _chain(self, hops: int) -> LogicalForm | None:
        e: LogicalForm | None = self._random_entity()
        for _ in range(hops):
            e = self._extend(e) if e is not None else None
        return e

    def _random_entity(self) -> LogicalForm:
        return entity(pick(self.rng, list(self.graph.entities)))

    def _extend(self, e: LogicalForm) -> LogicalForm | None:
        """A form with one more relation, though not the inverse of the last; None if there is none."""
        back = self.graph.inverse(e.name) if e.op == "JOIN" else None
        relations = [r for r in self.graph.relations(e) if r != back and self.graph.inverse(r)]
        return self._join(e, pick(self.rng, relations)) if relations else None

    def _join(self, e: LogicalForm, relation: str) -> LogicalForm:
        return join(e, relation, self.graph.range_of(relation))

    def _intersection(self) -> LogicalForm | None:
        """A chain, and another chain that leads to one of its members, so that the two share something."""
        first = self._chain(self._hops())
        if first is None or len(self.graph.members(first)) < 2:
            return None
        second = self._chain_to(entity(pick(self.rng, self.graph.answer(first))), self._hops())
        if second is None or second.type != first.type or second.text == first.text:
            return None
        return intersection(first, second)

    def _chain_to(self, goal: LogicalForm, hops: int) -> LogicalForm | None:
        """A chain that has an entity among its members: a walk from that entity, reversed."""
        relations, end = [], goal
        for _ in range(hops):
            step = self._extend(end)
            if step is None:
                return None
            relations.append(step.name)
            end = entity(pick(self.rng, self.graph.answer(step)))
        for relation in reversed(relations):
            end = self._join(end, self.graph.inverse(relation) or "")
        return end

    def _superlative(self, inner: LogicalForm) -> LogicalForm | None:
        """A superlative over at least three members that has exactly one answer."""
        if len(self.graph.members(inner)) < 3:
            return None
        attribute_names = {a.name for a in self.domain.attributes}
        attributes = [a for a in self.graph.attributes(inner) if a in attribute_names]
        if not attributes:
            return None
        best = superlative("ARGMAX" if self.rng.random() < 0.5 else "ARGMIN", inner, pick(self.rng, attributes))
        return best if len(self.graph.members(best)) == 1 else None

    def _is_suitable(self, e: LogicalForm) -> bool:
        """Whether every part narrows the answer, which is not empty, not long, and at most half of all entities of its type."""
        sizes = {p.text: len(self.graph.members(p)) for p in subforms(e)}
        if not all(0 < size <= _MAX_INNER for size in sizes.values()):
            return False
        if any(sizes[p.text] == sizes[o.text] for p in subforms(e) if p.op == "AND" for o in p.parts):
            return False
        if e.op == "COUNT":
            return True
        answer, everything = self.graph.answer(e), self.graph.instances()[e.type]
        return len(answer) <= min(_MAX_ANSWER, len(everything) / 2) and answer != topic_entities(e)


def topic_entities(e: LogicalForm) -> list[str]:
    """The ids of the entities that a form starts from."""
    if e.op == "ENTITY":
        return [e.name]
    return sorted({id for inner in e.parts for id in topic_entities(inner)})


class QuestionWriter:
    """Writes logical forms of one domain as English questions."""

    def __init__(self, domain: Domain, graph: LocalGraph) -> None:
        self.graph = graph
        self.plurals = {t.name: t.plural for t in domain.types}
        self.modifiers = {r.name: r.forth for r in domain.relations} | {r.inverse: r.back for r in domain.relations}
        self.attributes: dict[str, Attribute] = {a.name: a for a in domain.attributes}

    def question(self, e: LogicalForm, rng: Generator) -> str:
        """A question whose answer is the form's members."""
        if e.op == "COUNT":
            return pick(rng, _ASK_COUNT).format(np=self._noun(e.parts[0]))
        if e.op in ("ARGMAX", "ARGMIN"):
            return pick(rng, _ASK_EXTREME).format(
                np=self._noun(e.parts[0]), best=self._best(e), which="who" if e.type == "people.person" else "which"
            )
        return pick(rng, _ASK[e.type == "people.person"]).format(np=self._noun(e))

    def _noun(self, e: LogicalForm) -> str:
        """A noun phrase for all members: `films starring Ann Lee`."""
        if e.op == "ENTITY":
            return self._name(e.name)
        if e.op in ("ARGMAX", "ARGMIN"):
            return f"{self._best(e)} of the {self._noun(e.parts[0])}"
        return f"{self.plurals[e.type]} {self._condition(e)}"

    def _name(self, id: str) -> str:
        """An entity's name, with an article where it needs one."""
        name, types = self.graph.name(id), self.graph.entities[id].get("types", ())
        return f"the {name}" if not _WITH_ARTICLE.isdisjoint(types) and _DEFINITE.fullmatch(name) else name

    def _condition(self, e: LogicalForm) -> str:
        """The condition for members. Of two conditions the longer comes last, so that nothing after it can be misread."""
        if e.op != "AND":
            singular, _, plural = self.modifiers[e.name].partition("|")
            words = plural if plural and e.parts[0].op in ("JOIN", "AND") else singular
            return words.format(x=self._noun(e.parts[0]))
        first, second = sorted(map(self._condition, e.parts), key=len)
        if first.startswith(_CLAUSE) and not second.startswith(_CLAUSE):
            return f"{first} and {_clause(second, e.type)}"
        plain = second.startswith(_CLAUSE) and not any(clause in first for clause in _CLAUSE)
        return f"{first} {second}" if plain else f"{first} and {second}"

    def _best(self, e: LogicalForm) -> str:
        attribute = self.attributes[e.name]
        return attribute.top if e.op == "ARGMAX" else attribute.bottom


def _clause(condition: str, type: str) -> str:
    """A condition without a verb as a clause: `who were born in …`."""
    pronoun = "who" if type == "people.person" else "that"
    for word, verb in _VERBS.items():
        if condition.startswith(word):
            return f"{pronoun} {verb}{condition if verb == 'were ' else condition.removeprefix(word)}"
    return f"{pronoun} are {condition}"
