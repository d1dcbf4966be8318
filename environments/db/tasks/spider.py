"""A SQLite file read as a world's spec: MySQL types inferred from the data, keys kept where the data obeys them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import column_types

_LARGEST = 64 * 1024 * 1024
"""Bytes of a database file."""
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_QUOTED = re.compile(r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|\w+")


def read_spec(path: Path) -> dict[str, Any]:
    """The spec of a SQLite file. Raises ValueError where it is no database, or holds bytes, or is too large."""
    if path.stat().st_size > _LARGEST:
        raise ValueError(f"larger than {_LARGEST} bytes")
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as e:
        raise ValueError(f"cannot be opened: {e}") from e
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    try:
        names = [n for (n,) in connection.execute(_TABLES)]
        tables = {name: _table(connection, name) for name in names}
        for name in names:
            tables[name]["foreign_keys"] = _foreign(connection, name, tables)
    except sqlite3.Error as e:
        raise ValueError(f"is no readable SQLite database: {e}") from e
    finally:
        connection.close()
    return {"tables": _by_reference(tables)}


def match_table_case(sql: str, names: Iterable[str]) -> str:
    """A statement with table names as they are declared: SQLite ignores their case, MySQL on Linux does not."""
    names_by_case = {name.lower(): name for name in names}
    return _QUOTED.sub(lambda word: names_by_case.get(word[0].lower(), word[0]), sql)


def has_order_by(sql: str) -> bool:
    """Whether the outermost SELECT orders its rows."""
    flat, before = _QUOTED.sub(lambda f: f[0] if f[0][0] not in "'\"" else "''", sql), ""
    while flat != before:
        flat, before = re.sub(r"\([^()]*\)", " ", flat), flat
    return re.search(r"\border\s+by\b", flat, re.I) is not None


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    declarations = connection.execute(f"PRAGMA table_info({_name(name)})").fetchall()
    rows = [list(row) for row in connection.execute(f"SELECT * FROM {_name(name)}")]
    keys = [column for _, column in sorted((row[5], row[1]) for row in declarations if row[5])]
    columns = []
    for n, (_, column, kind, *_rest) in enumerate(declarations):
        cells = [row[n] for row in rows]
        if any(isinstance(cell, bytes) for cell in cells):
            raise ValueError(f"column {name}.{column} holds bytes")
        mysql_type, convert = _type(cells, kind or "")
        for row in rows:
            row[n] = None if row[n] is None else convert(row[n])
        columns.append({"name": column, "type": mysql_type})
    table: dict[str, Any] = {"name": name, "columns": columns, "rows": rows}
    places = [n for n, c in enumerate(columns) if c["name"] in keys]
    if places and _unique(rows, places) and all(columns[n]["type"] != "TEXT" for n in places):
        table["primary_key"] = keys
    return table


def _type(cells: Sequence[Any], declaration: str) -> tuple[str, Any]:
    """A MySQL type that holds all cells, and how to convert them.

    Decimals, dates and moments stay what they are declared as, where every cell is one; else the declaration decides only
    where no cell does.
    """
    values = [cell for cell in cells if cell is not None]
    if not values:
        whole, real = re.search("int", declaration, re.I), re.search("real|floa|doub|dec|num", declaration, re.I)
        return ("INT" if whole else "DOUBLE" if real else "VARCHAR(255)"), lambda cell: cell
    declared = column_types.declared_type(values, declaration)
    if declared is not None:
        return declared
    if all(isinstance(cell, int) for cell in values):
        return ("INT" if max(map(abs, values)) < 2**31 else "BIGINT"), int
    if all(isinstance(cell, int | float) for cell in values):
        return "DOUBLE", float
    return ("VARCHAR(255)" if max(len(str(cell)) for cell in values) <= 255 else "TEXT"), str


def _unique(rows: Sequence[Sequence[Any]], places: Sequence[int]) -> bool:
    """Whether keys are unique in MySQL: no NULL, and no two that differ in case alone."""
    keys = [tuple(row[p].lower() if isinstance(row[p], str) else row[p] for p in places) for row in rows]
    return len(set(keys)) == len(keys) and not any(cell is None for key in keys for cell in key)


def _foreign(connection: sqlite3.Connection, name: str, tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The declared references of one column to a primary key of its type, where every value is found there."""
    by_name = {n.lower(): t for n, t in tables.items()}
    keys, columns = [], [c["name"] for c in tables[name]["columns"]]
    for _, _, target, column, to, *_rest in connection.execute(f"PRAGMA foreign_key_list({_name(name)})"):
        parent = by_name.get(target.lower())
        if parent is None or len(parent.get("primary_key", ())) != 1:
            continue
        to = to or parent["primary_key"][0]
        names = [c["name"] for c in parent["columns"]]
        place = next((n for n, c in enumerate(columns) if c.lower() == column.lower()), None)
        far = next((n for n, c in enumerate(names) if c.lower() == to.lower()), None)
        if place is None or far is None or names[far] != parent["primary_key"][0]:
            continue
        if tables[name]["columns"][place]["type"] != parent["columns"][far]["type"]:
            continue
        values = {row[far] for row in parent["rows"]}
        if all(row[place] is None or row[place] in values for row in tables[name]["rows"]):
            keys.append({"columns": [columns[place]], "references": {"table": parent["name"], "columns": [names[far]]}})
    return keys


def _by_reference(tables: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each table after those it refers to; references that run in a circle are dropped."""
    done: dict[str, dict[str, Any]] = {}
    remaining = dict(tables)
    while remaining:
        ready = [
            n for n, t in remaining.items() if all(f["references"]["table"] in {*done, n} for f in t["foreign_keys"])
        ]
        for name in ready or [next(iter(remaining))]:
            table = remaining.pop(name)
            if not ready:
                table["foreign_keys"] = [f for f in table["foreign_keys"] if f["references"]["table"] in {*done, name}]
            done[name] = table if table["foreign_keys"] else {k: v for k, v in table.items() if k != "foreign_keys"}
    return list(done.values())
