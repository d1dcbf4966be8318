"""Charts as Altair objects, for reports and for the viewer, and their files."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import altair


def save(chart: altair.TopLevelMixin, path: Path) -> None:
    """Write a chart as PNG, SVG, JSON or HTML, by the suffix of its path. HTML carries its scripts, nothing is loaded."""
    if path.suffix == ".html":
        chart.save(str(path), inline=True)
    else:
        chart.save(str(path), scale_factor=2.0 if path.suffix == ".png" else 1.0)


def svg(chart: altair.TopLevelMixin) -> str:
    """A chart as an SVG element, to be put into a page."""
    text = StringIO()
    chart.save(text, format="svg")
    return text.getvalue()


def success(rows: list[dict[str, Any]]) -> altair.LayerChart:
    """Success rates with their intervals: rows of name, success, low, high (0..1)."""
    names = [row["name"] for row in rows]
    base = altair.Chart(altair.Data(values=rows)).encode(
        y=altair.Y("name:N", title=None, sort=names, axis=altair.Axis(labelLimit=200))
    )
    scale = altair.Scale(domain=[0, 1])
    bars = base.mark_bar(color="#4c78a8", height={"band": 0.6}).encode(
        x=altair.X("success:Q", title="success", scale=scale, axis=altair.Axis(format="%"))
    )
    ends = base.mark_rule(color="#888", strokeWidth=2).encode(x=altair.X("low:Q", scale=scale), x2="high:Q")
    return (bars + ends).properties(width=480, height=altair.Step(32))


def shares(rows: list[dict[str, Any]]) -> altair.Chart:
    """Shares of wholes as stacked bars: rows of name, part, share (0..1); the shares of a name add up to 1."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    parts = list(dict.fromkeys(row["part"] for row in rows))
    ranked = [{**row, "index": parts.index(row["part"])} for row in rows]
    return (
        altair.Chart(altair.Data(values=ranked))
        .mark_bar(height={"band": 0.6})
        .encode(
            y=altair.Y("name:N", title=None, sort=names, axis=altair.Axis(labelLimit=200)),
            x=altair.X("share:Q", title=None, axis=altair.Axis(format="%"), scale=altair.Scale(domain=[0, 1])),
            color=altair.Color(
                "part:N",
                title=None,
                scale=altair.Scale(domain=parts, scheme="tableau10"),
                legend=altair.Legend(orient="bottom", columns=2, labelLimit=300),
            ),
            order=altair.Order("index:Q"),
        )
        .properties(width=480, height=altair.Step(32))
    )


def fidelity(rates: list[dict[str, Any]], curve: list[dict[str, Any]], sizes: list[str]) -> altair.HConcatChart:
    """Match rates by size of the change (environment, delta, rate, low, high) and, free-running, by step."""
    percent = altair.Axis(format="%")
    whole = altair.Scale(domain=[0, 1])
    colour = altair.Color("environment:N", title=None)
    base = altair.Chart(altair.Data(values=rates)).encode(
        x=altair.X("delta:N", title="facts changed by the action", sort=sizes, axis=altair.Axis(labelAngle=0)),
        xOffset="environment:N",
        color=colour,
    )
    bars = base.mark_bar().encode(y=altair.Y("rate:Q", title="match rate", axis=percent, scale=whole))
    ends = base.mark_rule(color="#888").encode(y=altair.Y("low:Q", scale=whole), y2="high:Q")
    parts = [(bars + ends).properties(title="one step, from the true state", width=420, height=260)]
    if curve:
        lines = altair.Chart(altair.Data(values=curve)).mark_line(point=True)
        parts.append(
            lines.encode(
                x=altair.X("step:Q", title="step", axis=altair.Axis(tickMinStep=1)),
                y=altair.Y("rate:Q", title="match rate", axis=percent, scale=whole),
                color=colour,
            ).properties(title="free-running", width=320, height=260)
        )
    return altair.hconcat(*parts)


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
        x=altair.X("step:Q", title="optimizer step", axis=altair.Axis(tickMinStep=1)),
        y=altair.Y("loss:Q", title="loss a token (nats)", scale=altair.Scale(zero=False)),
        color=altair.Color("split:N", title=None),
    )
    return line.mark_line() + line.mark_point(size=12)


def trainable(points: list[dict[str, float]], rank: int) -> altair.LayerChart:
    """The share of parameters that learn by the rank of their adapters (points of rank, share 0..1), one rank marked."""
    base = altair.Chart(altair.Data(values=points), width=480, height=200).encode(
        x=altair.X("rank:Q", title="rank", scale=altair.Scale(type="log", base=2), axis=altair.Axis(tickCount=9)),
        y=altair.Y("share:Q", title="share that learns", axis=altair.Axis(format=".1%"), scale=altair.Scale(zero=True)),
    )
    chosen = base.transform_filter(altair.datum.rank == rank)
    text = chosen.mark_text(dy=-14, fontWeight="bold", color="#e45756").encode(
        text=altair.Text("share:Q", format=".2%")
    )
    return base.mark_line(point=True) + chosen.mark_point(size=120, filled=True, color="#e45756", opacity=1) + text


