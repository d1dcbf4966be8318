"""The report of a measurement as Markdown, with a plot."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from simenv import plots
from simenv.fidelity.actors import ActionKind
from simenv.prompts import render
from simenv.runs.store import Run
from simenv.simulate.change_size import BUCKETS

TITLES = {"one_step": "One step, from the true state", "free": "Free-running, from its own words"}


def write(run: Run, report: dict[str, Any]) -> None:
    """Write report.md and fidelity.png into the folder of the measurement."""
    run.write("report.md", markdown(report) + "\n")
    if rates := _rates(report):
        plots.save(plots.fidelity(rates, _curve(report), list(BUCKETS)), run.folder / "fidelity.png")


def markdown(report: dict[str, Any]) -> str:
    """The tables of a report.json."""
    kinds = [
        k for k in get_args(ActionKind) if any(k in e["by_kind"] for w in report["ways"].values() for e in w.values())
    ]
    return render(
        Path(__file__).with_name("report.md.j2"),
        report=report, titles=TITLES, buckets=list(BUCKETS), kinds=kinds, percent=percent, interval=interval,
    )  # fmt: skip


def percent(rate: float | None) -> str:
    """A rate in 0..1 in per cent, with one decimal; – for None."""
    return "–" if rate is None else f"{rate:.1%}"


def interval(cell: dict[str, Any]) -> str:
    """The 95 % interval of a cell's match rate; – if it has none."""
    if cell["match_rate"] is None:
        return "–"
    low, high = cell["match_interval"]
    return f"{low:.0%}–{high:.0%}"


def _rates(report: dict[str, Any]) -> list[dict[str, Any]]:
    modes: dict[str, dict[str, Any]] = report["ways"]
    mode = modes.get("one_step") or next(iter(modes.values()), {})
    cells = [(n, b, c) for n, e in mode.items() if n != "all" or len(mode) > 2 for b, c in e["by_delta"].items()]
    return [
        {
            "environment": n,
            "delta": b,
            "rate": c["match_rate"],
            "low": c["match_interval"][0],
            "high": c["match_interval"][1],
        }
        for n, b, c in cells
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
