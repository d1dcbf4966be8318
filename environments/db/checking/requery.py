"""A statement asked again of the light engine, over tables as a state holds them: what the answer's text leaves out, such as
the rows behind a cut or the order of ties, is told by that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.light import LightSession
from ..engine.session import Result, SQLError

SECONDS = 2.0
ROWS = 10_000


def replay(spec: Mapping[str, Any], state: Mapping[str, Any], sql: str) -> Result | None:
    """What a statement returns in a state; None where that cannot be told."""
    try:
        session = LightSession(restored(spec, state))
    except (SQLError, KeyError, TypeError, ValueError):
        return None
    try:
        result = session.execute(sql, seconds=SECONDS, max_rows=ROWS)
        return None if result.truncated else result
    except SQLError:
        return None
    finally:
        session.close()


def restored(spec: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """A spec of the tables that a state holds, with the keys of those that are still as the task had them."""
    tables: list[dict[str, Any]] = []
    for given in spec["tables"]:
        table = state.get(given["name"])
        if table and [c["name"] for c in given["columns"]] == table["columns"]:
            keys = [k for k in given.get("foreign_keys", ()) if k["references"]["table"] in state]
            tables.append(given | {"rows": table["rows"], "foreign_keys": keys})
    known = {t["name"] for t in tables}
    for name, table in state.items():
        if name not in known:
            columns = [{"name": c, "type": t} for c, t in zip(table["columns"], table["types"], strict=True)]
            tables.append({"name": name, "columns": columns, "rows": table["rows"]})
    return {"tables": tables}
