"""Questions over made-up pages: one to three hops, comparisons, and those that the pages do not answer."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from numpy.random import Generator

from ..engine.words import plain
from .draws import pick
from .facts import Attribute, Link, attributes
from .page_builder import Entity

Kind = Literal["one-hop", "two-hop", "three-hop", "comparison", "unanswerable"]
_HOPS = {"one-hop": 1, "two-hop": 2, "three-hop": 3}
NOT_GIVEN = ("unknown", "not given", "not answerable", "not stated", "it is not stated")
"""Accepted forms of the answer to a question that the pages do not answer."""


class Question(NamedTuple):
    """A question in words, with the goal that it is graded by."""

    text: str
    goal: dict[str, Any]


class QuestionWriter:
    """Draws questions over one collection of pages.

    `paraphrase`: the chance that a question uses other words than the page. `indirect`: the chance that a comparison names
    what it compares by way of another page.
    """

    def __init__(self, entities: list[Entity], paraphrase: float, indirect: float, rng: Generator) -> None:
        self.entities, self.paraphrase, self.indirect, self.rng = entities, paraphrase, indirect, rng

    def draw(self, kind: Kind) -> Question | None:
        """A question of a kind; None if this draw led to none."""
        if kind == "comparison":
            return self._comparison()
        start = pick(self.rng, self.entities)
        hops = _HOPS.get(kind) or int(self.rng.integers(1, 3))
        path = self._path(start, hops - 1)
        return self._unanswerable(start, path) if kind == "unanswerable" else self._answerable(start, path)

    def _path(self, start: Entity, steps: int) -> list[tuple[Entity, Link]]:
        """Links that lead away from an entity, each with the entity whose page tells it; no page comes twice."""
        path: list[tuple[Entity, Link]] = []
        here, visited = start, {start.id}
        for _ in range(steps):
            onward = [link for link, target in here.targets.items() if target.id not in visited]
            if not onward:
                return path
            link = pick(self.rng, onward)
            path.append((here, link))
            here = here.targets[link]
            visited.add(here.id)
        return path

    def _answerable(self, start: Entity, path: list[tuple[Entity, Link]]) -> Question | None:
        end = path[-1][0].targets[path[-1][1]] if path else start
        fact = pick(self.rng, list(end.facts))
        told = end.facts[fact]
        if isinstance(fact, Link) and end.targets[fact].id in {start.id, *(e.id for e, _ in path)}:
            return None
        text = self._ask(fact, _noun(start, path))
        support = [*_supports(path), _support(end, fact)]
        return (
            None
            if _gives_away(text, told.forms[0])
            else Question(text, {"answers": list(told.forms), "support": support})
        )

    def _ask(self, fact: Attribute | Link, noun: str) -> str:
        is_paraphrased = isinstance(fact, Attribute) and self.rng.random() < self.paraphrase
        return (fact.paraphrase if isinstance(fact, Attribute) and is_paraphrased else fact.question).format(x=noun)

    def _unanswerable(self, start: Entity, path: list[tuple[Entity, Link]]) -> Question | None:
        end = path[-1][0].targets[path[-1][1]] if path else start
        missing = [a for a in attributes(end.type) if a not in end.facts]
        if not missing:
            return None
        fact = pick(self.rng, missing)
        expected = {"page": end.id, "query": f"{end.name} {fact.keyword}", "keyword": fact.keyword}
        goal = {"answers": list(NOT_GIVEN), "support": [*_supports(path), expected], "read": True}
        return Question(self._ask(fact, _noun(start, path)), goal)

    def _comparison(self) -> Question | None:
        first = pick(self.rng, self.entities)
        ranked = [a for a in first.facts if isinstance(a, Attribute) and a.less]
        if not ranked:
            return None
        fact = pick(self.rng, ranked)
        others = [e for e in self.entities if e.type == first.type and e is not first and fact in e.facts]
        others = [e for e in others if e.facts[fact].rank != first.facts[fact].rank]
        if not others:
            return None
        pair = (first, pick(self.rng, others))
        paths = [self._way_to(e) if self.rng.random() < self.indirect else [] for e in pair]
        nouns = [_noun(path[0][0] if path else e, path) for e, path in zip(pair, paths, strict=True)]
        wants_least = bool(self.rng.integers(2))
        text = (fact.less if wants_least else fact.more).format(x=nouns[0], y=nouns[1])
        best = (min if wants_least else max)(pair, key=lambda e: e.facts[fact].rank)
        support = [s for e, path in zip(pair, paths, strict=True) for s in (*_supports(path), _support(e, fact))]
        return Question(text, {"answers": [best.name], "support": support, "read": True})

    def _way_to(self, entity: Entity) -> list[tuple[Entity, Link]]:
        """A link from another page that leads to an entity; [] if there is none."""
        ways = [(e, link) for e in self.entities for link, target in e.targets.items() if target is entity]
        return [pick(self.rng, ways)] if ways else []


def _noun(start: Entity, path: list[tuple[Entity, Link]]) -> str:
    """The end of a path in words: `the founder of the maker of Xelazole`."""
    noun = start.name
    for _, link in path:
        noun = link.noun.format(x=noun)
    return noun


def _supports(path: list[tuple[Entity, Link]]) -> list[dict[str, Any]]:
    return [_support(entity, link) for entity, link in path]


def _support(entity: Entity, fact: Attribute | Link) -> dict[str, Any]:
    told = entity.facts[fact]
    words = {"query": f"{entity.name} {fact.keyword}", "keyword": fact.keyword}
    return {"page": entity.id, "start": told.start, "end": told.end, **words}


def _gives_away(question: str, answer: str) -> bool:
    """Whether the words of an answer stand in the question."""
    return set(plain(answer).split()) <= set(plain(question).split())
