"""From the outcomes of episodes to rates with intervals, pass@k, AgentBench's metrics, and finer figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import mean
from typing import Any

from simenv import plugins
from simenv.containment import boundary
from simenv.evaluate.outcome import Outcome
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
"""AgentBench's statuses and the columns of its outcome table. Errors, which AgentBench counts as task limit, have their own."""
MAIN: Mapping[str, Callable[[dict[str, Any]], float]] = {
    "os": lambda m: float(m["overall"]["acc"]),
    "db": lambda m: float(m["overall_cat_accuracy"]),
    "kg": lambda m: float(m["main"]),
    "household": lambda m: float(m["overall"]["success_rate"]),
    "web": lambda m: float(m["reward"]),
}
"""The main metric that AgentBench (v0.2, src/analysis.py) takes from its metrics of a task, each in 0..1."""
DIVISORS = {"os": 10.8, "db": 13.0, "kg": 13.9, "household": 13.0, "web": 30.7}
"""Mean scores in per cent; the overall score weighs a task by 1/mean (AgentBench, arXiv 2308.03688)."""


def aggregate(outcomes: Iterable[Outcome], ks: tuple[int, ...], divisors: Mapping[str, float]) -> dict[str, Any]:
    """The figures as JSON: `environments` (each, and `all`) with rates in 0..1, and AgentBench's overall score.

    A rate or a mean over nothing is None: where every episode ended in an error, no rate was measured.

    `ks` are those of pass@k and pass^k; `divisors` are per cent by which the overall score weighs each environment.
    """
    sets: dict[str, list[Outcome]] = defaultdict(list)
    for o in outcomes:
        sets[o.environment].append(o)
    figures = {
        name: _figures(group, ks) | {"agentbench": _agentbench(name, group)} for name, group in sorted(sets.items())
    }
    everything = [o for group in sets.values() for o in group]
    if everything:
        figures["all"] = _figures(everything, ks)
    scores = {n: f["agentbench"]["main"] for n, f in figures.items() if n != "all"}
    return {"environments": figures, "overall": overall(scores, divisors)}


def overall(scores: Mapping[str, float | None], divisors: Mapping[str, float]) -> float | None:
    """AgentBench's overall score: the mean over tasks of 100 · score / divisor. None if a task has no divisor or no score.

    `scores` are main metrics in 0..1 by environment, None where no episode was measured.
    """
    known = {name: score for name, score in scores.items() if score is not None}
    if not known or len(known) < len(scores) or known.keys() - divisors.keys():
        return None
    return mean(100 * score / divisors[name] for name, score in known.items())


def _agentbench(environment: str, outcomes: list[Outcome]) -> dict[str, Any]:
    """AgentBench's own metrics over all samples. A failed sample counts as wrong; where all failed, nothing was measured."""
    if all(o.error for o in outcomes):
        return {"main": None}
    with boundary("metrics", environment):
        scores = plugins.environment(environment).metrics.overall([o.result for o in outcomes])
    rate = sum(o.success for o in outcomes) / len(outcomes)
    has_main = environment in MAIN and (environment != "web" or all(_has_reward(o) for o in outcomes if not o.error))
    return {"main": MAIN[environment](scores) if has_main else rate, **scores}


def _has_reward(o: Outcome) -> bool:
    """Whether a web episode has WebShop's reward. WebShop is AgentBench's only web task measured by more than success."""
    return "reward" in (o.result.get("metrics") or {})


