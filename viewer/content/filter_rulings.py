"""What the filters of a curated set decided about the trajectories of one run, read from its verdicts.jsonl."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from simenv.runs.store import lines
from simenv.types import Verdict


class FilterRuling(NamedTuple):
    """A decision of a filter and its reason; as text, the line that the Trajectories screen offers as a filter."""

    filter: str
    decision: str
    reason: str

    def __str__(self) -> str:
        return f"{self.decision}: {self.reason or self.filter} ({self.filter})"


def rulings(folder: Path, run: str) -> dict[FilterRuling, tuple[str, ...]]:
    """The ids of a run's trajectories by ruling, the most frequent ruling first. `folder` is the curated set's.

    Lines that are not verdicts are skipped.
    """
    trajectories: dict[FilterRuling, list[str]] = defaultdict(list)
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
            trajectories[ruling].append(verdict.trajectory.removeprefix(f"{run}/"))
    return {r: tuple(trajectories[r]) for r in sorted(trajectories, key=lambda r: (-len(trajectories[r]), r))}
