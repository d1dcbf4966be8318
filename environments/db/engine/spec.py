"""Checks of a world's spec beyond its JSON schema: lengths, names and keys must agree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

# The types of cells that the schema takes.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def without_plain_rows(spec: Any) -> Any:
    """A spec for its schema: tables all of whose rows are lists of plain cells fit it as if they were empty.

    A schema looks at each cell by itself, which takes seconds where there are ten thousand rows.
    """
    if not isinstance(spec, dict) or not isinstance(spec.get("tables"), list):
        return spec
    return spec | {"tables": [_without_plain_rows(table) for table in spec["tables"]]}


def _without_plain_rows(table: Any) -> Any:
    rows = table.get("rows") if isinstance(table, dict) else None
    if not isinstance(rows, list) or not all(type(row) is list and _PLAIN.issuperset(map(type, row)) for row in rows):
        return table
    return table | {"rows": []}


def faults(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """JSON path and reason of everything wrong with a spec that the schema lets pass."""
    yield from _duplicates("$.tables", "name", [t["name"] for t in spec["tables"]], fold=False)
    columns = {t["name"]: _names(t) for t in spec["tables"]}
    for n, table in enumerate(spec["tables"]):
        yield from _table_faults(f"$.tables[{n}]", table, columns)


def _table_faults(
    path: str, table: Mapping[str, Any], columns: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    names = columns[table["name"]]
    yield from _duplicates(f"{path}.columns", "name", names, fold=True)
    for n, row in enumerate(table["rows"]):
        if len(row) != len(names):
            yield f"{path}.rows[{n}]", f"{len(row)} cells for {len(names)} columns"
    try:
        json.dumps(table["rows"], ensure_ascii=False, allow_nan=False).encode()
    except ValueError as e:
        yield f"{path}.rows", f"holds a value that no database can store: {e}"
    keys = [("primary_key", table.get("primary_key", ()))]
    keys += [(f"unique[{n}]", key) for n, key in enumerate(table.get("unique", ()))]
    for place, key in keys:
        yield from _missing_columns(f"{path}.{place}", key, names, table["name"])
    for n, foreign in enumerate(table.get("foreign_keys", ())):
        yield from _foreign_faults(f"{path}.foreign_keys[{n}]", foreign, table["name"], columns)


def _foreign_faults(
    path: str, foreign: Mapping[str, Any], table: str, tables: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    yield from _missing_columns(f"{path}.columns", foreign["columns"], tables[table], table)
    parent, columns = foreign["references"]["table"], foreign["references"]["columns"]
    if parent not in tables:
        yield f"{path}.references.table", f"no table {parent!r}; there are {', '.join(tables)}"
        return
    yield from _missing_columns(f"{path}.references.columns", columns, tables[parent], parent)
    if len(columns) != len(foreign["columns"]):
        yield path, f"{len(foreign['columns'])} columns refer to {len(columns)}"


def _names(table: Mapping[str, Any]) -> list[str]:
    return [column["name"] for column in table["columns"]]


def _duplicates(path: str, field: str, names: Iterable[str], *, fold: bool) -> Iterator[tuple[str, str]]:
    """MySQL's column names ignore case; its table names do not."""
    seen: set[str] = set()
    for n, name in enumerate(names):
        key = name.lower() if fold else name
        if key in seen:
            yield f"{path}[{n}].{field}", f"{name!r} is there twice"
        seen.add(key)


def _missing_columns(path: str, columns: Iterable[str], names: Sequence[str], table: str) -> Iterator[tuple[str, str]]:
    have = {name.lower() for name in names}
    for name in columns:
        if name.lower() not in have:
            yield path, f"table {table!r} has no column {name!r}"
