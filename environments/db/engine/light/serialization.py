"""A database as bytes and back: a JSON head, then the SQLite image of the present and of each savepoint."""

from __future__ import annotations

import json
from typing import Any

from .catalog.catalog import Catalog
from .database import Database, Snapshot


def pack(database: Database) -> bytes:
    """Data, schema, counters, user variables and the open transaction as bytes."""
    snapshots = [database.snapshot(), *(snapshot for _, snapshot in database.transaction)]
    head = {
        "names": [name for name, _ in database.transaction],
        "shots": [_head(snapshot) for snapshot in snapshots],
        "variables": database.variables,
        "prepared": database.prepared,
        "locks": database.locks,
        "modes": [database.autocommit, database.read_only],
        "counts": [database.info.last_id, database.info.row_count, database.info.found_rows],
    }
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "big") + text + b"".join(snapshot.data for snapshot in snapshots)


def _head(snapshot: Snapshot) -> dict[str, Any]:
    return {"bytes": len(snapshot.data), "catalog": snapshot.catalog.text, "counters": snapshot.counters}


def unpack(database: Database, blob: bytes) -> None:
    """Put a database back into the state that `pack` wrote."""
    at = 8 + int.from_bytes(blob[:8], "big")
    head = json.loads(blob[8:at])
    snapshots = []
    for entry in head["shots"]:
        same = entry["catalog"] == database.catalog.text
        catalog = database.catalog if same else Catalog.from_json(entry["catalog"])
        snapshots.append(Snapshot(blob[at : at + entry["bytes"]], catalog, entry["counters"]))
        at += entry["bytes"]
    database.restore(snapshots[0])
    database.transaction = list(zip(head["names"], snapshots[1:], strict=True))
    database.variables = head["variables"]
    database.locks = head.get("locks", {})
    database.autocommit, database.read_only = head.get("modes", (True, False))
    database.prepared = head.get("prepared", {})
    database.info.last_id, database.info.row_count, database.info.found_rows = head["counts"]
