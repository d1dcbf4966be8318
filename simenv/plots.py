"""Charts, as Altair objects, and their files. Whoever needs a picture adds a function here; the viewer shows the same."""

from __future__ import annotations

from pathlib import Path

import altair


def save(chart: altair.TopLevelMixin, path: Path) -> None:
    """Write a chart as PNG, SVG, JSON or HTML, by the suffix of its path. HTML carries its scripts, nothing is loaded."""
    if path.suffix == ".html":
        chart.save(str(path), inline=True)
    else:
        chart.save(str(path), scale_factor=2.0 if path.suffix == ".png" else 1.0)
