"""Makes a graph of one domain from a seed: entities with unlike names and opaque ids, relations, values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from numpy.random import Generator

from . import names
from .domains import Attribute, Domain, Relation, Type

T = TypeVar("T")
_ID = "0123456789bcdfghjklmnpqrstvwxyz_"
_ATTEMPTS = 30
"""Draws of a name before a type has no more entities."""


def pick(rng: Generator, values: Sequence[T]) -> T:
    return values[int(rng.integers(len(values)))]


def _stem(rng: Generator) -> str:
    return pick(rng, names.STEMS) + pick(rng, names.MIDDLES)


NAMES: dict[str, Callable[[Generator], str]] = {
    "person": lambda rng: f"{pick(rng, names.FIRST)} {pick(rng, names.LAST)}",
    "film": lambda rng: f"The {pick(rng, names.ADJECTIVES)} {pick(rng, names.THINGS)}",
    "studio": lambda rng: f"{_stem(rng)}ra {pick(rng, names.STUDIO_ENDS)}",
    "company": lambda rng: f"{pick(rng, (_stem(rng) + 'x', pick(rng, names.LAST)))} {pick(rng, names.FIRM_ENDS)}",
    "product": lambda rng: pick(rng, names.PRODUCT_STEMS) + pick(rng, names.PRODUCT_ENDS),
    "team": lambda rng: f"{_stem(rng)}{pick(rng, names.CITY_ENDS)} {pick(rng, names.TEAM_ENDS)}",
    "stadium": lambda rng: f"{pick(rng, names.LAST)} {pick(rng, ('Arena', 'Field', 'Park', 'Stadium'))}",
    "city": lambda rng: _stem(rng) + pick(rng, names.CITY_ENDS),
    "country": lambda rng: _stem(rng) + pick(rng, names.COUNTRY_ENDS),
    "river": lambda rng: f"{_stem(rng)}r River",
    "mountain": lambda rng: f"Mount {_stem(rng)}{pick(rng, ('k', 'l', 'n', 's'))}",
    "university": lambda rng: f"University of {_stem(rng)}{pick(rng, names.CITY_ENDS)}",
    "award": lambda rng: f"{pick(rng, names.LAST)} {pick(rng, ('Award', 'Medal', 'Prize'))}",
    "genre": lambda rng: pick(rng, names.GENRES),
    "language": lambda rng: pick(rng, names.LANGUAGES),
    "industry": lambda rng: pick(rng, names.INDUSTRIES),
    "field": lambda rng: pick(rng, names.FIELDS),
    "league": lambda rng: pick(rng, names.LEAGUES),
}
"""How each kind of entity is named."""


def build(domain: Domain, size: int, rng: Generator) -> dict[str, Any]:
    """A graph of about `size` entities, as a spec's `graph`. No two entities share a name."""
    entities: dict[str, dict[str, Any]] = {}
    of_type = {type.name: _entities(type, size, entities, rng) for type in domain.types}
    triples = sorted({t for r in domain.relations for t in _triples(r, of_type, rng)})
    values = [v for a in domain.attributes for v in _values(a, of_type[a.domain], rng)]
    return {
        "entities": entities,
        "relations": {r.name: {"domain": r.domain, "range": r.range, "inverse": r.inverse} for r in domain.relations},
        "attributes": {a.name: {"domain": a.domain, "kind": a.kind} for a in domain.attributes},
        "triples": [list(t) for t in triples],
        "values": values,
    }


def _entities(type: Type, size: int, entities: dict[str, dict[str, Any]], rng: Generator) -> list[str]:
    """Adds the entities of a type to the others; their ids."""
    taken = {e["name"] for e in entities.values()}
    made: list[str] = []
    for _ in range(max(3, round(type.share * size))):
        name = next((n for n in (NAMES[type.names](rng) for _ in range(_ATTEMPTS)) if n not in taken), None)
        if name is None:
            break
        taken.add(name)
        id = _id(rng)
        while id in entities:
            id = _id(rng)
        entities[id] = {"name": name, "types": [type.name]}
        made.append(id)
    return made


def _id(rng: Generator) -> str:
    number = int(rng.integers(len(_ID) ** 6))
    return "m.0" + "".join(_ID[number // len(_ID) ** place % len(_ID)] for place in range(6))


def _triples(relation: Relation, of_type: dict[str, list[str]], rng: Generator) -> list[tuple[str, str, str]]:
    made, pool = [], of_type[relation.range]
    for subject in of_type[relation.domain]:
        number = min(int(rng.integers(relation.few, relation.many + 1)), len(pool) - 1)
        objects: set[str] = set()
        while len(objects) < number:
            objects |= {pick(rng, pool)} - {subject}
        made += [(subject, relation.name, o) for o in sorted(objects)]
    return made


def _values(attribute: Attribute, ids: list[str], rng: Generator) -> list[list[Any]]:
    """Numbers spread evenly over the orders of magnitude between low and high; dates evenly over the days."""
    made: list[list[Any]] = []
    for id in ids:
        if attribute.kind == "date":
            year, month, day = rng.integers(attribute.low, attribute.high + 1), rng.integers(1, 13), rng.integers(1, 29)
            made.append([id, attribute.name, f"{year:04d}-{month:02d}-{day:02d}"])
        else:
            spread = attribute.low * (attribute.high / attribute.low) ** rng.random()
            made.append([id, attribute.name, round(spread)])
    return made
