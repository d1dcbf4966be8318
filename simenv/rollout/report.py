"""The report of a run: counts over its trajectories, read one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from simenv.runs.store import Run, lines, objects
from simenv.simulate.change_size import BUCKETS, bucket
from simenv.statistics import wilson


@dataclass
class Checks:
    """Counts of steps in which a model played the environment and an engine checked it."""

    asked: int = 0
    caught: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    corrected: int = 0
    sizes: dict[str, Counter[str]] = field(default_factory=dict)
    unverifiable: Counter[str] = field(default_factory=Counter)
    usage: Counter[str] = field(default_factory=Counter)

    def add(self, t: dict[str, Any]) -> None:
        """Count a trajectory's steps; those that errors ended count like any."""
        self.usage.update(t.get("simulator", {}).get("usage", {}))
        for step in t["steps"]:
            if check := step["observation"].get("check"):
                self._add(check)

    def _add(self, check: dict[str, Any]) -> None:
        if check.get("tries", 1) == 0:
            self.caught += 1
            return
        label, shown = check["label"], check.get("shown", "engine")
        self.asked += 1
        self.labels[label] += 1
        self.shown[shown] += 1
        self.sizes.setdefault(bucket(check.get("delta", 0)), Counter())[label] += 1
        if error := check.get("error"):
            self.errors[error] += 1
            self.corrected += shown == "engine"
        if state := check.get("state"):
            self.states[state] += 1
        if label == "unverifiable":
            self.unverifiable[check.get("reason", "")[:REASON]] += 1

    def summary(self) -> dict[str, Any]:
        """Counts of steps; rates with their intervals over those that could be verified."""
        verifiable = self.labels["match"] + self.labels["drift"]
        return {
            "asked": self.asked,
            "caught": self.caught,
            "match": self.labels["match"],
            "drift": self.labels["drift"],
            "unverifiable": self.labels["unverifiable"],
            "match_rate": self.labels["match"] / max(verifiable, 1),
            "match_interval": list(wilson(self.labels["match"], verifiable)),
            "corrected": self.corrected,
            "errors": dict(self.errors.most_common()),
            "by_delta": {b: dict(sorted(self.sizes[b].items())) for b in BUCKETS if b in self.sizes},
            "state": dict(sorted(self.states.items())),
            "shown": dict(sorted(self.shown.items())),
            "unverifiable_reasons": dict(self.unverifiable.most_common(REASONS)),
            "usage": dict(sorted(self.usage.items())),
        }


REASON = 160
"""Characters of a reason by which unverifiable steps are counted together."""
REASONS = 20
"""Such reasons that a report lists."""


@dataclass
class Tally:
    """Sums over episodes. Errors (engine, model) and bugs are counted apart and stay out of every rate, and what the teacher
    consumed out of the agent's tokens and cost."""

    episodes: int = 0
    successes: int = 0
    progress: float = 0.0
    steps: int = 0
    errors: int = 0
    bugs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    teacher: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    interventions: int = 0
    stops: Counter[str] = field(default_factory=Counter)
    checks: Checks = field(default_factory=Checks)

    def add(self, t: dict[str, Any]) -> None:
        """Count a trajectory, given as the JSON of its line."""
        self.stops[t["stop"]] += 1
        if t.get("simulator"):
            self.checks.add(t)
        usage, teacher = t.get("usage", {}), t.get("teacher_usage", {})
        self.input_tokens += usage.get("input_tokens", 0) - teacher.get("input_tokens", 0)
        self.output_tokens += usage.get("output_tokens", 0) - teacher.get("output_tokens", 0)
        self.cost += usage.get("cost", 0.0) - teacher.get("cost", 0.0)
        self.teacher.update(teacher)
        self.seconds += t["timing"]["seconds"]
        self.interventions += len(t.get("interventions", ()))
        if t["stop"] == "error":
            self.errors += not t.get("bug")
            self.bugs += bool(t.get("bug"))
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
        checks = {"checks": self.checks.summary()} if self.checks.asked + self.checks.caught else {}
        bugs = {"bugs": self.bugs} if self.bugs else {}
        teacher = {"teacher": dict(sorted(self.teacher.items()))} if self.teacher["calls"] else {}
        return checks | {
            "episodes": self.episodes,
            "errors": self.errors,
            **bugs,
            "success": self.successes / n,
            "success_interval": [low, high],
            "progress": self.progress / n,
            "stops": dict(sorted(self.stops.items())),
            "steps": self.steps / n,
            "interventions": self.interventions,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
            **teacher,
            "seconds": self.seconds / max(self.episodes + self.errors + self.bugs, 1),
        }


EXAMPLES = 5
"""Episodes or tasks that a report names for one bug."""


@dataclass
class Bugs:
    """The exceptions that nobody foresaw, by their place and class."""

    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: str, id: str, place: str, error: str) -> None:
        """Count one; `kind` is what it ended, `episodes` or `tasks`."""
        row = self.rows.setdefault((place, error.partition(":")[0]), {"place": place, "error": error, "examples": []})
        row[kind] = row.get(kind, 0) + 1
        if len(row["examples"]) < EXAMPLES:
            row["examples"].append(id)

    def add_rejections(self, run: Run) -> None:
        """Count those of the tasks that were rejected."""
        for item in objects(run.folder / "rejected.jsonl"):
            if item.get("cause") == "bug":
                place, _, error = item["reason"].partition(": ")
                self.add("tasks", item["where"], place, error)

    def report(self) -> list[dict[str, Any]]:
        """Place, an example's text, how many episodes and tasks, and the ids of some; the most frequent first."""
        return sorted(self.rows.values(), key=lambda row: -row.get("episodes", 0) - row.get("tasks", 0))


def rejected(run: Run) -> int:
    """How many tasks were rejected."""
    path = run.folder / "rejected.jsonl"
    return sum(1 for _ in lines(path)) if path.exists() else 0


def report(run: Run) -> dict[str, Any]:
    """The report of a run folder. An error that a later attempt made good is not counted.

    Forks that hooks split off an episode are counted by their continuation, under `branches`, and in no other rate.
    """
    tallies: dict[str, Tally] = {}
    branches: dict[str, Tally] = {}
    bugs = Bugs()

    def count(t: dict[str, Any]) -> None:
        if bug := t.get("bug"):
            bugs.add("episodes", t["id"], bug["place"], bug["error"])
        if branch := t.get("branch"):
            branches.setdefault(branch["continuation"], Tally()).add(t)
            return
        for name in (t["environment"], "all"):
            tallies.setdefault(name, Tally()).add(t)

    done = set()
    for t in run.raw("trajectories"):
        done.add(t["id"])
        count(t)
    for t in {t["id"]: t for t in run.raw("errors") if t["id"] not in done}.values():
        count(t)
    bugs.add_rejections(run)
    split = {"branches": {name: branches[name].summary() for name in sorted(branches)}} if branches else {}
    return {
        "environments": {name: tallies[name].summary() for name in sorted(tallies, key=lambda n: (n == "all", n))},
        "rejected_tasks": rejected(run),
        **split,
        **({"bugs": rows} if (rows := bugs.report()) else {}),
    }
