"""What a run came to: counts over its trajectories, read one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import sqrt
from statistics import NormalDist
from typing import Any

from simenv.store import Run


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a rate (Wilson 1927, JASA 22, p. 209); (0, 1) for no trials."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    spread = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass
class Tally:
    """Sums over episodes. Errors (engine, model) are counted and stay out of every rate."""

    episodes: int = 0
    successes: int = 0
    progress: float = 0.0
    steps: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    interventions: int = 0
    stops: Counter[str] = field(default_factory=Counter)

    def add(self, t: dict[str, Any]) -> None:
        """Count a trajectory, given as the JSON of its line."""
        self.stops[t["stop"]] += 1
        usage = t.get("usage", {})
        self.input_tokens += usage.get("input_tokens", 0)
        self.output_tokens += usage.get("output_tokens", 0)
        self.cost += usage.get("cost", 0.0)
        self.seconds += t["timing"]["seconds"]
        self.interventions += len(t.get("interventions", ()))
        if t["stop"] == "error":
            self.errors += 1
            return
        self.episodes += 1
        self.steps += len(t["steps"])
        if grade := t.get("grade"):
            self.successes += grade["success"]
            self.progress += grade["progress"]

    def summary(self) -> dict[str, Any]:
        """Means an episode, rates in 0..1, US dollars, seconds."""
        n = max(self.episodes, 1)
        low, high = wilson(self.successes, self.episodes)
        return {
            "episodes": self.episodes,
            "errors": self.errors,
            "success": self.successes / n,
            "success_interval": [low, high],
            "progress": self.progress / n,
            "stops": dict(sorted(self.stops.items())),
            "steps": self.steps / n,
            "interventions": self.interventions,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
            "seconds": self.seconds / max(self.episodes + self.errors, 1),
        }


def report(run: Run) -> dict[str, Any]:
    """The report of a run folder. An error that a later attempt made good is not counted.

    Siblings that hooks split off an episode are counted by the way they went, under `branches`, and in no other rate.
    """
    tallies: dict[str, Tally] = {}
    branches: dict[str, Tally] = {}

    def count(t: dict[str, Any]) -> None:
        if branch := t.get("branch"):
            branches.setdefault(branch["way"], Tally()).add(t)
            return
        for name in (t["environment"], "all"):
            tallies.setdefault(name, Tally()).add(t)

    done = set()
    for t in run.raw("trajectories"):
        done.add(t["id"])
        count(t)
    for t in {t["id"]: t for t in run.raw("errors") if t["id"] not in done}.values():
        count(t)
    rejected = run.folder / "rejected.jsonl"
    split = {"branches": {way: branches[way].summary() for way in sorted(branches)}} if branches else {}
    return {
        "environments": {name: tallies[name].summary() for name in sorted(tallies, key=lambda n: (n == "all", n))},
        "rejected_tasks": sum(1 for _ in rejected.open("rb")) if rejected.exists() else 0,
        **split,
    }
