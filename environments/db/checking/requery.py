"""Runs a statement again in the light engine, over tables as a state holds them.

That shows what an observation leaves out, such as the rows behind a cut or the order of ties.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.light import LightSession
from ..engine.session import Result, SQLError

SECONDS = 2.0
ROWS = 10_000


def replay(spec: Mapping[str, Any], state: Mapping[str, Any], sql: str) -> Result | None:
    """The result of a statement in a state; None where it fails, is refused, or has more than ROWS rows."""
    try:
        session = LightSession(spec_of_state(spec, state))
    except (SQLError, KeyError, TypeError, ValueError):
        return None
    try:
        result = session.execute(sql, seconds=SECONDS, max_rows=ROWS)
        return None if result.truncated else result
    except SQLError:
        return None
    finally:
        session.close()


def spec_of_state(spec: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """A spec of the tables of a state; those with the columns of the task keep their keys."""
    tables: list[dict[str, Any]] = []
    for table_spec in spec["tables"]:
        table = state.get(table_spec["name"])
        if table and [c["name"] for c in table_spec["columns"]] == table["columns"]:
            keys = [k for k in table_spec.get("foreign_keys", ()) if k["references"]["table"] in state]
            tables.append(table_spec | {"rows": table["rows"], "foreign_keys": keys})
    names = {t["name"] for t in tables}
    for name, table in state.items():
        if name not in names:
            columns = [{"name": c, "type": t} for c, t in zip(table["columns"], table["types"], strict=True)]
            tables.append({"name": name, "columns": columns, "rows": table["rows"]})
    return {"tables": tables}
