"""Compares two states by their rows, in whatever form a model writes them, and counts their difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from .row_comparison import number, value_keys

Row = tuple[Any, ...]
_NUMERIC = (
    "int",
    "tinyint",
    "smallint",
    "mediumint",
    "bigint",
    "decimal",
    "numeric",
    "float",
    "double",
    "bool",
    "year",
    "real",
)
_SYNONYMS = {
    "integer": "int", "bool": "tinyint", "boolean": "tinyint", "numeric": "decimal", "dec": "decimal", "real": "double",
}  # fmt: skip
_DIGITS = 12
"""Digits of a float beyond which two programs may differ."""


def differing_tables(claim: Any, true: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """A claimed state and the true one without the tables that are written alike in both."""
    if not isinstance(claim, Mapping):
        return claim, true
    alike = {name for name, table in true.items() if _alike(claim.get(name), table)}
    return {n: t for n, t in claim.items() if n not in alike}, {n: t for n, t in true.items() if n not in alike}


def _alike(claim: Any, table: Mapping[str, Any]) -> bool:
    """Two lists compared stop at the first difference, and are never deeper than the true one. Types may be left out."""
    if not isinstance(claim, Mapping) or claim.get("types") not in (None, table["types"]):
        return False
    return all(claim.get(part) == table[part] for part in ("columns", "rows"))


def parse_tables(claim: Any, like: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Columns and rows (a multiset, by value) of each table; None where a claim holds no tables.

    A claim may be a state ({name: {columns, rows}}), a spec ({"tables": [{name, columns, rows}]}), or rows alone, as lists
    or as objects; columns it leaves out, and their types, are those of `like`.
    """
    if isinstance(claim, Mapping) and isinstance(claim.get("tables"), list | Mapping) and "tables" not in like:
        claim = claim["tables"]
    if isinstance(claim, list):
        if not all(isinstance(t, Mapping) and isinstance(t.get("name"), str) for t in claim):
            return None
        claim = {t["name"]: t for t in claim}
    if not isinstance(claim, Mapping) or not all(isinstance(name, str) for name in claim):
        return None
    try:
        return {name: _table(table, like.get(name)) for name, table in claim.items()}
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, RecursionError):
        return None


def lacks_change(have: Any, before: Any, want: Any) -> bool:
    """Whether a claimed table lacks the change: it is still as it was before where it should be different."""
    if have is None or before is None or want is None:
        return have == before
    if have == before or have["columns"] != want["columns"]:
        return bool(have["columns"] == before["columns"])
    stale = have["rows"] & (before["rows"] - want["rows"])
    missing = (want["rows"] - before["rows"]) - have["rows"]
    return bool(stale or missing)


def delta(before: Mapping[str, Any], after: Mapping[str, Any]) -> int:
    """|Δ|: a changed row counts its changed cells; a row, column or table that is new or missing counts one."""
    total = 0
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            total += 1 + len((old or new or {})["rows"])
        elif old != new:
            total += _between(old, new)
    return total


def _between(old: Mapping[str, Any], new: Mapping[str, Any]) -> int:
    shared = [c for c in old["columns"] if c in new["columns"]]
    types, others = (
        dict(zip(old["columns"], old["types"], strict=True)),
        dict(zip(new["columns"], new["types"], strict=True)),
    )
    shape = len(old["columns"]) + len(new["columns"]) - 2 * len(shared) + sum(types[c] != others[c] for c in shared)
    old_rows, new_rows = ([tuple(row[t["columns"].index(c)] for c in shared) for row in t["rows"]] for t in (old, new))
    old_counts, new_counts = Counter(map(repr, old_rows)), Counter(map(repr, new_rows))
    common = old_counts & new_counts
    removed_rows, added_rows = _without(old_rows, common), _without(new_rows, common)
    key = next((i for i in range(len(shared)) if _is_unique(old_rows, i) and _is_unique(new_rows, i)), None)
    if key is None:
        pairs = list(zip(sorted(removed_rows, key=repr), sorted(added_rows, key=repr), strict=False))
        return int(shape + sum(_cells(a, b) for a, b in pairs) + abs(len(removed_rows) - len(added_rows)))
    added_by_key = {repr(row[key]): row for row in added_rows}
    cells = rows = 0
    for row in removed_rows:
        other = added_by_key.pop(repr(row[key]), None)
        cells, rows = (cells + _cells(row, other), rows) if other is not None else (cells, rows + 1)
    return int(shape + cells + rows + len(added_by_key))


def _cells(one: Row, other: Row) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))


def _without(rows: Sequence[Row], counts: Counter[str]) -> list[Row]:
    remaining, rest = Counter(counts), []
    for row in rows:
        if remaining[repr(row)] > 0:
            remaining[repr(row)] -= 1
        else:
            rest.append(row)
    return rest


def _is_unique(rows: Sequence[Row], column: int) -> bool:
    """Whether no two rows share a value in a column."""
    return len({repr(row[column]) for row in rows if row[column] is not None}) == len(rows)


def _table(table: Any, like: Any) -> dict[str, Any]:
    rows = table if isinstance(table, list) else table.get("rows") or []
    column_list = [] if isinstance(table, list) else table.get("columns") or []
    columns = [c["name"] if isinstance(c, Mapping) else str(c) for c in column_list] or list(
        like["columns"] if like else ()
    )
    if not columns and rows and isinstance(rows[0], Mapping):
        columns = list(rows[0])
    cells = [[row.get(c) for c in columns] if isinstance(row, Mapping) else list(row) for row in rows]
    if any(len(row) != len(columns) for row in cells):
        raise ValueError("a row that has not as many cells as there are columns")
    types = dict(zip(like["columns"], like["types"], strict=False)) if like else {}
    order = sorted(range(len(columns)), key=columns.__getitem__)
    kinds = [types.get(columns[i], "").lower().startswith(_NUMERIC) for i in order]
    values = [tuple(_cell(row[i], kind) for i, kind in zip(order, kinds, strict=True)) for row in cells]
    claimed = [] if isinstance(table, list) else table.get("types") or []
    claimed += [c.get("type") for c in column_list if isinstance(c, Mapping)]
    if claimed and len(claimed) != len(columns):
        raise ValueError("not as many types as there are columns")
    stated = dict(zip(columns, claimed, strict=True)) if claimed else types
    spelt = [_type(stated.get(columns[i]) or types.get(columns[i], "")) for i in order]
    return {"columns": sorted(columns), "types": spelt, "rows": Counter(value_keys(values))}


def _type(text: str) -> str:
    """A column's type in one spelling."""
    word, bracket, rest = " ".join(text.lower().split()).partition("(")
    word, _, flags = word.strip().partition(" ")
    word = _SYNONYMS.get(word, word)
    if word.endswith("int"):
        return f"{word} {flags}{rest.partition(')')[2]}".strip()
    return f"{word} {flags}{bracket}{rest}".replace(" ", "")


def _cell(cell: Any, numeric: bool) -> Any:
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, float):
        return float(f"{cell:.{_DIGITS}g}")
    if isinstance(cell, str):
        value = number(cell) if numeric else None
        return cell if value is None else value
    if cell is None or isinstance(cell, int):
        return cell
    raise ValueError("a cell that is no value")
