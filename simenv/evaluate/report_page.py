"""The evaluation as pages: Markdown to paste, HTML to send, both from the same figures, with plots."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from simenv import plots
from simenv.prompts import render
from simenv.runs.store import Run

HERE = Path(__file__).parent


def write(run: Run, found: dict[str, Any]) -> None:
    """report.md, report.html, success.png and outcomes.png into a run folder."""
    success = plots.success(_bars(found))
    outcomes = plots.shares(_shares(found))
    plots.save(success, run.folder / "success.png")
    plots.save(outcomes, run.folder / "outcomes.png")
    run.write("report.md", markdown(found) + "\n")
    run.write("report.html", html(found, [plots.svg(success), plots.svg(outcomes)]) + "\n")


def markdown(found: dict[str, Any]) -> str:
    """The tables; text from data files is kept from making or breaking a cell."""
    return render(HERE / "report.md.j2", found=found, percent=percent, cell=_cell)


def html(found: dict[str, Any], pictures: list[str]) -> str:
    """One page without scripts; everything but the pictures (SVG of our own making) is escaped."""
    return _html().render(found=found, pictures=pictures, percent=percent).strip()


@cache
def _html() -> Any:
    jinja = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True)
    return jinja.from_string((HERE / "report.html.j2").read_text(encoding="utf-8"))


def percent(rate: float) -> str:
    return f"{100 * rate:.1f} %"


def _cell(text: Any) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")[:120]


def _bars(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "success": f["success"], "low": f["success_interval"][0], "high": f["success_interval"][1]}
        for name, f in found["environments"].items()
    ]


def _shares(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "part": outcome, "share": share}
        for name, f in found["environments"].items()
        for outcome, share in f["outcomes"].items()
    ]
