"""A world that a model plays with a real engine in its shadow: every word is compared with the truth before it is believed."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from simenv.compare import Transition
from simenv.simulate import Simulator, SimulatorReply
from simenv.simulate.simulated import Simulated
from simenv.simulate.step_check import judge
from simenv.types import Action, Observation, StepCheck, Stop
from simenv.world import Engine

DriftPolicy = Literal["correct", "flag", "resample", "abort", "trust"]
NOTICES = {
    "drift": "[This answer failed a check against the real environment.]",
    "unverifiable": "[This answer could not be checked against the real environment.]",
}
"""What `flag` puts under a model's answer."""


class Checked(Simulated):
    """The engine is what is true: it grounds the model before each step, so that one slip does not compound, ends and grades.

    What a match says is shown in the model's words. Of an answer that is none, by policy:
    correct: the engine's answer is shown in its place.
    flag: the model's is shown, with a line under it that says so.
    resample: the model is asked again, up to `resamples` times; then as correct. Only a drift is asked again.
    abort: a drift ends the episode as the model's fault; what cannot be checked is corrected.
    trust: the model's is shown as if it were right, so that the damage can be studied.
    A model that gives no answer at all never ends an episode but under abort: the engine's is shown.
    """

    mode: ClassVar[str] = "checked"
    resets_to_engine_state: ClassVar[bool] = True

    def __init__(
        self, simulator: Simulator, engine: Engine, policy: DriftPolicy = "correct", resamples: int = 5
    ) -> None:
        super().__init__(simulator, engine)
        self.policy, self.resamples = policy, resamples

    @property
    def simulator(self) -> dict[str, Any]:  # type: ignore[override]
        return super().simulator | {"policy": self.policy}

    async def _observe(self, action: Action, transition: Transition | None, reply: SimulatorReply) -> Observation:
        assert transition is not None
        check = judge(self.comparison, transition, reply)
        if self.policy == "resample":
            reply, check = await self._resample(action, transition, reply, check)
        return self._judged_observation(action, transition, reply, check)

    async def _resample(
        self, action: Action, transition: Transition, reply: SimulatorReply, check: StepCheck
    ) -> tuple[SimulatorReply, StepCheck]:
        """Ask until an answer is no drift, as often as that is allowed."""
        tries = check.tries
        for sample in range(1, self.resamples + 1):
            if check.label != "drift":
                break
            reply = await self._play(action, transition, sample)
            check = judge(self.comparison, transition, reply)
            tries += check.tries
        return reply, check.model_copy(update={"tries": tries})

    def _judged_observation(
        self, action: Action, transition: Transition, reply: SimulatorReply, check: StepCheck
    ) -> Observation:
        if self.policy == "abort" and (check.label == "drift" or reply.claim is None):
            return transition.truth.model_copy(update={"stop": Stop.error, "source": "checked", "check": check})
        trusted = check.label == "match" or self.policy in ("flag", "trust")
        text, author = transition.truth.text, "engine"
        if trusted and reply.claim is not None:
            text, author = reply.claim.observation.text, "model"
            if self.policy == "flag" and check.label != "match":
                text = f"{text}\n{NOTICES[check.label]}"
        self._append(action, transition.truth.text, transition.after)
        checked = check.model_copy(update={"shown": author})
        return transition.truth.model_copy(update={"text": text, "source": "checked", "check": checked})
