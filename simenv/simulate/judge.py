"""What a model said of a step, beside the engine's truth, as one Check."""

from __future__ import annotations

from simenv.compare import Comparison, Judgement, Transition, drift
from simenv.simulate import SimulatorReply
from simenv.types import StepCheck

UNANSWERED = Judgement(label="unverifiable", reason="the model gave no answer")


def judge(comparison: Comparison, scene: Transition, played: SimulatorReply) -> StepCheck:
    """A match only where all that was said is right, observation and next state; the first drift of the two gives the class.

    Without a claim it is a drift (format, out of character) if the model answered, unverifiable if it did not. A model that
    seemed to break character and still said what the engine says has not.
    """
    return told(comparison, scene, played, *findings(comparison, scene, played))


def told(
    comparison: Comparison, scene: Transition, played: SimulatorReply, seen: Judgement, state: Judgement | None
) -> StepCheck:
    """The findings of a step as one Check."""
    drifted = next((f for f in (seen, state) if f and f.label == "drift"), seen)
    return StepCheck(
        label=drifted.label,
        delta=comparison.delta(scene.before, scene.after),
        error=drifted.error,
        reason=drifted.reason,
        engine=scene.truth.text,
        model=played.claim.observation.text if played.claim else played.text,
        state=state.label if state else None,
        tries=played.tries,
    )


def findings(comparison: Comparison, scene: Transition, played: SimulatorReply) -> tuple[Judgement, Judgement | None]:
    """What there is to say of the claimed observation, and of the claimed state where there is one."""
    if played.claim is None:
        if played.error is None:
            return UNANSWERED.model_copy(update={"reason": played.reason or UNANSWERED.reason}), None
        return drift(played.error, played.reason), None
    seen = comparison.observation(scene, played.claim.observation)
    if played.error and seen.label != "match":
        seen = drift(played.error, played.reason)
    return seen, None if played.claim.state is None else comparison.state(scene, played.claim.state)
