"""How much of what was said the sources bear out: by round, by role and by source, with Wilson's intervals."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from simenv.statistics import wilson
from simenv.verify.judge import FINDINGS, SubjectJudgement

NO_SOURCE = "no source"
_LAST = 5
"""Rounds that have a row of their own, as in Table 3 of MIMIR (arXiv 2404.04285); later ones share one."""


class Report(NamedTuple):
    """The figures as JSON, and as a page of Markdown."""

    figures: dict[str, Any]
    page: str


def report(judged: Iterable[SubjectJudgement]) -> Report:
    """The report of a verification."""
    groups: dict[str, defaultdict[str, Counter[str]]] = {g: defaultdict(Counter) for g in ("turn", "role", "source")}
    total: Counter[str] = Counter()
    samples = 0
    for subject in judged:
        samples += 1
        for r in subject.rounds:
            for c in r.claims:
                total[c.finding] += 1
                groups["turn"][str(r.turn) if r.turn <= _LAST else f"{_LAST + 1} and later"][c.finding] += 1
                groups["role"][r.role][c.finding] += 1
                groups["source"][c.evidence[0].source.file if c.evidence else NO_SOURCE][c.finding] += 1
    figures = {
        "samples": samples,
        "all": _figures(total),
        **{f"by_{group}": {k: _figures(rows[k]) for k in sorted(rows)} for group, rows in groups.items()},
    }
    return Report(figures, _page(figures))


def _figures(counts: Counter[str]) -> dict[str, Any]:
    claims = counts.total()
    wrong = counts["contradicted"]
    unproven = wrong + counts["not found"]
    return {
        "claims": claims,
        **{finding: counts[finding] for finding in FINDINGS},
        "contradicted_ratio": _ratio(wrong, claims),
        "hallucination_ratio": _ratio(unproven, claims),
    }


def _ratio(part: int, whole: int) -> dict[str, float] | None:
    if not whole:
        return None
    low, high = wilson(part, whole)
    return {"ratio": part / whole, "low": low, "high": high}


def _page(figures: dict[str, Any]) -> str:
    lines = [
        "# Verification",
        "",
        f"{figures['samples']:,} samples, {figures['all']['claims']:,} claims. The hallucination ratio counts claims that are "
        "contradicted or not found; 95 % intervals (Wilson).",
    ]
    for group, title in (("by_turn", "turn"), ("by_role", "role"), ("by_source", "source")):
        head = f"| {title} | claims | supported | contradicted | not found | contradicted ratio | hallucination ratio |"
        lines += ["", head, "|---|---|---|---|---|---|---|"]
        lines += [_row(name, row) for name, row in figures[group].items()]
        lines += [_row("all", figures["all"])] if group == "by_turn" else []
    return "\n".join(lines) + "\n"


def _row(name: str, f: dict[str, Any]) -> str:
    cells = [name.replace("|", "\\|").replace("\n", " "), *(f"{f[k]:,}" for k in ("claims", *FINDINGS))]
    return f"| {' | '.join([*cells, *(shown(f[k]) for k in ('contradicted_ratio', 'hallucination_ratio'))])} |"


def shown(ratio: dict[str, float] | None) -> str:
    """A ratio with its interval, in percent."""
    return f"{ratio['ratio']:.1%} ({ratio['low']:.1%}–{ratio['high']:.1%})" if ratio else "–"
