"""Figures of a set of outcomes: rates with intervals, pass@k, AgentBench's metrics, and the finer view behind them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from statistics import mean
from typing import Any

from simenv import plugins
from simenv.evaluate.outcome import Outcome
from simenv.metrics import metrics
from simenv.statistics import bootstrap, pass_at_k, pass_hat_k, wilson
from simenv.types import Mistake

OUTCOMES = {
    "completed": "completed",
    "agent context limit": "context limit exceeded",
    "agent validation failed": "invalid format",
    "agent invalid action": "invalid action",
    "task limit reached": "task limit exceeded",
    "task error": "error",
}
"""AgentBench's statuses and the columns of its table of outcomes; errors, which it counts as task limit, stand apart."""
MAIN: Mapping[str, Callable[[dict[str, Any]], float]] = {
    "os": lambda m: float(m["overall"]["acc"]),
    "db": lambda m: float(m["overall_cat_accuracy"]),
    "kg": lambda m: float(m["main"]),
    "household": lambda m: float(m["overall"]["success_rate"]),
    "web": lambda m: float(m["reward"]),
}
"""Where AgentBench (v0.2, src/analysis.py) finds the main metric of a task, each in 0..1."""
DIVISORS = {"os": 10.8, "db": 13.0, "kg": 13.9, "household": 13.0, "web": 30.7}
"""Mean scores in per cent by which the overall score weighs a task (AgentBench, arXiv 2308.03688, weights 1/mean)."""


def measure(outcomes: Iterable[Outcome], ks: tuple[int, ...], divisors: Mapping[str, float]) -> dict[str, Any]:
    """The figures as JSON: `environments` (and `all`), each with rates in 0..1, and AgentBench's overall score."""
    sets: dict[str, list[Outcome]] = defaultdict(list)
    for o in outcomes:
        sets[o.environment].append(o)
    figures = {
        name: _figures(found, ks) | {"agentbench": _agentbench(name, found)} for name, found in sorted(sets.items())
    }
    everything = [o for found in sets.values() for o in found]
    if everything:
        figures["all"] = _figures(everything, ks)
    scores = {n: f["agentbench"]["main"] for n, f in figures.items() if n != "all"}
    return {"environments": figures, "overall": overall(scores, divisors)}


def overall(scores: Mapping[str, float], divisors: Mapping[str, float]) -> float | None:
    """AgentBench's overall score: the mean over tasks of 100 · score / divisor. None where a task has no divisor."""
    if not scores or scores.keys() - divisors.keys():
        return None
    return mean(100 * score / divisors[name] for name, score in scores.items())


def _agentbench(environment: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """AgentBench's own metrics over all samples, a failed one counting as nothing right."""
    found = metrics(plugins.environment(environment)).overall([o.result for o in outcomes])
    rate = sum(o.success for o in outcomes) / len(outcomes)
    own = environment in MAIN and (environment != "web" or all(_rewarded(o) for o in outcomes if not o.error))
    return {"main": MAIN[environment](found) if own else rate, **found}


def _rewarded(o: Outcome) -> bool:
    """Whether an episode on the web was WebShop's, the only task of AgentBench there whose measure is not success."""
    return "reward" in (o.result.get("metrics") or {})


def _figures(outcomes: list[Outcome], ks: tuple[int, ...]) -> dict[str, Any]:
    counted = [o for o in outcomes if not o.error]
    tasks: dict[str, list[Outcome]] = defaultdict(list)
    for o in counted:
        tasks[o.task].append(o)
    wins = sum(o.success for o in counted)
    turns = sum(o.turns for o in counted)
    return {
        "tasks": len(tasks),
        "episodes": len(counted),
        "errors": len(outcomes) - len(counted),
        "success": _share(wins, len(counted)),
        "success_interval": _interval(tasks, wins, len(counted)),
        "pass": _passes(tasks, ks),
        "progress": _mean(o.progress for o in counted),
        "credited": _share(sum(o.success or o.failure == "right answer, wrong form" for o in counted), len(counted)),
        "instruction_following": {
            "readable_turns": _share(sum(o.readable for o in counted), turns),
            "valid_turns": _share(sum(o.valid for o in counted), turns),
            "finished": _share(sum(o.finished for o in counted), len(counted)),
        },
        "success_where_finished": _share(wins, sum(o.finished for o in counted)),
        "outcomes": _outcomes(outcomes),
        "failures": dict(Counter(o.failure for o in outcomes if o.failure).most_common()),
        "subgoals": _subgoals(counted),
        "mistakes": _mistakes([o.mistake for o in counted if o.mistake]),
        "kinds": {
            kind: {"episodes": len(of), "success": _share(sum(o.success for o in of), len(of))}
            for kind in sorted({o.kind for o in counted})
            if (of := [o for o in counted if o.kind == kind])
        },
        "turns": _mean(o.turns for o in counted),
        "tokens": sum(o.tokens for o in outcomes),
        "cost": sum(o.cost for o in outcomes),
        "tokens_per_success": sum(o.tokens for o in outcomes) / wins if wins else None,
        "cost_per_success": sum(o.cost for o in outcomes) / wins if wins else None,
        "seconds": _mean(o.seconds for o in counted),
    }


def _interval(tasks: Mapping[str, list[Outcome]], wins: int, episodes: int) -> list[float]:
    """Wilson's of single attempts; over several of a task, which are not independent, the bootstrap over tasks.

    Where nothing or everything succeeded a bootstrap sees no spread at all, so there it is Wilson's over the tasks.
    """
    if wins in (0, episodes):
        return list(wilson(len(tasks) if wins else 0, len(tasks)))
    if all(len(found) == 1 for found in tasks.values()):
        return list(wilson(wins, episodes))
    _, low, high = bootstrap([_mean(o.success for o in found) for found in tasks.values()])
    return [low, high]


def _passes(tasks: Mapping[str, list[Outcome]], ks: tuple[int, ...]) -> dict[str, float]:
    """pass@k and pass^k, means over the tasks that were attempted k times or more."""
    found = {}
    for k in ks:
        counts = [(len(of), sum(o.success for o in of)) for of in tasks.values() if len(of) >= k]
        if counts:
            found[f"pass@{k}"] = mean(pass_at_k(n, c, k) for n, c in counts)
            if k > 1:  # of a single attempt both are the success rate
                found[f"pass^{k}"] = mean(pass_hat_k(n, c, k) for n, c in counts)
    return found


def _outcomes(outcomes: list[Outcome]) -> dict[str, float]:
    counts = Counter(o.status for o in outcomes)
    return {column: _share(counts[status], len(outcomes)) for status, column in OUTCOMES.items()}


def _subgoals(outcomes: list[Outcome]) -> dict[str, float]:
    """Rate at which each sub-goal is reached, of the episodes that have it; those of one task alone are left out."""
    held: dict[str, list[bool]] = defaultdict(list)
    for o in outcomes:
        for name, reached in o.subgoals.items():
            held[name].append(reached)
    return {name: _share(sum(of), len(of)) for name, of in sorted(held.items()) if len(of) > 1}


def _mistakes(mistakes: list[Mistake]) -> dict[str, Any]:
    steps = Counter(m.step for m in mistakes)
    return {
        "episodes": len(mistakes),
        "first_step": _mean(m.step for m in mistakes),
        "by_step": {str(k): steps[k] for k in sorted(steps)},
        "severity": dict(Counter(m.severity for m in mistakes)),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