def funnel(rows: list[dict[str, Any]]) -> altair.Chart:
    """Outcomes of filters in a row: rows of filter, outcome (kept, edited, masked, dropped), count."""
    names = list(dict.fromkeys(row["filter"] for row in rows))
    outcomes, colours = ["kept", "edited", "masked", "dropped"], ["#4c78a8", "#72b7b2", "#eeca3b", "#e45756"]
    ranked = [{**row, "index": outcomes.index(row["outcome"])} for row in rows]
    return (
        altair.Chart(altair.Data(values=ranked))
        .mark_bar(height={"band": 0.7})
        .encode(
            y=altair.Y("filter:N", title=None, sort=names, axis=altair.Axis(labelLimit=160)),
            x=altair.X("count:Q", title="trajectories", axis=altair.Axis(tickMinStep=1)),
            color=altair.Color(
                "outcome:N",
                title=None,
                scale=altair.Scale(domain=outcomes, range=colours),
                legend=altair.Legend(orient="bottom", columns=2),
            ),
            order=altair.Order("index:Q"),
            tooltip=["filter:N", "outcome:N", "count:Q"],
        )
        .properties(width=600, height=altair.Step(26))
    )


def match_rates(rows: list[dict[str, Any]], title: str) -> altair.LayerChart:
    """Match rates by group: rows of environment, group, rate, low, high (0..1)."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    scale = altair.Scale(domain=[0, 1])
    base = altair.Chart(altair.Data(values=rows)).encode(
        x=altair.X("group:N", title=title, sort=groups, axis=altair.Axis(labelAngle=0, labelLimit=90)),
        xOffset="environment:N",
    )
    bars = base.mark_bar().encode(
        y=altair.Y("rate:Q", title="match rate", axis=altair.Axis(format="%"), scale=scale),
        color=altair.Color("environment:N", title=None, legend=altair.Legend(orient="bottom", columns=3)),
        tooltip=["environment:N", "group:N", altair.Tooltip("rate:Q", format=".1%"), "asked:Q"],
    )
    ends = base.mark_rule(color="#888").encode(y=altair.Y("low:Q", scale=scale), y2="high:Q")
    return (bars + ends).properties(height=260)


def drift(rows: list[dict[str, Any]], value: str, title: str) -> altair.Chart:
    """A figure step by step, a line each environment: rows of environment, step and `value`."""
    share = value == "rate"
    return (
        altair.Chart(altair.Data(values=rows))
        .mark_line(point=True)
        .encode(
            x=altair.X("step:Q", title="step", axis=altair.Axis(tickMinStep=1)),
            y=altair.Y(
                f"{value}:Q",
                title=title,
                axis=altair.Axis(format="%" if share else "~g"),
                scale=altair.Scale(domain=[0, 1]) if share else altair.Scale(),
            ),
            color=altair.Color("environment:N", title=None, legend=altair.Legend(orient="bottom", columns=3)),
            tooltip=[
                "environment:N",
                "step:Q",
                altair.Tooltip(f"{value}:Q", format=".1%" if share else ".2f"),
                "asked:Q",
            ],
        )
        .properties(height=260)
    )


def counts(rows: list[dict[str, Any]], name: str, part: str) -> altair.Chart:
    """Counts by `name`, each divided by `part`: rows of both and count, the most frequent first."""
    return (
        altair.Chart(altair.Data(values=rows))
        .mark_bar(height={"band": 0.7})
        .encode(
            y=altair.Y(f"{name}:N", title=None, sort="-x", axis=altair.Axis(labelLimit=180)),
            x=altair.X("count:Q", title=None, axis=altair.Axis(tickMinStep=1)),
            color=altair.Color(f"{part}:N", title=None, legend=altair.Legend(orient="bottom", columns=3)),
            tooltip=[f"{name}:N", f"{part}:N", "count:Q"],
        )
        .properties(height=altair.Step(26))
    )


def grid(rows: list[dict[str, Any]]) -> altair.LayerChart:
    """A heat map: rows of row, environment, mean (0..1)."""
    names, columns = (list(dict.fromkeys(row[key] for row in rows)) for key in ("row", "environment"))
    base = altair.Chart(altair.Data(values=rows)).encode(
        x=altair.X("environment:N", title=None, sort=columns, axis=altair.Axis(labelAngle=0)),
        y=altair.Y("row:N", title=None, sort=names, axis=altair.Axis(labelLimit=400)),
    )
    scale = altair.Scale(scheme="blues", domain=[0, 1])
    tiles = base.mark_rect().encode(color=altair.Color("mean:Q", title="success", scale=scale))
    dark = altair.condition(altair.datum.mean > 0.5, altair.value("white"), altair.value("black"))
    return (tiles + base.mark_text().encode(text=altair.Text("mean:Q", format=".0%"), color=dark)).properties(
        width=altair.Step(90), height=altair.Step(32)
    )


def compared(rows: list[dict[str, Any]]) -> altair.FacetChart:
    """Success with intervals, a panel each environment: rows of row, environment, mean, low, high (0..1)."""
    names, columns = (list(dict.fromkeys(row[key] for row in rows)) for key in ("row", "environment"))
    scale = altair.Scale(domain=[0, 1])
    base = altair.Chart().encode(y=altair.Y("row:N", title=None, sort=names, axis=altair.Axis(labelLimit=400)))
    bars = base.mark_bar(color="#4c78a8", height={"band": 0.6}).encode(
        x=altair.X("mean:Q", title="success", scale=scale, axis=altair.Axis(format="%"))
    )
    ends = base.mark_rule(color="#888", strokeWidth=2).encode(x=altair.X("low:Q", scale=scale), x2="high:Q")
    panel = (bars + ends).properties(width=240, height=altair.Step(28))
    return panel.facet(column=altair.Column("environment:N", title=None, sort=columns), data=altair.Data(values=rows))
