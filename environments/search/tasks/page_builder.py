"""Builds the made-up pages of one task: entities with facts, and a page of sentences for each, the place of every fact kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from numpy.random import Generator

from simenv.english import capitalized

from .draws import pick
from .facts import ASIDES, INTRODUCTIONS, SUBJECTS, Attribute, Link, Type, attributes, links
from .names import NAMES, city, namesake

_SHARES = (0.34, 0.26, 0.16, 0.12, 0.12)
"""The share of each type of page, as `Type` lists them."""
_GAP = 0.3
"""The chance that a page leaves out an attribute."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MAX_DRAWS = 50
"""Most draws of one new name."""
Rank = tuple[int, ...]


@dataclass
class Told:
    """A fact as a page tells it: the accepted forms of its value, its rank among others, the sentence and its span."""

    forms: tuple[str, ...]
    rank: Rank = ()
    sentence: str = ""
    start: int = 0
    end: int = 0


@dataclass
class Entity:
    """What one page is about. `facts` by attribute or link; `targets` by link."""

    id: str
    name: str
    type: Type
    facts: dict[Attribute | Link, Told] = field(default_factory=dict)
    targets: dict[Link, Entity] = field(default_factory=dict)
    text: str = ""


def build(pages: int, length: int, alike: float, rng: Generator) -> list[Entity]:
    """So many entities with pages of about `length` sentences; a share `alike` (0 to 1) has a name like another's."""
    entities = _entities(pages, alike, rng)
    for entity in entities:
        _settle(entity, entities, rng)
    for entity in entities:
        _write(entity, length, rng)
    return entities


def passages(entities: list[Entity]) -> list[dict[str, Any]]:
    """The pages as the `passages` of a spec."""
    return [{"id": e.id, "title": e.name, "text": e.text} for e in entities]


def _entities(pages: int, alike: float, rng: Generator) -> list[Entity]:
    names: dict[str, Type] = {}
    types = get_args(Type)
    counts = [max(2, round(share * pages)) for share in _SHARES]
    for type, count in zip(types, counts, strict=True):
        same: list[str] = []
        for _ in range(count):
            for _ in range(_MAX_DRAWS):
                copy = same and rng.random() < alike
                name = namesake(pick(rng, same), type, rng) if copy else NAMES[type](rng)
                if name not in names:
                    names[name] = type
                    same.append(name)
                    break
    ids = rng.permutation(len(names)) + 1
    entities = [Entity(f"p{id}", name, type) for id, (name, type) in zip(ids, names.items(), strict=True)]
    return sorted(entities, key=lambda e: int(e.id[1:]))


def _settle(entity: Entity, entities: list[Entity], rng: Generator) -> None:
    """Decide the entity's facts."""
    for attribute in attributes(entity.type):
        if rng.random() >= _GAP:
            entity.facts[attribute] = _value(attribute, rng)
    for link in links(entity.type):
        target = pick(rng, [e for e in entities if e.type == link.target and e is not entity])
        entity.facts[link], entity.targets[link] = Told((target.name,)), target


def _value(attribute: Attribute, rng: Generator) -> Told:
    if attribute.kind == "city":
        return Told((city(rng),))
    number = int(rng.integers(attribute.low, attribute.high + 1))
    if attribute.kind == "year":
        return Told((str(number),), (number,))
    if attribute.kind == "date":
        month, day = int(rng.integers(1, 13)), int(rng.integers(1, 29))
        name = _MONTHS[month - 1]
        forms = (f"{day} {name} {number}", f"{name} {day}, {number}", f"{number}-{month:02}-{day:02}")
        return Told(forms, (number, month, day))
    text = f"{number:,}"
    return Told((text, f"{text} {attribute.unit}") if attribute.unit else (text,), (number,))


def _write(entity: Entity, length: int, rng: Generator) -> None:
    """Write the page: an introduction, then facts and asides in any order."""
    subject = SUBJECTS[entity.type].format(last=entity.name.rpartition(" ")[2])
    for fact, told in entity.facts.items():
        template = pick(rng, fact.sentences) if isinstance(fact, Attribute) else fact.sentence
        told.sentence = capitalized(template.format(s=subject, v=told.forms[0]))
    years, counts = rng.integers(1900, 2024, len(ASIDES[entity.type])), rng.integers(11, 600, len(ASIDES[entity.type]))
    asides = [a.format(s=subject, year=y, count=n) for a, y, n in zip(ASIDES[entity.type], years, counts, strict=True)]
    fill = [asides[i] for i in rng.permutation(len(asides))[: max(1, length - len(entity.facts))]]
    body = [*(told.sentence for told in entity.facts.values()), *fill]
    introduction = pick(rng, INTRODUCTIONS[entity.type]).format(x=entity.name)
    entity.text = " ".join([introduction, *(body[i] for i in rng.permutation(len(body)))])
    for told in entity.facts.values():
        told.start = entity.text.index(told.sentence)
        told.end = told.start + len(told.sentence)
