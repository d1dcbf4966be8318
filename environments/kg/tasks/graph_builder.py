"""Builds procedural graphs of one domain: entities with distinct names and opaque ids, relations, values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from numpy.random import Generator

from . import name_parts
from .domains import Attribute, Domain, Relation, Type

T = TypeVar("T")
_ID = "0123456789bcdfghjklmnpqrstvwxyz_"
_MAX_DRAWS = 30
"""Most draws of one new name; after that its type gets no more entities."""


def pick(rng: Generator, values: Sequence[T]) -> T:
    """One of some values, each equally likely."""
    return values[int(rng.integers(len(values)))]


def _stem(rng: Generator) -> str:
    return pick(rng, name_parts.STEMS) + pick(rng, name_parts.MIDDLES)


NAMES: dict[str, Callable[[Generator], str]] = {
    "person": lambda rng: f"{pick(rng, name_parts.FIRST)} {pick(rng, name_parts.LAST)}",
    "film": lambda rng: f"The {pick(rng, name_parts.ADJECTIVES)} {pick(rng, name_parts.THINGS)}",
    "studio": lambda rng: f"{_stem(rng)}ra {pick(rng, name_parts.STUDIO_ENDS)}",
    "company": lambda rng: (
        f"{pick(rng, (_stem(rng) + 'x', pick(rng, name_parts.LAST)))} {pick(rng, name_parts.FIRM_ENDS)}"
    ),
    "product": lambda rng: pick(rng, name_parts.PRODUCT_STEMS) + pick(rng, name_parts.PRODUCT_ENDS),
    "team": lambda rng: f"{_stem(rng)}{pick(rng, name_parts.CITY_ENDS)} {pick(rng, name_parts.TEAM_ENDS)}",
    "stadium": lambda rng: f"{pick(rng, name_parts.LAST)} {pick(rng, ('Arena', 'Field', 'Park', 'Stadium'))}",
    "city": lambda rng: _stem(rng) + pick(rng, name_parts.CITY_ENDS),
    "country": lambda rng: _stem(rng) + pick(rng, name_parts.COUNTRY_ENDS),
    "river": lambda rng: f"{_stem(rng)}r River",
    "mountain": lambda rng: f"Mount {_stem(rng)}{pick(rng, ('k', 'l', 'n', 's'))}",
    "university": lambda rng: f"University of {_stem(rng)}{pick(rng, name_parts.CITY_ENDS)}",
    "award": lambda rng: f"{pick(rng, name_parts.LAST)} {pick(rng, ('Award', 'Medal', 'Prize'))}",
    "genre": lambda rng: pick(rng, name_parts.GENRES),
    "language": lambda rng: pick(rng, name_parts.LANGUAGES),
    "industry": lambda rng: pick(rng, name_parts.INDUSTRIES),
    "field": lambda rng: pick(rng, name_parts.FIELDS),
    "league": lambda rng: pick(rng, name_parts.LEAGUES),
}
"""Draws a name, for each kind of names in `Type.names`."""


def build_graph(domain: Domain, size: int, rng: Generator) -> dict[str, Any]:
    """A graph of about `size` entities, as the `graph` of a spec. No two entities share a name."""
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
    """Adds the entities of a type to `entities` and returns their ids."""
    used_names = {e["name"] for e in entities.values()}
    ids: list[str] = []
    for _ in range(max(3, round(type.share * size))):
        name = next((n for n in (NAMES[type.names](rng) for _ in range(_MAX_DRAWS)) if n not in used_names), None)
        if name is None:
            break
        used_names.add(name)
        id = _id(rng)
        while id in entities:
            id = _id(rng)
        entities[id] = {"name": name, "types": [type.name]}
        ids.append(id)
    return ids


def _id(rng: Generator) -> str:
    number = int(rng.integers(len(_ID) ** 6))
    return "m.0" + "".join(_ID[number // len(_ID) ** place % len(_ID)] for place in range(6))


def _triples(relation: Relation, of_type: dict[str, list[str]], rng: Generator) -> list[tuple[str, str, str]]:
    triples, pool = [], of_type[relation.range]
    for subject in of_type[relation.domain]:
        number = min(int(rng.integers(relation.few, relation.many + 1)), len(pool) - 1)
        objects: set[str] = set()
        while len(objects) < number:
            objects |= {pick(rng, pool)} - {subject}
        triples += [(subject, relation.name, o) for o in sorted(objects)]
    return triples


def _values(attribute: Attribute, ids: list[str], rng: Generator) -> list[list[Any]]:
    """Numbers spread evenly over the orders of magnitude between low and high; dates evenly over the days."""
    values: list[list[Any]] = []
    for id in ids:
        if attribute.kind == "date":
            year, month, day = rng.integers(attribute.low, attribute.high + 1), rng.integers(1, 13), rng.integers(1, 29)
            values.append([id, attribute.name, f"{year:04d}-{month:02d}-{day:02d}"])
        else:
            spread = attribute.low * (attribute.high / attribute.low) ** rng.random()
            values.append([id, attribute.name, round(spread)])
    return values
