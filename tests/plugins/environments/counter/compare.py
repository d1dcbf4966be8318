"""What the counter shows, in whatever words."""

from __future__ import annotations

import re
from typing import Any

from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Action, Observation

_NUMBER = re.compile(r"-?\d+")


class CounterComparison(Comparison):
    def malformed(self, action: Action) -> str:
        return "" if abs(action.arguments.get("amount", 0)) <= 1000 else "no counter takes more than 1000"

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        if scene.after["value"] == 13:
            return Judgement(label="unverifiable", reason="nobody talks about 13")
        if scene.truth.invalid or claim.invalid:
            if scene.truth.invalid == claim.invalid:
                return MATCH
            error = "accepted_malformed" if scene.truth.invalid else "refused_valid"
            return drift(error, "one refuses what the other accepts")
        said = _NUMBER.findall(claim.text)
        if len(said) != 1 or "counter" not in claim.text.lower():
            return drift("format", "expected: The counter shows N.")
        if int(said[0]) == scene.after["value"]:
            return MATCH
        same = scene.before["value"] == int(said[0])
        return drift("forgot_change" if same else "wrong_result", f"it shows {said[0]}")

    def delta(self, before: Any, after: Any) -> int:
        return min(abs(after["value"] - before["value"]), 12)
