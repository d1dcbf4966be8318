"""The report as Markdown and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from simenv import plots
from simenv.fidelity.actors import Kind
from simenv.prompts import render
from simenv.runs.store import Run
from simenv.simulate.change_size import BUCKETS

TITLES = {"one_step": "One step, from the true state", "free": "Free-running, from its own words"}


def write(run: Run, report: dict[str, Any]) -> None:
    """report.md and fidelity.png, beside the report they show."""
    run.write("report.md", markdown(report) + "\n")
    if rates := _rates(report):
        plots.save(plots.fidelity(rates, _curve(report), list(BUCKETS)), run.folder / "fidelity.png")


def markdown(report: dict[str, Any]) -> str:
    kinds = [k for k in get_args(Kind) if any(k in e["by_kind"] for w in report["ways"].values() for e in w.values())]
    return render(
        Path(__file__).with_name("report.md.j2"),
        report=report, titles=TITLES, buckets=list(BUCKETS), kinds=kinds, percent=percent, interval=interval,
    )  # fmt: skip


def percent(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.1%}"


def interval(cell: dict[str, Any]) -> str:
    if cell["match_rate"] is None:
        return "–"
    low, high = cell["match_interval"]
    return f"{low:.0%}–{high:.0%}"


def _rates(report: dict[str, Any]) -> list[dict[str, Any]]:
    way = report["ways"].get("one_step") or next(iter(report["ways"].values()), {})
    shown = [(n, b, c) for n, e in way.items() if n != "all" or len(way) > 2 for b, c in e["by_delta"].items()]
    return [
        {
            "environment": n,
            "delta": b,
            "rate": c["match_rate"],
            "low": c["match_interval"][0],
            "high": c["match_interval"][1],
        }
        for n, b, c in shown
        if c["match_rate"] is not None
    ]


def _curve(report: dict[str, Any]) -> list[dict[str, Any]]:
    free = report["ways"].get("free", {})
    return [
        {"environment": name, "step": p["step"], "rate": p["match_rate"]}
        for name, e in free.items()
        for p in e["curve"]
        if p["match_rate"] is not None and (name != "all" or len(free) > 2)
    ]  # fmt: skip
