"""Conditions on rows, each said three ways: in English, in SQL, and as a Python test that tells what it selects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from numpy.random import Generator

from .domains import Column, Table
from .populate import Made, Row, chance, pick


class Dull(Exception):
    """This world holds no good question of the kind asked for; another one may."""


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of a table or of one it refers to. `joins` are the tables between, nearest first."""

    table: Table
    column: Column
    label: str
    read: Callable[[Row], Any]
    joins: tuple[tuple[Table, Column], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """`phrase` continues "whose", `sql` continues WHERE. `value` is what was compared with, as the answer must not be."""

    place: ColumnRef
    phrase: str
    sql: str
    keeps: Callable[[Row], bool]
    value: str


def quoted(value: Any) -> str:
    """A value as a MySQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def said(value: Any) -> str:
    """A value in an English sentence."""
    return str(value) if isinstance(value, int | float) else f"'{value}'"


def named(table: Table, row: Row) -> str:
    """A row in an English sentence: the customer named 'Ann Lee'."""
    known = table.known_by
    return f"the {table.one} {'named' if known.label == 'name' else f'with {known.label}'} {said(row[known.name])}"


Joins = tuple[tuple[Table, Column], ...]


def places(made: Made, table: Table, hops: int) -> list[ColumnRef]:
    """All columns reachable from a table over at most so many references; each table once, in the shortest way."""
    found: list[ColumnRef] = []
    seen, front = {table.name}, [(table, "", cast(Joins, ()))]
    for _ in range(hops + 1):
        ahead = []
        for here, label, joins in front:
            found += [ColumnRef(here, c, label + c.label, _reader(made, joins, c.name), joins) for c in here.columns]
            for ref in here.refs:
                if ref.ref not in seen:
                    seen.add(ref.ref)
                    there = made.tables[ref.ref]
                    ahead.append((there, f"{label}{ref.label}'s ", (*joins, (there, ref))))
        front = ahead
    return found


def _reader(made: Made, joins: Joins, name: str) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        for _, ref in joins:
            row = made.parent(row, ref)
        return row[name]

    return read


def where(conditions: Sequence[Condition]) -> str:
    return " WHERE " + " AND ".join(c.sql for c in conditions) if conditions else ""


def whose(conditions: Sequence[Condition]) -> str:
    """' whose price is above 30 and whose stock is below 5', or ''."""
    return " " + " and ".join(f"whose {c.phrase}" for c in conditions) if conditions else ""


def source(table: Table, used: Sequence[ColumnRef]) -> str:
    """FROM with the joins that the used places need."""
    text, done = f" FROM {table.name}", set()
    for place in used:
        here = table
        for there, ref in place.joins:
            if there.name not in done:
                done.add(there.name)
                text += f" JOIN {there.name} ON {here.name}.{ref.name} = {there.name}.{ref.name}"
            here = there
    return text


def column_sql(place: ColumnRef, alone: bool) -> str:
    """Qualified unless one table is alone in the statement."""
    return place.column.name if alone else f"{place.table.name}.{place.column.name}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which conditions are wanted: how many, over how many references at most, keeping how many rows at least.

    `far`: the first lies beyond a reference. `without`: columns of no use. `hard`: with IN, BETWEEN, NULL, YEAR and <>.
    """

    amount: int = 1
    hops: int = 0
    hard: bool = False
    least: int = 2
    without: Sequence[str] = ()
    far: bool = False


_TRIES = 12


def choose(made: Made, table: Table, rng: Generator, choice: Choice) -> list[Condition]:
    """Conditions that each leave out some of the rows that those before it keep; Dull if none come up."""
    reachable = [p for p in places(made, table, choice.hops) if _askable(p) and p.column.name not in choice.without]
    first = [p for p in reachable if p.joins] if choice.far else reachable
    for _ in range(_TRIES if first else 0):
        order = rng.permutation(len(reachable))
        begin = pick(rng, first)
        chosen = [begin, *(reachable[int(i)] for i in order if reachable[int(i)] is not begin)][: choice.amount]
        if found := _narrowing(chosen, made.rows[table.name], choice, rng):
            return found
    raise Dull


def _narrowing(chosen: Sequence[ColumnRef], rows: Sequence[Row], choice: Choice, rng: Generator) -> list[Condition]:
    """A condition on each place; none at all where one of them fails to leave out some rows and keep enough."""
    alone = not any(p.joins for p in chosen)
    left, found = list(rows), []
    for place in chosen:
        condition = _condition(place, left, alone, choice.hard, rng)
        passing = [r for r in left if condition.keeps(r)] if condition else []
        if condition is None or not choice.least <= len(passing) < len(left):
            return []
        left = passing
        found.append(condition)
    return found


def kept(rows: Sequence[Row], conditions: Sequence[Condition]) -> list[Row]:
    return [row for row in rows if all(c.keeps(row) for c in conditions)]


def _askable(place: ColumnRef) -> bool:
    return place.column.role in ("category", "number", "year", "date") or place.column.gaps > 0


def _condition(place: ColumnRef, rows: Sequence[Row], alone: bool, hard: bool, rng: Generator) -> Condition | None:
    """One condition over a place with a literal taken from the rows; None where the rows give none."""
    sql, read, label = column_sql(place, alone), place.read, place.label
    seen = [v for v in map(read, rows) if v is not None]
    if not seen:
        return None
    if place.column.gaps and (place.column.role == "text" or (hard and chance(rng, 0.25))):
        if chance(rng, 0.5):
            return Condition(place, f"{label} is missing (NULL)", f"{sql} IS NULL", lambda r: read(r) is None, "NULL")
        return Condition(
            place, f"{label} is known (not NULL)", f"{sql} IS NOT NULL", lambda r: read(r) is not None, "NULL"
        )
    one = pick(rng, seen)
    if place.column.role == "category":
        return _category(place, sql, one, seen, hard, rng)
    if place.column.role == "date":
        return _date(place, sql, str(one), hard, rng)
    return _number(place, sql, one, seen, hard, rng)


def _category(place: ColumnRef, sql: str, one: str, seen: Sequence[str], hard: bool, rng: Generator) -> Condition:
    read, label = place.read, place.label
    others = sorted({v for v in seen if v != one})
    form = int(rng.integers(3)) if hard and others else 0
    if form == 1:
        two = (one, pick(rng, others))
        phrase = f"{label} is either {said(two[0])} or {said(two[1])}"
        return Condition(place, phrase, f"{sql} IN ({quoted(two[0])}, {quoted(two[1])})", lambda r: read(r) in two, one)
    if form == 2 and not place.column.gaps:
        return Condition(place, f"{label} is not {said(one)}", f"{sql} <> {quoted(one)}", lambda r: read(r) != one, one)
    return Condition(place, f"{label} is {said(one)}", f"{sql} = {quoted(one)}", lambda r: read(r) == one, one)


def _date(place: ColumnRef, sql: str, one: str, hard: bool, rng: Generator) -> Condition:
    read, label = place.read, place.label
    form = int(rng.integers(3 if hard else 2))
    if form == 2:
        return Condition(
            place,
            f"{label} lies in {one[:4]}",
            f"YEAR({sql}) = {one[:4]}",
            lambda r: str(read(r))[:4] == one[:4],
            one[:4],
        )
    if form:
        return Condition(
            place,
            f"{label} is on or after {one}",
            f"{sql} >= '{one}'",
            lambda r: read(r) is not None and read(r) >= one,
            one,
        )
    return Condition(
        place, f"{label} is before {one}", f"{sql} < '{one}'", lambda r: read(r) is not None and read(r) < one, one
    )


def _number(place: ColumnRef, sql: str, one: Any, seen: Sequence[Any], hard: bool, rng: Generator) -> Condition:
    read, label = place.read, place.label
    form = int(rng.integers(4 if hard else 3))
    if form == 3:
        low, high = sorted((one, pick(rng, seen)))
        return Condition(
            place,
            f"{label} is between {low} and {high} inclusive",
            f"{sql} BETWEEN {low} AND {high}",
            lambda r: read(r) is not None and low <= read(r) <= high,
            str(low),
        )
    words, sign = (("above", ">"), ("below", "<"), ("at least", ">="))[form]
    tests: dict[str, Callable[[Any], bool]] = {">": lambda v: v > one, "<": lambda v: v < one, ">=": lambda v: v >= one}
    test = tests[sign]
    return Condition(
        place,
        f"{label} is {words} {one}",
        f"{sql} {sign} {one}",
        lambda r: read(r) is not None and test(read(r)),
        str(one),
    )
