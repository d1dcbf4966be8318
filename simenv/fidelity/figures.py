"""What the answers come to: counts and rates, by environment, kind of action, verb, size of the change, and step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simenv.fidelity.scoring import Answered, Answers
from simenv.simulate.change_size import BUCKETS, bucket
from simenv.statistics import wilson
from simenv.types import Usage

VERBS = 15
"""Verbs that are told apart in one environment; the rest is counted together."""


@dataclass
class Cell:
    """Counts of answers by label. An outage is no answer and is in no rate."""

    labels: Counter[str] = field(default_factory=Counter)

    def add(self, label: str) -> None:
        self.labels[label] += 1

    def summary(self) -> dict[str, Any]:
        """The match rate is of those that could be verified, with its interval (Wilson, 95 %)."""
        told = self.labels["match"] + self.labels["drift"]
        asked = told + self.labels["unverifiable"]
        return {
            "asked": asked + self.labels["unanswered"],
            **{label: self.labels[label] for label in ("match", "drift", "unverifiable", "unanswered")},
            "match_rate": self.labels["match"] / told if told else None,
            "match_interval": list(wilson(self.labels["match"], told)),
            "unverifiable_share": self.labels["unverifiable"] / asked if asked else 0.0,
        }


@dataclass
class Figures:
    """All that is counted of one way in one environment."""

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

    def add(self, answers: Answers) -> None:
        """Count one episode."""
        self.usage += answers.usage
        for number, step in enumerate(answers.steps, 1):
            self._add(number, step)

    def _add(self, number: int, step: Answered) -> None:
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
        """As JSON: `curve` has a row a step, `distance` is the mean number of facts the simulator is wrong about after it."""
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
    """The most frequent, and what is left of the others in one."""
    ranked = sorted(cells, key=lambda k: (-sum(cells[k].labels.values()), k))
    kept = {k: cells[k] for k in ranked[:VERBS]}
    rest = Cell(sum((cells[k].labels for k in ranked[VERBS:]), Counter()))
    return kept | ({"(rest)": rest} if rest.labels else {})


def figures(answers: Iterable[Answers]) -> dict[str, Any]:
    """By way, then by environment, with `all` of them together where there are several."""
    counted: dict[str, dict[str, Figures]] = {}
    for item in answers:
        for name in (item.environment, "all"):
            counted.setdefault(item.way, {}).setdefault(name, Figures()).add(item)
    return {way: {n: by[n].summary() for n in sorted(by, key=lambda n: (n == "all", n))} for way, by in counted.items()}
