"""Whether what a model said of a step is what the engine says: written once for each environment, in its compare.py.

And its counterpart, in flaws.py: how an answer may vary without being wrong, and how each class of error looks there. A
checker is measured on the second.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from numpy.random import Generator

from simenv.types import Action, Data, Flaw, Label, Observation, digest


class Transition(Data):
    """One step as the engine lived through it: the world's spec, the states around the action, and the engine's answer."""

    spec: dict[str, Any]
    action: Action
    before: Any
    after: Any
    truth: Observation


class Prediction(Data):
    """What a model says of the same step. `state` is the next state it wrote, None where it wrote none."""

    observation: Observation
    state: Any = None


class Judgement(Data):
    """A comparison's judgement. `error` and `reason` where it is a drift; `reason` also where it cannot be told."""

    label: Label
    error: Flaw | None = None
    reason: str = ""


MATCH = Judgement(label="match")


def drift(error: Flaw, reason: str) -> Judgement:
    return Judgement(label="drift", error=error, reason=reason)


class Comparison(ABC):
    """Judges claims about one environment. Stateless: one instance serves all episodes."""

    def malformed(self, action: Action) -> str:
        """Why no engine would run this action, told without a world; '' where it may run. Asked before any model is."""
        return ""

    @abstractmethod
    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        """The claimed observation beside the true one. Never raises on what a model wrote."""

    def state(self, scene: Transition, claim: Any) -> Judgement:
        """The claimed next state beside the true one: equal, by default, or `forgot_change`."""
        if digest(claim) == digest(scene.after):
            return MATCH
        return drift("forgot_change", "the next state differs from the engine's")

    def delta(self, before: Any, after: Any) -> int:
        """|Δ|: the number of facts that differ, by default the leaves of the two JSON values."""
        return changed(before, after)


class Flaws(ABC):
    """A simulator's ways of being harmlessly different, and of being wrong, in one environment."""

    @abstractmethod
    def vary(self, scene: Transition, rng: Generator) -> Observation:
        """The truth in other words: row order where none is promised, number format, white space, wording."""

    @abstractmethod
    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        """A claim that is wrong in this way; None where the step gives no room for it. `state` is set for forgot_change
        alone, to a next state that misses what the action did, or where its observation cannot show it."""

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """The true next state in other words, by default with its keys in another order."""
        return _shuffled(scene.after, rng)


class Blind(Comparison):
    """For an environment without an engine or a comparison: nothing can be told."""

    why: ClassVar[str] = "this environment has no comparison"

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        return Judgement(label="unverifiable", reason=self.why)

    def state(self, scene: Transition, claim: Any) -> Judgement:
        return Judgement(label="unverifiable", reason=self.why)


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
