"""From answers to counts and rates: by environment, kind of action, verb, size of the change, and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simenv.fidelity.scoring import Answer, EpisodeAnswers
from simenv.simulate.change_size import BUCKETS, bucket
from simenv.statistics import wilson
from simenv.types import Usage

VERBS = 15
"""This many verbs of an environment are counted apart, the rest together."""


@dataclass
class Cell:
    """Counts of answers by label. An outage (`unanswered`) is in no rate."""

    labels: Counter[str] = field(default_factory=Counter)

    def add(self, label: str) -> None:
        """Count one answer: match, drift, unverifiable, or unanswered."""
        self.labels[label] += 1

    def summary(self) -> dict[str, Any]:
        """As JSON. The match rate is of the answers that could be verified, with its 95 % interval (Wilson)."""
        verified = self.labels["match"] + self.labels["drift"]
        answers = verified + self.labels["unverifiable"]
        return {
            "asked": answers + self.labels["unanswered"],
            **{label: self.labels[label] for label in ("match", "drift", "unverifiable", "unanswered")},
            "match_rate": self.labels["match"] / verified if verified else None,
            "match_interval": list(wilson(self.labels["match"], verified)),
            "unverifiable_share": self.labels["unverifiable"] / answers if answers else 0.0,
        }


@dataclass
class Figures:
    """All counts of one mode in one environment."""

    all: Cell = field(default_factory=Cell)
    observation: Cell = field(default_factory=Cell)
    state: Cell = field(default_factory=Cell)
    kinds: dict[str, Cell] = field(default_factory=dict)
    verbs: dict[str, Cell] = field(default_factory=dict)
    deltas: dict[str, Cell] = field(default_factory=dict)
    steps: dict[int, Cell] = field(default_factory=dict)
    distances: dict[int, list[int]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    usage: Usage = field(default_factory=Usage)

    def add(self, answers: EpisodeAnswers) -> None:
        """Count one episode."""
        self.usage += answers.usage
        for number, step in enumerate(answers.steps, 1):
            self._add(number, step)

    def _add(self, number: int, step: Answer) -> None:
        check = step.check
        label = check.label if step.answered else "unanswered"
        cells = [
            self.all,
            self.kinds.setdefault(step.kind, Cell()),
            self.verbs.setdefault(step.verb, Cell()),
            self.deltas.setdefault(bucket(check.delta), Cell()),
            self.steps.setdefault(number, Cell()),
        ]
        for cell in cells:
            cell.add(label)
        self.observation.add(step.seen if step.answered else "unanswered")
        if check.state:
            self.state.add(check.state)
        if check.error:
            self.errors[check.error] += 1
        if label == "unverifiable":
            self.reasons[check.reason[:160]] += 1
        if step.distance is not None:
            self.distances.setdefault(number, []).append(step.distance)

    def summary(self) -> dict[str, Any]:
        """As JSON. `curve` has a row for each step; its `distance` is the mean number of facts the simulator then has wrong."""
        return {
            "all": self.all.summary(),
            "observation": self.observation.summary(),
            "state": self.state.summary() if self.state.labels else None,
            "by_kind": {k: self.kinds[k].summary() for k in sorted(self.kinds)},
            "by_action": {k: c.summary() for k, c in _largest(self.verbs).items()},
            "by_delta": {b: self.deltas[b].summary() for b in BUCKETS if b in self.deltas},
            "errors": dict(self.errors.most_common()),
            "unverifiable_reasons": dict(self.reasons.most_common(20)),
            "curve": [self._point(n) for n in sorted(self.steps)],
            "usage": self.usage.model_dump(),
        }

    def _point(self, number: int) -> dict[str, Any]:
        distances = self.distances.get(number)
        mean = sum(distances) / len(distances) if distances else None
        return {"step": number, **self.steps[number].summary(), "distance": mean}


def _largest(cells: dict[str, Cell]) -> dict[str, Cell]:
    """The most frequent cells, and all others added up as `(rest)`."""
    verbs = sorted(cells, key=lambda k: (-sum(cells[k].labels.values()), k))
    largest = {k: cells[k] for k in verbs[:VERBS]}
    rest = Cell(sum((cells[k].labels for k in verbs[VERBS:]), Counter()))
    return largest | ({"(rest)": rest} if rest.labels else {})


def aggregate(answers: Iterable[EpisodeAnswers]) -> dict[str, Any]:
    """Figures by mode, then by environment; `all` adds the environments up."""
    modes: dict[str, dict[str, Figures]] = {}
    for item in answers:
        for name in (item.environment, "all"):
            modes.setdefault(item.way, {}).setdefault(name, Figures()).add(item)
    return {
        mode: {n: by_environment[n].summary() for n in sorted(by_environment, key=lambda n: (n == "all", n))}
        for mode, by_environment in modes.items()
    }
