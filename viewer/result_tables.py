"""Evaluations, sweeps and measurements of fidelity as rows for tables and charts: pure functions of what the commands wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simenv.errors import ConfigError
from simenv.plugins.viewer.untrusted_text import short
from simenv.runs.store import objects
from simenv.simulate.change_size import BUCKETS

ALL = "all"
Rows = list[dict[str, Any]]


def read(path: Path) -> dict[str, Any]:
    """A JSON object; ConfigError where there is none."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as e:
        raise ConfigError(f"{path.parent.name}/{path.name}: cannot be read") from e
    if not isinstance(found, dict):
        raise ConfigError(f"{path.parent.name}/{path.name}: expected an object")
    return found


# Evaluations.


def leaders(found: dict[str, dict[str, Any]], environment: str = ALL) -> Rows:
    """Evaluations by name, the most successful in an environment first; those without it are left out."""
    rows = []
    for name, evaluation in found.items():
        f = _figures(evaluation, environment)
        if f is None:
            continue
        low, high = f["success_interval"]
        rows.append(
            {
                "name": name,
                "agent": short(str(evaluation.get("agent", ""))),
                "success": f["success"],
                "low": low,
                "high": high,
                **{key: f[key] for key in ("progress", "tasks", "episodes", "errors")},
                "AgentBench": evaluation.get("overall") if environment == ALL else f.get("agentbench", {}).get("main"),
                "tokens": f["tokens_per_success"],
                "cost": f["cost_per_success"],
                **f["pass"],
            }
        )
    return sorted(rows, key=lambda row: (-row["success"], row["name"]))


def _figures(evaluation: dict[str, Any], environment: str) -> dict[str, Any] | None:
    """The figures of an environment; `all` of a single one are its own."""
    by = evaluation.get("environments") or {}
    return by.get(environment) or (next(iter(by.values())) if environment == ALL and len(by) == 1 else None)


def environments(found: Iterable[dict[str, Any]]) -> list[str]:
    """The environments that evaluations hold, `all` of them together first."""
    names = sorted({name for e in found for name in e.get("environments") or {}} - {ALL})
    return [ALL, *names]


def divided(found: dict[str, dict[str, Any]], environment: str, what: str) -> Rows:
    """How the episodes of each evaluation divide by outcome or by failure: name, part, share."""
    rows = []
    for name, evaluation in found.items():
        f = _figures(evaluation, environment) or {}
        parts = f.get(what) or {}
        whole = 1.0 if what == "outcomes" else sum(parts.values())
        rows += [{"name": name, "part": part, "share": n / whole} for part, n in parts.items() if n and whole]
    return rows


# Sweeps.


def cells(sweep: dict[str, Any]) -> Rows:
    """A row and column for each rate of a sweep: what charts of a grid take."""
    return [
        {"row": title(row), "environment": name, **{k: rate[k] for k in ("mean", "low", "high")}}
        for row in sweep.get("rows", [])
        for name, rate in row["success"].items()
    ]


def title(row: dict[str, Any]) -> str:
    return " · ".join(f"{axis.rpartition('.')[2]} {label}" for axis, label in row["labels"].items()) or ALL


def table(sweep: dict[str, Any]) -> Rows:
    """The rows of a sweep as a table: its axes, the success in each environment, and the step from the row above."""
    found = []
    for row in sweep.get("rows", []):
        rates = {name: _rate(rate) for name, rate in row["success"].items()}
        above = row.get("above")
        step = f"{above['mean']:+.1%} ({above['low']:+.0%} to {above['high']:+.0%})" if above else ""
        best = {"best": "★" if row["labels"] == sweep.get("best") else ""} if len(sweep["rows"]) > 1 else {}
        found.append({**best, **row["labels"], **rates, "to the row above": step, "failed": "; ".join(row["failed"])})
    return found


def _rate(rate: dict[str, Any]) -> str:
    return f"{rate['mean']:.1%} ({rate['low']:.0%}–{rate['high']:.0%})"


def best(sweep: dict[str, Any]) -> dict[str, Any] | None:
    """The best row with its overall rate."""
    row = next((r for r in sweep.get("rows", []) if r["labels"] == sweep.get("best")), None)
    rates = (row or {}).get("success") or {}
    rate = rates.get(ALL) or next(iter(rates.values()), None)
    return {"title": title(row), **rate} if row and rate else None


def stages(folder: Path) -> Rows:
    """The stage log of a sweep, the newest first; lines that are none are passed over."""
    columns = ("started", "stage", "key", "what", "seconds", "cells", "error")
    return [{k: entry.get(k, "") for k in columns} for entry in objects(folder / "log.jsonl")][::-1]


# Fidelity.


def rates(way: dict[str, Any], by: str = "by_delta") -> Rows:
    """Match rates of each environment by size of the change, kind of action or action: environment, group, rate, low, high."""
    rows = []
    for name, e in way.items():
        if name == ALL and len(way) <= 2:
            continue
        cells = {"all": e["all"]} if by == "all" else e[by]
        order = [b for b in BUCKETS if b in cells] if by == "by_delta" else list(cells)
        for group in order:
            cell = cells[group]
            if cell["match_rate"] is not None:
                low, high = cell["match_interval"]
                of = {"environment": name, "group": group, "asked": cell["asked"]}
                rows.append({**of, "rate": cell["match_rate"], "low": low, "high": high})
    return rows


def curve(way: dict[str, Any]) -> Rows:
    """Match rate and distance from the truth, step by step: environment, step, rate, distance."""
    return [
        {
            "environment": name,
            "step": p["step"],
            "rate": p["match_rate"],
            "distance": p.get("distance"),
            "asked": p["asked"],
        }
        for name, e in way.items()
        if name != ALL or len(way) > 2
        for p in e["curve"]
        if p["match_rate"] is not None
    ]


def errors(way: dict[str, Any]) -> Rows:
    """What drifts were: environment, error, count."""
    return [
        {"environment": name, "error": error.replace("_", " "), "count": count}
        for name, e in way.items()
        if name != ALL
        for error, count in e["errors"].items()
    ]
