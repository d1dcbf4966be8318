"""Charts, as Altair objects, and their files. Whoever needs a picture adds a function here; the viewer shows the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair


def save(chart: altair.TopLevelMixin, path: Path) -> None:
    """Write a chart as PNG, SVG, JSON or HTML, by the suffix of its path. HTML carries its scripts, nothing is loaded."""
    if path.suffix == ".html":
        chart.save(str(path), inline=True)
    else:
        chart.save(str(path), scale_factor=2.0 if path.suffix == ".png" else 1.0)


def loss(rows: list[dict[str, Any]], title: str) -> altair.LayerChart:
    """Training and validation loss over the optimizer steps, from the rows of a log.jsonl."""
    names = {"loss": "training", "eval_loss": "validation"}
    points = [
        {"step": row["step"], "loss": row[key], "split": name}
        for row in rows
        for key, name in names.items()
        if key in row
    ]
    line = altair.Chart(altair.Data(values=points), title=title, width=480, height=260).encode(
        x=altair.X("step:Q", title="optimizer step"),
        y=altair.Y("loss:Q", title="loss a token (nats)", scale=altair.Scale(zero=False)),
        color=altair.Color("split:N", title=None),
    )
    return line.mark_line() + line.mark_point(size=12)
