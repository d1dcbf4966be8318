"""Rows for tables and charts of evaluations, sweeps and fidelity measurements, from the reports that their commands write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from simenv.documents import object_file
from simenv.errors import ConfigError, Unreadable
from simenv.plugins.viewer.untrusted_text import one_line
from simenv.runs.store import objects
from simenv.simulate.change_size import BUCKETS

ALL = "all"
Rows = list[dict[str, Any]]


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; ConfigError where the file cannot be read or holds none."""
    try:
        return object_file(path)
    except Unreadable as e:
        raise ConfigError(f"{path.parent.name}/{path.name}: cannot be read: {e.reason}") from e


# Evaluations.


def leaderboard(evaluations: dict[str, dict[str, Any]], environment: str = ALL) -> Rows:
    """A row for each evaluation that has figures of an environment, by name: the most successful first, those that measured
    nothing last."""
    rows = []
    for name, evaluation in evaluations.items():
        f = _figures(evaluation, environment)
        if f is None:
            continue
        low, high = f["success_interval"] or (None, None)
        rows.append(
            {
                "name": name,
                "agent": one_line(str(evaluation.get("agent", ""))),
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
    return sorted(rows, key=lambda row: (row["success"] is None, -(row["success"] or 0), row["name"]))


def _figures(evaluation: dict[str, Any], environment: str) -> dict[str, Any] | None:
    """The figures of an environment; `all` of a single one are its own."""
    by = evaluation.get("environments") or {}
    return by.get(environment) or (next(iter(by.values())) if environment == ALL and len(by) == 1 else None)


def environments(evaluations: Iterable[dict[str, Any]]) -> list[str]:
    """The environments that evaluations hold, `all` of them together first."""
    names = sorted({name for e in evaluations for name in e.get("environments") or {}} - {ALL})
    return [ALL, *names]


def episode_shares(evaluations: dict[str, dict[str, Any]], environment: str, figure: str) -> Rows:
    """The share of each outcome or failure in each evaluation, as rows of name, part and share (0..1).

    `figure` is "outcomes", shares of all episodes, or "failures", counts that are made shares of all failures.
    """
    rows = []
    for name, evaluation in evaluations.items():
        f = _figures(evaluation, environment) or {}
        parts = f.get(figure) or {}
        whole = 1.0 if figure == "outcomes" else sum(parts.values())
        rows += [{"name": name, "part": part, "share": n / whole} for part, n in parts.items() if n and whole]
    return rows


# Sweeps.


def sweep_cells(sweep: dict[str, Any]) -> Rows:
    """A row for each rate of a sweep, as charts of a grid take them: row, environment, mean, low, high."""
    return [
        {"row": row_title(row), "environment": name, **{k: rate[k] for k in ("mean", "low", "high")}}
        for row in sweep.get("rows", [])
        for name, rate in row["success"].items()
    ]


def row_title(row: dict[str, Any]) -> str:
    """A row of a sweep in words: the last part of each axis and its label; `all` for a sweep without axes."""
    return " · ".join(f"{axis.rpartition('.')[2]} {label}" for axis, label in row["labels"].items()) or ALL


def sweep_table(sweep: dict[str, Any]) -> Rows:
    """The rows of a sweep as texts: its axes, the success in each environment, and the difference to the row above."""
    rows = []
    for row in sweep.get("rows", []):
        rates = {name: _rate(rate) for name, rate in row["success"].items()}
        above = row.get("above")
        step = f"{above['mean']:+.1%} ({above['low']:+.0%} to {above['high']:+.0%})" if above else ""
        best = {"best": "★" if row["labels"] == sweep.get("best") else ""} if len(sweep["rows"]) > 1 else {}
        rows.append({**best, **row["labels"], **rates, "to the row above": step, "failed": "; ".join(row["failed"])})
    return rows


def _rate(rate: dict[str, Any]) -> str:
    return f"{rate['mean']:.1%} ({rate['low']:.0%}–{rate['high']:.0%})"


def best_row(sweep: dict[str, Any]) -> dict[str, Any] | None:
    """The title of the best row, with its rate over all environments (mean, low, high); None where no row is best."""
    row = next((r for r in sweep.get("rows", []) if r["labels"] == sweep.get("best")), None)
    rates = (row or {}).get("success") or {}
    rate = rates.get(ALL) or next(iter(rates.values()), None)
    return {"title": row_title(row), **rate} if row and rate else None


def sweep_log(folder: Path) -> Rows:
    """The stages that a sweep has run, the newest first; lines that are not JSON objects are skipped."""
    columns = ("started", "stage", "key", "what", "seconds", "cells", "error")
    return [{k: entry.get(k, "") for k in columns} for entry in objects(folder / "log.jsonl")][::-1]


# Fidelity.


def match_rates(results: dict[str, Any], by: str = "by_delta") -> Rows:
    """Match rates of each environment in groups: environment, group, asked, rate, low, high.

    `by` is "by_delta" (size of the change), "by_kind" (kind of question), "by_action", or "all" for a single group.
    """
    rows = []
    for name, e in results.items():
        if name == ALL and len(results) <= 2:
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


def drift_curve(results: dict[str, Any]) -> Rows:
    """Match rate and distance from the true state at each step: environment, step, rate, distance, asked."""
    return [
        {
            "environment": name,
            "step": p["step"],
            "rate": p["match_rate"],
            "distance": p.get("distance"),
            "asked": p["asked"],
        }
        for name, e in results.items()
        if name != ALL or len(results) > 2
        for p in e["curve"]
        if p["match_rate"] is not None
    ]


def drift_errors(results: dict[str, Any]) -> Rows:
    """How often each kind of error was a drift: environment, error, count."""
    return [
        {"environment": name, "error": error.replace("_", " "), "count": count}
        for name, e in results.items()
        if name != ALL
        for error, count in e["errors"].items()
    ]
