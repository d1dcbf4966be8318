"""What a curated set's filters said of one run's trajectories."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from simenv.runs.store import lines
from simenv.types import Verdict


class FilterRuling(NamedTuple):
    """A filter, what it decided, and why."""

    filter: str
    decision: str
    reason: str

    def __str__(self) -> str:
        return f"{self.decision}: {self.reason or self.filter} ({self.filter})"


def rulings(folder: Path, run: str) -> dict[FilterRuling, tuple[str, ...]]:
    """By ruling, the trajectories of a run; a verdict names them `RUN/ID`. The most frequent ones come first."""
    found: dict[FilterRuling, list[str]] = defaultdict(list)
    mark = f'"{run}/'.encode()
    for line in lines(folder / "verdicts.jsonl"):
        if mark not in line:
            continue
        try:
            verdict = Verdict.model_validate_json(line)
        except ValueError:
            continue
        if verdict.trajectory.startswith(f"{run}/"):
            ruling = FilterRuling(verdict.filter, verdict.decision, verdict.reason)
            found[ruling].append(verdict.trajectory.removeprefix(f"{run}/"))
    return {r: tuple(found[r]) for r in sorted(found, key=lambda r: (-len(found[r]), r))}
