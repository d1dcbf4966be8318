"""Conditions on rows, each in three forms: an English phrase, SQL, and a Python test that selects the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from numpy.random import Generator

from .domains import Column, Table
from .populate import FilledDatabase, Row
from .sampling import bernoulli, choose


class NoQuestion(Exception):
    """This database holds no good question of this form; another one may."""


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of a table or of one it refers to.

    `label` names it in English, `read` gets it from a row of the first table; `joins` are the tables between, nearest first.
    """

    table: Table
    column: Column
    label: str
    read: Callable[[Row], Any]
    joins: tuple[tuple[Table, Column], ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: `phrase` continues "whose", `sql` continues WHERE, `keeps` tests a row of the table asked about.

    `value` is the literal that it compares with, which must not be the answer.
    """

    place: ColumnRef
    phrase: str
    sql: str
    keeps: Callable[[Row], bool]
    value: str


def sql_literal(value: Any) -> str:
    """A value as a MySQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def english(value: Any) -> str:
    """A value as an English sentence shows it: numbers bare, the rest in quotes."""
    return str(value) if isinstance(value, int | float) else f"'{value}'"


def row_phrase(table: Table, row: Row) -> str:
    """A row in an English sentence: the customer named 'Ann Lee', the order with the code 'ORD-1'."""
    column = table.name_column
    relation = "named" if column.label == "name" else f"with the {column.label}"
    return f"the {table.one} {relation} {english(row[column.name])}"


Joins = tuple[tuple[Table, Column], ...]


def reachable_columns(database: FilledDatabase, table: Table, hops: int) -> list[ColumnRef]:
    """All columns reachable from a table over at most `hops` references; each table once, by the shortest path."""
    refs: list[ColumnRef] = []
    seen, front = {table.name}, [(table, "", cast(Joins, ()))]
    for _ in range(hops + 1):
        ahead = []
        for owner, label, joins in front:
            refs += [
                ColumnRef(owner, c, label + c.label, _reader(database, joins, c.name), joins) for c in owner.columns
            ]
            for ref in owner.refs:
                if ref.ref not in seen:
                    seen.add(ref.ref)
                    parent = database.tables[ref.ref]
                    ahead.append((parent, f"{label}{ref.label}'s ", (*joins, (parent, ref))))
        front = ahead
    return refs


def _reader(database: FilledDatabase, joins: Joins, name: str) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        for _, ref in joins:
            row = database.parent(row, ref)
        return row[name]

    return read


def where_clause(conditions: Sequence[Condition]) -> str:
    """WHERE with all conditions, or the empty text."""
    return " WHERE " + " AND ".join(c.sql for c in conditions) if conditions else ""


def whose_phrase(conditions: Sequence[Condition]) -> str:
    """' whose price is above 30 and whose stock is below 5', or ''."""
    return " " + " and ".join(f"whose {c.phrase}" for c in conditions) if conditions else ""


def from_clause(table: Table, refs: Sequence[ColumnRef]) -> str:
    """FROM a table, joined with those that the columns lie in."""
    text, done = f" FROM {table.name}", set()
    for place in refs:
        child = table
        for parent, ref in place.joins:
            if parent.name not in done:
                done.add(parent.name)
                text += f" JOIN {parent.name} ON {child.name}.{ref.name} = {parent.name}.{ref.name}"
            child = parent
    return text


def column_sql(place: ColumnRef, alone: bool) -> str:
    """A column in a statement, qualified unless its table is `alone` there."""
    return place.column.name if alone else f"{place.table.name}.{place.column.name}"


@dataclass(frozen=True, slots=True)
class ConditionSpec:
    """Which conditions to choose: `amount` of them, over at most `hops` references, that keep at least `least` rows.

    `far`: the first lies beyond a reference. `without`: names of columns to leave alone. `hard`: IN, BETWEEN, NULL, YEAR
    and <> too.
    """

    amount: int = 1
    hops: int = 0
    hard: bool = False
    least: int = 2
    without: Sequence[str] = ()
    far: bool = False


_TRIES = 12


def choose_conditions(database: FilledDatabase, table: Table, rng: Generator, spec: ConditionSpec) -> list[Condition]:
    """Conditions of which each leaves out some rows that those before it keep. Raises NoQuestion if none are found."""
    reachable = [
        p
        for p in reachable_columns(database, table, spec.hops)
        if _can_be_compared(p) and p.column.name not in spec.without
    ]
    first = [p for p in reachable if p.joins] if spec.far else reachable
    for _ in range(_TRIES if first else 0):
        order = rng.permutation(len(reachable))
        begin = choose(rng, first)
        refs = [begin, *(reachable[int(i)] for i in order if reachable[int(i)] is not begin)][: spec.amount]
        if conditions := _narrowing_conditions(refs, database.rows[table.name], spec, rng):
            return conditions
    raise NoQuestion


def _narrowing_conditions(
    refs: Sequence[ColumnRef], rows: Sequence[Row], spec: ConditionSpec, rng: Generator
) -> list[Condition]:
    """A condition on each place; none at all where one of them fails to leave out some rows and keep enough."""
    alone = not any(p.joins for p in refs)
    remaining, conditions = list(rows), []
    for place in refs:
        condition = _condition(place, remaining, alone, spec.hard, rng)
        passing = [r for r in remaining if condition.keeps(r)] if condition else []
        if condition is None or not spec.least <= len(passing) < len(remaining):
            return []
        remaining = passing
        conditions.append(condition)
    return conditions


def matching_rows(rows: Sequence[Row], conditions: Sequence[Condition]) -> list[Row]:
    """The rows that meet every condition."""
    return [row for row in rows if all(c.keeps(row) for c in conditions)]


def _can_be_compared(place: ColumnRef) -> bool:
    return place.column.role in ("category", "number", "year", "date") or place.column.gaps > 0


def _condition(place: ColumnRef, rows: Sequence[Row], alone: bool, hard: bool, rng: Generator) -> Condition | None:
    """One condition over a place with a literal taken from the rows; None where the rows give none."""
    sql, read, label = column_sql(place, alone), place.read, place.label
    values = [v for v in map(read, rows) if v is not None]
    if not values:
        return None
    if place.column.gaps and (place.column.role == "text" or (hard and bernoulli(rng, 0.25))):
        if bernoulli(rng, 0.5):
            return Condition(place, f"{label} is missing (NULL)", f"{sql} IS NULL", lambda r: read(r) is None, "NULL")
        return Condition(
            place, f"{label} is known (not NULL)", f"{sql} IS NOT NULL", lambda r: read(r) is not None, "NULL"
        )
    one = choose(rng, values)
    if place.column.role == "category":
        return _category(place, sql, one, values, hard, rng)
    if place.column.role == "date":
        return _date(place, sql, str(one), hard, rng)
    return _number(place, sql, one, values, hard, rng)


def _category(place: ColumnRef, sql: str, one: str, values: Sequence[str], hard: bool, rng: Generator) -> Condition:
    read, label = place.read, place.label
    others = sorted({v for v in values if v != one})
    form = int(rng.integers(3)) if hard and others else 0
    if form == 1:
        two = (one, choose(rng, others))
        phrase = f"{label} is either {english(two[0])} or {english(two[1])}"
        return Condition(
            place, phrase, f"{sql} IN ({sql_literal(two[0])}, {sql_literal(two[1])})", lambda r: read(r) in two, one
        )
    if form == 2 and not place.column.gaps:
        return Condition(
            place, f"{label} is not {english(one)}", f"{sql} <> {sql_literal(one)}", lambda r: read(r) != one, one
        )
    return Condition(place, f"{label} is {english(one)}", f"{sql} = {sql_literal(one)}", lambda r: read(r) == one, one)


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


def _number(place: ColumnRef, sql: str, one: Any, values: Sequence[Any], hard: bool, rng: Generator) -> Condition:
    read, label = place.read, place.label
    form = int(rng.integers(4 if hard else 3))
    low, high = sorted((one, choose(rng, values))) if form == 3 else (one, one)
    if low < high:
        return Condition(
            place,
            f"{label} is between {low} and {high} inclusive",
            f"{sql} BETWEEN {low} AND {high}",
            lambda r: read(r) is not None and low <= read(r) <= high,
            str(low),
        )
    words, sign = (("above", ">"), ("below", "<"), ("at least", ">="))[form % 3]
    tests: dict[str, Callable[[Any], bool]] = {">": lambda v: v > one, "<": lambda v: v < one, ">=": lambda v: v >= one}
    test = tests[sign]
    return Condition(
        place,
        f"{label} is {words} {one}",
        f"{sql} {sign} {one}",
        lambda r: read(r) is not None and test(read(r)),
        str(one),
    )
