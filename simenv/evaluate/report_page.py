"""The report of an evaluation as Markdown and as one HTML page, with plots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from simenv import plots
from simenv.prompts import render
from simenv.runs.store import Run

HERE = Path(__file__).parent


def write(run: Run, evaluation: dict[str, Any]) -> None:
    """Write report.md, report.html, success.png and outcomes.png into the run folder."""
    success = plots.success(_bars(evaluation))
    outcomes = plots.shares(_shares(evaluation))
    plots.save(success, run.folder / "success.png")
    plots.save(outcomes, run.folder / "outcomes.png")
    run.write("report.md", markdown(evaluation) + "\n")
    run.write("report.html", html(evaluation, [plots.svg(success), plots.svg(outcomes)]) + "\n")


def markdown(evaluation: dict[str, Any]) -> str:
    """The tables as Markdown. Text from data files is escaped, so that it cannot break a cell."""
    return render(HERE / "report.md.j2", evaluation=evaluation, cell=_cell, **WORDS)


def html(evaluation: dict[str, Any], pictures: list[str]) -> str:
    """One page without scripts. Everything is escaped but the pictures, which are SVG from `plots`."""
    return _html().render(evaluation=evaluation, pictures=pictures, **WORDS).strip()


@cache
def _html() -> Any:
    jinja = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True)
    return jinja.from_string((HERE / "report.html.j2").read_text(encoding="utf-8"))


NOTHING = "–"
"""Stands where nothing was measured."""


def number(value: float | None, form: str) -> str:
    """A number in a form of `format`; a dash for None."""
    return NOTHING if value is None else format(value, form)


def percent(rate: float | None) -> str:
    """A rate in 0..1 in per cent, with one decimal; a dash for None."""
    return NOTHING if rate is None else f"{100 * rate:.1f} %"


def interval(bounds: Sequence[float] | None) -> str:
    """An interval of rates in 0..1 in whole per cent; a dash for None."""
    return NOTHING if bounds is None else f"{100 * bounds[0]:.0f}–{100 * bounds[1]:.0f} %"


WORDS = {"number": number, "percent": percent, "interval": interval}
"""What the templates of the report write figures with."""


def _cell(text: Any) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")[:120]


def _bars(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "success": f["success"], "low": low, "high": high}
        for name, f in evaluation["environments"].items()
        for low, high in [f["success_interval"] or (None, None)]
    ]


def _shares(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "part": outcome, "share": share}
        for name, f in evaluation["environments"].items()
        for outcome, share in f["outcomes"].items()
    ]
