"""Filters in a row, and the funnel: how many trajectories each filter changed, by environment and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simenv import plugins
from simenv.containment import MAX_EQUAL_BUGS, Breaker, boundary
from simenv.errors import Bug, ConfigError, unknown
from simenv.filter import Filter, applied
from simenv.options import read
from simenv.runs.review import ReviewState
from simenv.types import Decision, Trajectory, Verdict

EXAMPLES = 5
"""Ids kept for each reason."""
_OUTCOMES = {"keep": "kept", "edit": "edited", "mask": "masked", "drop": "dropped"}


@dataclass
class FilterStats:
    """One filter's part of the funnel. Every trajectory that goes in is kept, edited, masked or dropped: the four add up."""

    name: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def count(self, verdict: Verdict, environment: str) -> None:
        """Count a verdict on a trajectory of an environment."""
        self.counts[environment, _OUTCOMES[verdict.decision]] += 1
        if verdict.reason:
            self.reasons[verdict.decision, verdict.reason, environment] += 1
            examples = self.examples.setdefault((verdict.decision, verdict.reason), [])
            if len(examples) < EXAMPLES:
                examples.append(verdict.trajectory)

    def report(self) -> dict[str, Any]:
        """As JSON: totals, the same by environment, and the reasons with examples."""
        environments = sorted({e for e, _ in self.counts})
        return {
            "filter": self.name,
            **self._row(environments),
            "environments": {e: self._row([e]) for e in environments},
            "reasons": [
                {
                    "decision": decision,
                    "reason": reason,
                    "count": sum(n for (d, r, _), n in self.reasons.items() if (d, r) == (decision, reason)),
                    "environments": {
                        e: n for (d, r, e), n in sorted(self.reasons.items()) if (d, r) == (decision, reason)
                    },
                    "examples": examples,
                }
                for (decision, reason), examples in sorted(self.examples.items())
            ],
        }

    def _row(self, environments: list[str]) -> dict[str, int]:
        counts = {outcome: sum(self.counts[e, outcome] for e in environments) for outcome in _OUTCOMES.values()}
        return {"in": sum(counts.values()), **counts}


class Pipeline:
    """Applies a trajectory's reviews, then the filters in their order; then drops it if no loss is left.

    `on_verdict` hears of every verdict with a reason. A filter that raises what it did not foresee drops the trajectory, and
    the verdict keeps the traceback. BugLimit where a filter does so `max_equal_bugs` times in a row; `stops_at_bugs`: it is
    raised as it is, the first time.
    """

    def __init__(
        self,
        filters: list[Filter],
        on_verdict: Callable[[Verdict], None] = lambda verdict: None,
        stops_at_bugs: bool = False,
        max_equal_bugs: int = MAX_EQUAL_BUGS,
    ) -> None:
        self.filters, self.on_verdict, self._stops_at_bugs = filters, on_verdict, stops_at_bugs
        self.bugs: Counter[tuple[str, str]] = Counter()
        """by filter and exception"""
        self._breakers = {f.name: Breaker(max_equal_bugs, "trajectories") for f in filters}
        self.stages = {name: FilterStats(name) for name in ("review", *(f.name for f in filters), "loss")}

    def run(self, t: Trajectory, id: str, review: ReviewState | None = None) -> Trajectory | None:
        """The trajectory as it comes out, or None if it is dropped. Verdicts name it by `id`.

        A trajectory that a person approved is edited and masked like any other, and never dropped by a filter.
        """
        review = review or ReviewState()
        if review.approved is False:
            return self._count(Verdict(trajectory=id, filter="review", decision="drop", reason="review"), t, id)
        reviewed = review.applied(t)
        decision: Decision = "mask" if review.mask and not review.messages else "keep" if reviewed is t else "edit"
        reason = "" if decision == "keep" else "review"
        self._count(Verdict(trajectory=id, filter="review", decision=decision, reason=reason), t, id)
        t = reviewed
        for one in self.filters:
            verdict = self._judge(one, t)
            if verdict.decision == "drop" and review.approved:
                verdict = verdict.model_copy(update={"decision": "keep", "reason": f"approved: {verdict.reason}"})
            following = self._count(verdict, t, id)
            if following is None:
                return None
            t = following
        learns = any(m.carries_loss for m in t.messages)
        last = Verdict(
            trajectory=id,
            filter="loss",
            decision="keep" if learns else "drop",
            reason="" if learns else "nothing under loss",
        )
        return self._count(last, t, id)

    def _judge(self, one: Filter, t: Trajectory) -> Verdict:
        only, breaker = one.options.only, self._breakers[one.name]
        if only and t.environment not in only:
            return one.keep(t)
        try:
            with boundary("filters", one.name):
                verdict = one.judge(t)
                if not isinstance(verdict, Verdict) or verdict.filter != one.name:
                    raise TypeError(f"judge gave {verdict!r:.80}; expected a Verdict of {one.name}")
        except Bug as e:
            if self._stops_at_bugs:
                raise e.original from None
            self.bugs[one.name, e.error] += 1
            breaker.count(e.place, e.error)
            return one.drop(t, f"filter failed: {one.name}: {e.kind}").model_copy(update={"traceback": e.trace})
        breaker.count()
        return verdict

    def _count(self, verdict: Verdict, t: Trajectory, id: str) -> Trajectory | None:
        if verdict.reason:
            verdict = verdict.model_copy(update={"trajectory": id})
            self.on_verdict(verdict)
        self.stages[verdict.filter].count(verdict, t.environment)
        return None if verdict.decision == "drop" else applied(verdict, t)

    def report(self) -> list[dict[str, Any]]:
        """The funnel as JSON: the report of each filter, in order."""
        return [stage.report() for stage in self.stages.values()]


def check_environments(place: str, names: Iterable[str]) -> None:
    """ConfigError for an environment that is neither installed nor played by a run without an engine."""
    known = plugins.names("environments")
    for name in names:
        if name not in known:
            raise ConfigError(f"{place}: {unknown('environment', name, known)}")


def build(filters: Mapping[str, Any], tokenizer: str | None) -> list[Filter]:
    """Filters by name, in order, from `{name: options}`; `false` leaves one out. ConfigError names what exists."""
    instances: list[Filter] = []
    for name, settings in filters.items():
        kind = plugins.load("filters", name)
        if settings is False:
            continue
        if not isinstance(settings, dict | None):
            raise ConfigError(f"filters.{name}: expected options, or false to leave it out, got {settings!r:.60}")
        options = dict(settings or {})
        if "tokenizer" in kind.Options.model_fields and options.get("tokenizer") is None:
            options["tokenizer"] = tokenizer
        instances.append(kind(read(kind.Options, options, f"filters.{name}")))
        check_environments(f"filters.{name}.only", getattr(instances[-1].options, "only", ()))
    names = [f.name for f in instances]
    if twice := {n for n in names if names.count(n) > 1 or n in ("review", "loss")}:
        raise ConfigError(f"filters: {', '.join(sorted(twice))}: a name that is taken")
    return instances