def _figures(outcomes: list[Outcome], ks: tuple[int, ...]) -> dict[str, Any]:
    scored = [o for o in outcomes if not o.error]
    tasks: dict[str, list[Outcome]] = defaultdict(list)
    for o in scored:
        tasks[o.task].append(o)
    wins = sum(o.success for o in scored)
    turns = sum(o.turns for o in scored)
    return {
        "tasks": len(tasks),
        "episodes": len(scored),
        "errors": len(outcomes) - len(scored),
        "success": _share(wins, len(scored)),
        "success_interval": _interval(tasks, wins, len(scored)),
        "pass": _passes(tasks, ks),
        "progress": _mean(o.progress for o in scored),
        "credited": _share(sum(o.success or o.failure == "right answer, wrong form" for o in scored), len(scored)),
        "instruction_following": {
            "readable_turns": _share(sum(o.readable for o in scored), turns),
            "valid_turns": _share(sum(o.valid for o in scored), turns),
            "finished": _share(sum(o.finished for o in scored), len(scored)),
        },
        "success_where_finished": _share(wins, sum(o.finished for o in scored)),
        "outcomes": _outcomes(outcomes),
        "failures": dict(Counter(o.failure for o in outcomes if o.failure).most_common()),
        "subgoals": _subgoals(scored),
        "mistakes": _mistakes([o.mistake for o in scored if o.mistake]),
        "kinds": {
            kind: {"episodes": len(of), "success": _share(sum(o.success for o in of), len(of))}
            for kind in sorted({o.kind for o in scored})
            if (of := [o for o in scored if o.kind == kind])
        },
        "turns": _mean(o.turns for o in scored),
        "tokens": sum(o.tokens for o in outcomes),
        "cost": sum(o.cost for o in outcomes),
        "tokens_per_success": sum(o.tokens for o in outcomes) / wins if wins else None,
        "cost_per_success": sum(o.cost for o in outcomes) / wins if wins else None,
        **_teacher(outcomes),
        "seconds": _mean(o.seconds for o in scored),
    }


def _teacher(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """What the teacher's model consumed beside the agent; {} where none did."""
    if not any(o.teacher_tokens or o.teacher_cost for o in outcomes):
        return {}
    return {
        "teacher_tokens": sum(o.teacher_tokens for o in outcomes),
        "teacher_cost": sum(o.teacher_cost for o in outcomes),
    }


def _interval(tasks: Mapping[str, list[Outcome]], wins: int, episodes: int) -> list[float] | None:
    """Wilson's interval if each task has one attempt; else the bootstrap over tasks, since attempts at a task depend on
    each other. A bootstrap has no spread if none or all succeeded: then Wilson's interval over the tasks. None without an
    episode.
    """
    if not episodes:
        return None
    if wins in (0, episodes):
        return list(wilson(len(tasks) if wins else 0, len(tasks)))
    if all(len(attempts) == 1 for attempts in tasks.values()):
        return list(wilson(wins, episodes))
    _, low, high = bootstrap([mean(o.success for o in attempts) for attempts in tasks.values()])
    return [low, high]


def _passes(tasks: Mapping[str, list[Outcome]], ks: tuple[int, ...]) -> dict[str, float]:
    """pass@k and pass^k, means over the tasks that were attempted k times or more."""
    rates = {}
    for k in ks:
        counts = [(len(of), sum(o.success for o in of)) for of in tasks.values() if len(of) >= k]
        if counts:
            rates[f"pass@{k}"] = mean(pass_at_k(n, c, k) for n, c in counts)
            if k > 1:  # of a single attempt both are the success rate
                rates[f"pass^{k}"] = mean(pass_hat_k(n, c, k) for n, c in counts)
    return rates


def _outcomes(outcomes: list[Outcome]) -> dict[str, float | None]:
    counts = Counter(o.status for o in outcomes)
    return {column: _share(counts[status], len(outcomes)) for status, column in OUTCOMES.items()}


def _subgoals(outcomes: list[Outcome]) -> dict[str, float | None]:
    """Share of the episodes with a sub-goal that reached it; sub-goals of a single episode are left out."""
    results: dict[str, list[bool]] = defaultdict(list)
    for o in outcomes:
        for name, success in o.subgoals.items():
            results[name].append(success)
    return {name: _share(sum(of), len(of)) for name, of in sorted(results.items()) if len(of) > 1}


def _mistakes(mistakes: list[Mistake]) -> dict[str, Any]:
    steps = Counter(m.step for m in mistakes)
    return {
        "episodes": len(mistakes),
        "first_step": _mean(m.step for m in mistakes),
        "by_step": {str(k): steps[k] for k in sorted(steps)},
        "severity": dict(Counter(m.severity for m in mistakes)),
    }


def _share(part: float, whole: float) -> float | None:
    """None where there is nothing of which it could be a share."""
    return part / whole if whole else None


def _mean(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None
