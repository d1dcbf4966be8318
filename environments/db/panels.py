"""The database as a person sees it: a table a table."""

from __future__ import annotations

from typing import Any

from simenv.panel import MOST, Panel, Table


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """Every table there is; a row is named by its primary key, where that comes first, or by its first column."""
    keys = {t["name"]: t.get("primary_key", ()) for t in spec.get("tables", ())}
    return tuple(_table(name, table, keys.get(name, ())) for name, table in sorted(facts.items()))


def _table(name: str, table: dict[str, Any], key: Any) -> Table:
    columns = tuple(table["columns"])
    leading = len(key) if key and tuple(key) == columns[: len(key)] else 1
    rows = table["rows"]
    return Table(
        title=name, columns=columns, rows=tuple(map(tuple, rows[:MOST])), key=leading, left_out=max(0, len(rows) - MOST)
    )
