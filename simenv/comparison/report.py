"""Win, tie and loss of each pair of styles, by the model judge and by people, with Wilson's intervals, and by set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from simenv.comparison.votes import MODEL, TIE, Example, Item, Vote
from simenv.statistics import wilson

ALL = "all"
PEOPLE = "people"


class Report(NamedTuple):
    """The figures as JSON, and as a page of Markdown."""

    figures: dict[str, Any]
    page: str


def report(items: Iterable[Item], votes: Iterable[Vote], examples: Iterable[Example]) -> Report:
    """The report of a comparison."""
    sets = {item.id: item.set for item in items}
    counts: defaultdict[tuple[str, str, tuple[str, str]], Counter[str]] = defaultdict(Counter)
    for v in votes:
        if v.item in sets:
            by = MODEL if v.by == MODEL else PEOPLE
            for group in (ALL, sets[v.item]):
                counts[by, group, v.styles]["votes"] += 1
                counts[by, group, v.styles][v.better] += 1
                counts[by, group, v.styles]["swapped"] += v.swapped
    rows = [_row(*key, counts[key]) for key in sorted(counts)]
    failed = Counter(e.style for e in examples if e.error)
    figures = {"items": len(sets), "sets": sorted(set(sets.values())), "failed": dict(failed), "rows": rows}
    return Report(figures, _page(figures))


def _row(by: str, group: str, styles: tuple[str, str], c: Counter[str]) -> dict[str, Any]:
    n = c["votes"]
    outcomes = {"win": c[styles[0]], "tie": c[TIE], "loss": c[styles[1]]}
    rates = {k: dict(zip(("low", "high"), wilson(v, n), strict=True)) for k, v in outcomes.items()}
    return {
        "by": by, "set": group, "style": styles[0], "against": styles[1], "votes": n, **outcomes, "intervals": rates,
        "changed_with_order": c["swapped"],
    }  # fmt: skip


def _page(figures: dict[str, Any]) -> str:
    lines = [
        "# Comparison",
        "",
        f"{figures['items']:,} items of {', '.join(figures['sets'])}. Each pair was shown to the judge in both orders; a "
        "preference that changed with the order is a tie. Shares with 95 % intervals (Wilson).",
        "",
        "| by | set | style | against | votes | win | tie | loss | changed with order |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in figures["rows"]:
        cells = [r["by"], r["set"], r["style"], r["against"], str(r["votes"])]
        cells += [shown(r, k) for k in ("win", "tie", "loss")]
        lines.append(f"| {' | '.join([*(c.replace('|', '/') for c in cells), str(r['changed_with_order'])])} |")
    if figures["failed"]:
        lines += [
            "",
            "Examples that could not be made: " + ", ".join(f"{k} {n:,}" for k, n in figures["failed"].items()),
        ]
    return "\n".join(lines) + "\n"


def shown(row: dict[str, Any], outcome: str) -> str:
    """How often a pair ended so: the count, and the share with its interval."""
    i = row["intervals"][outcome]
    return f"{row[outcome]} = {row[outcome] / row['votes']:.0%} ({i['low']:.0%}–{i['high']:.0%})"
