"""Filters in a row, and the funnel that says what each of them did: to how many, of which environment, for which reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simenv import plugins
from simenv.errors import ConfigError
from simenv.filter import Filter, applied
from simenv.options import read
from simenv.runs.review import ReviewState
from simenv.types import Trajectory, Verdict

EXAMPLES = 5
"""Ids kept for each reason."""
_DONE = {"keep": "kept", "edit": "edited", "mask": "masked", "drop": "dropped"}


@dataclass
class FilterStats:
    """One filter's part of the funnel. What goes in is kept, edited, masked or dropped: the four add up."""

    name: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def count(self, verdict: Verdict, environment: str) -> None:
        self.counts[environment, _DONE[verdict.decision]] += 1
        if verdict.reason:
            self.reasons[verdict.decision, verdict.reason, environment] += 1
            shown = self.examples.setdefault((verdict.decision, verdict.reason), [])
            if len(shown) < EXAMPLES:
                shown.append(verdict.trajectory)

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
        done = {d: sum(self.counts[e, d] for e in environments) for d in _DONE.values()}
        return {"in": sum(done.values()), **done}


class Pipeline:
    """What a person said, then the filters in their order, then: is there a turn left to learn from?"""

    def __init__(self, filters: list[Filter], tell: Callable[[Verdict], None] = lambda verdict: None) -> None:
        self.filters, self.tell = filters, tell
        self.stages = {name: FilterStats(name) for name in ("review", *(f.name for f in filters), "loss")}

    def run(self, t: Trajectory, id: str, opinion: ReviewState | None = None) -> Trajectory | None:
        """The trajectory as it comes out, or None. Verdicts that change anything are told, under `id`.

        What a person approved is edited and masked like any other, and not dropped by a filter.
        """
        opinion = opinion or ReviewState()
        if opinion.approved is False:
            return self._count(Verdict(trajectory=id, filter="review", decision="drop", reason="review"), t, id)
        after = opinion.applied(t)
        decision = "mask" if opinion.mask and not opinion.messages else "keep" if after is t else "edit"
        reason = "" if decision == "keep" else "review"
        self._count(Verdict(trajectory=id, filter="review", decision=decision, reason=reason), t, id)
        t = after
        for one in self.filters:
            verdict = self._judge(one, t)
            if verdict.decision == "drop" and opinion.approved:
                verdict = verdict.model_copy(update={"decision": "keep", "reason": f"approved: {verdict.reason}"})
            following = self._count(verdict, t, id)
            if following is None:
                return None
            t = following
        learns = any(m.train and m.role == "assistant" for m in t.messages)
        last = Verdict(
            trajectory=id,
            filter="loss",
            decision="keep" if learns else "drop",
            reason="" if learns else "nothing under loss",
        )
        return self._count(last, t, id)

    @staticmethod
    def _judge(one: Filter, t: Trajectory) -> Verdict:
        only = one.options.only
        return one.keep(t) if only and t.environment not in only else one.judge(t)

    def _count(self, verdict: Verdict, t: Trajectory, id: str) -> Trajectory | None:
        if verdict.reason:
            verdict = verdict.model_copy(update={"trajectory": id})
            self.tell(verdict)
        self.stages[verdict.filter].count(verdict, t.environment)
        return None if verdict.decision == "drop" else applied(verdict, t)

    def report(self) -> list[dict[str, Any]]:
        return [stage.report() for stage in self.stages.values()]


def build(filters: Mapping[str, Any], tokenizer: str | None) -> list[Filter]:
    """Filters by name, in order, from `{name: options}`; `false` leaves one out. ConfigError names what exists."""
    made: list[Filter] = []
    for name, given in filters.items():
        kind = plugins.load("filters", name)
        if given is False:
            continue
        if not isinstance(given, dict | None):
            raise ConfigError(f"filters.{name}: expected options, or false to leave it out, got {given!r:.60}")
        options = dict(given or {})
        if "tokenizer" in kind.Options.model_fields and options.get("tokenizer") is None:
            options["tokenizer"] = tokenizer
        made.append(kind(read(kind.Options, options, f"filters.{name}")))
    names = [f.name for f in made]
    if twice := {n for n in names if names.count(n) > 1 or n in ("review", "loss")}:
        raise ConfigError(f"filters: {', '.join(sorted(twice))}: a name that is taken")
    return made
