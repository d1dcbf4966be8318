"""Comparisons of a model's prediction of a step with the engine's truth; each environment has one in compare.py.

Their counterparts are in flaws.py: how an answer may vary without being wrong, and how each class of error looks in the
environment. Comparisons are measured on these.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from numpy.random import Generator

from simenv.types import Action, Data, Flaw, Label, Observation, digest


class Transition(Data):
    """One step in the engine: the world's spec, the states before and after the action, and the engine's answer (`truth`)."""

    spec: dict[str, Any]
    action: Action
    before: Any
    after: Any
    truth: Observation


class Prediction(Data):
    """A model's prediction of a step. `state` is the next state it wrote; None if it wrote none."""

    observation: Observation
    state: Any = None


class Judgement(Data):
    """A comparison's verdict. A drift has `error` and `reason`; an unverifiable prediction has a `reason`."""

    label: Label
    error: Flaw | None = None
    reason: str = ""


MATCH = Judgement(label="match")


def drift(error: Flaw, reason: str) -> Judgement:
    """The judgement on a wrong prediction: the class of its error, and the reason in words."""
    return Judgement(label="drift", error=error, reason=reason)


class Comparison(ABC):
    """Judges predictions for one environment. Stateless: one instance serves all episodes."""

    def malformed(self, action: Action) -> str:
        """Why no engine would run this action; '' if one may. Needs no world, and is called before any model is asked."""
        return ""

    @abstractmethod
    def observation(self, transition: Transition, claim: Observation) -> Judgement:
        """Compare a predicted observation with the true one. Must not raise on anything a model wrote."""

    def state(self, transition: Transition, claim: Any) -> Judgement:
        """Compare a predicted next state with the true one. By default: a match if equal, else the drift `forgot_change`."""
        if digest(claim) == digest(transition.after):
            return MATCH
        return drift("forgot_change", "the next state differs from the engine's")

    def delta(self, before: Any, after: Any) -> int:
        """|Δ|: the number of facts that differ between two states, by default the differing leaves of the two JSON values."""
        return changed(before, after)


class Flaws(ABC):
    """A simulator's ways of being harmlessly different, and of being wrong, in one environment."""

    @abstractmethod
    def vary(self, transition: Transition, rng: Generator) -> Observation:
        """The truth in other words: row order where none is promised, number format, white space, wording."""

    @abstractmethod
    def corrupt(self, error: Flaw, transition: Transition, rng: Generator) -> Prediction | None:
        """A claim that is wrong in this way; None where the step gives no room for it. `state` is set for forgot_change
        alone, to a next state that misses what the action did, or where its observation cannot show it."""

    def restate(self, transition: Transition, rng: Generator) -> Any:
        """The true next state in other words, by default with its keys in another order."""
        return _shuffled(transition.after, rng)


class Blind(Comparison):
    """The comparison of an environment without an engine or a compare.py: everything is unverifiable."""

    reason: ClassVar[str] = "this environment has no comparison"

    def observation(self, transition: Transition, claim: Observation) -> Judgement:
        return Judgement(label="unverifiable", reason=self.reason)

    def state(self, transition: Transition, claim: Any) -> Judgement:
        return Judgement(label="unverifiable", reason=self.reason)


_ABSENT = object()


def changed(before: Any, after: Any) -> int:
    """Leaves that two JSON values do not share: one each for what is new, gone, or different at the same place."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = before.keys() | after.keys()
        return sum(changed(before.get(k, _ABSENT), after.get(k, _ABSENT)) for k in keys)
    if isinstance(before, list) and isinstance(after, list):
        longest = max(len(before), len(after))
        left, right = ([*v, *[_ABSENT] * (longest - len(v))] for v in (before, after))
        return sum(changed(a, b) for a, b in zip(left, right, strict=True))
    if before is _ABSENT or after is _ABSENT:
        return _leaves(after if before is _ABSENT else before)
    return int(before != after)


def is_json(text: str) -> bool:
    """Whether a claim is a JSON object or array."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _shuffled(value: Any, rng: Generator) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        return {keys[i]: _shuffled(value[keys[i]], rng) for i in rng.permutation(len(keys))}
    return [_shuffled(v, rng) for v in value] if isinstance(value, list) else value


def _leaves(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if parts is None else max(1, sum(map(_leaves, parts)))
