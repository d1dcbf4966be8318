"""Statements that lead a database back to its goal: deletes, updates and inserts for every difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..engine.state import Difference, Row, Tables, differences
from .conditions import sql_literal


def repair_statements(now: Tables, goal: Tables, spec: Mapping[str, Any]) -> list[str] | None:
    """Statements that lead from one state to the other; None where a table is missing or has other columns.

    Rows are removed from the last table on and added from the first on, as references demand.
    """
    wrong = differences(now, goal)
    if any(d.shape and name in goal for name, d in wrong.items()):
        return None
    drops = [f"DROP TABLE {_name(name)}" for name, d in wrong.items() if d.shape]
    order = {t["name"]: n for n, t in enumerate(spec["tables"])}
    keys = {t["name"]: t.get("primary_key", []) for t in spec["tables"]}
    parts = [
        _table(name, goal[name]["columns"], wrong[name], keys.get(name, []))
        for name in sorted((n for n, d in wrong.items() if not d.shape), key=lambda n: order.get(n, len(order)))
    ]
    all_deletes = [s for deletes, _, _ in reversed(parts) for s in deletes]
    return (
        drops
        + all_deletes
        + [s for _, updates, _ in parts for s in updates]
        + [s for _, _, inserts in parts for s in inserts]
    )


def _table(
    name: str, columns: Sequence[str], difference: Difference, key: Sequence[str]
) -> tuple[list[str], list[str], list[str]]:
    """Deletes, updates and inserts of one table. Rows of one primary key are updated, never replaced."""
    extra, missing = Counter(difference.extra), Counter(difference.missing)
    places = [columns.index(k) for k in key if k in columns]
    pairs = []
    if places and len(places) == len(key):
        rows_by_key = {tuple(row[p] for p in places): row for row in missing}
        pairs = [(row, rows_by_key[k]) for row in extra if (k := tuple(row[p] for p in places)) in rows_by_key]
        extra.subtract(old for old, _ in pairs)
        missing.subtract(new for _, new in pairs)
    return (
        _deletes(name, columns, +extra, places),
        _updates(name, columns, pairs, places),
        _inserts(name, columns, +missing),
    )


def _deletes(name: str, columns: Sequence[str], rows: Counter[Row], places: Sequence[int]) -> list[str]:
    head = f"DELETE FROM {_name(name)} WHERE "
    if rows and len(places) == 1:
        return [head + _among(columns, list(rows), places[0])]
    test_places = places or range(len(columns))
    return [f"{head}{_test(columns, row, test_places)}{'' if places else f' LIMIT {n}'}" for row, n in rows.items()]


def _inserts(name: str, columns: Sequence[str], rows: Counter[Row]) -> list[str]:
    values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows.elements())
    return [f"INSERT INTO {_name(name)} ({', '.join(map(_name, columns))}) VALUES {values}"] if rows else []


def _updates(name: str, columns: Sequence[str], pairs: Sequence[tuple[Row, Row]], places: Sequence[int]) -> list[str]:
    """One statement for all rows that change in the same columns, where the key is one column; else one a row."""
    groups: dict[tuple[Any, ...], list[tuple[Row, Row]]] = defaultdict(list)
    for old, new in pairs:
        places_changed = [p for p, (o, n) in enumerate(zip(old, new, strict=True)) if o != n]
        groups[tuple(places_changed) if len(places) == 1 else old].append((old, new))
    result = []
    for group in groups.values():
        old, new = group[0]
        places_changed = [p for p, (o, n) in enumerate(zip(old, new, strict=True)) if o != n]
        sets = ", ".join(f"{_name(columns[p])} = {_value(columns, group, p, places[0])}" for p in places_changed)
        test = _among(columns, [o for o, _ in group], places[0]) if len(places) == 1 else _test(columns, old, places)
        result.append(f"UPDATE {_name(name)} SET {sets} WHERE {test}")
    return result


def _value(columns: Sequence[str], group: Sequence[tuple[Row, Row]], place: int, key: int) -> str:
    """The new value of a column as SQL: one for all rows, or a CASE by key."""
    values = {new[place] for _, new in group}
    if len(values) == 1:
        return _literal(values.pop())
    cases = " ".join(f"WHEN {_literal(old[key])} THEN {_literal(new[place])}" for old, new in group)
    return f"CASE {_name(columns[key])} {cases} END"


def _among(columns: Sequence[str], rows: Sequence[Row], key: int) -> str:
    if len(rows) == 1:
        return _test(columns, rows[0], [key])
    return f"{_name(columns[key])} IN ({', '.join(_literal(row[key]) for row in rows)})"


def _test(columns: Sequence[str], row: Row, places: Sequence[int]) -> str:
    return " AND ".join(
        f"{_name(columns[p])} IS NULL" if row[p] is None else f"{_name(columns[p])} = {_literal(row[p])}"
        for p in places
    )


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(cell: Any) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else sql_literal(cell)
