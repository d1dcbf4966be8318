"""What a folder's models have cost, in US dollars, and the spend cap of whoever goes on with it.

`spent.json` holds what was spent when the folder's work last ended, failed calls included.
"""

from __future__ import annotations

import json
from pathlib import Path

from simenv.documents import object_file
from simenv.errors import StoreError
from simenv.models.budget import Budget
from simenv.runs.store import Run

SPENT = "spent.json"


def spent(run: Run, *kinds: str, extra: float = 0.0) -> float:
    """US dollars: the greater of what was recorded and what the items of these kinds cost, with `extra` added to these.

    The record is missing, or too low, where the work was killed.
    """
    cost = extra + sum(item.get("usage", {}).get("cost", 0.0) for kind in kinds for item in run.raw(kind))
    record = run.folder / SPENT
    return max(cost, _recorded(record)) if record.exists() else cost


def _recorded(path: Path) -> float:
    usd = object_file(path).get("usd")
    if isinstance(usd, bool) or not isinstance(usd, int | float):
        raise StoreError(f"{path}: usd: expected a number, got {usd!r:.40}; correct it, or remove the file")
    return float(usd)


def budget(cap: float | None, before: float = 0.0) -> Budget | None:
    """A spend cap in US dollars of which `before` is spent; None where there is no cap."""
    return Budget(cap, before) if cap else None


def record_spent(run: Run, budget: Budget | None) -> None:
    """Write what is spent into the folder; nothing where there is no cap."""
    if budget is not None:
        run.write(SPENT, json.dumps({"usd": budget.spent}) + "\n")
