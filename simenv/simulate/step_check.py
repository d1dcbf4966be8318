"""Judges a simulator's reply to a step against the engine, as one StepCheck."""

from __future__ import annotations

from simenv.compare import Comparison, Judgement, Transition, drift
from simenv.containment import boundary
from simenv.simulate import SimulatorReply
from simenv.types import StepCheck

UNANSWERED = Judgement(label="unverifiable", reason="the model gave no answer")


def judge(comparison: Comparison, transition: Transition, reply: SimulatorReply) -> StepCheck:
    """A match only where all that was said is right, observation and next state; the first drift of the two gives the class.

    Without a claim it is a drift (format, out of character) if the model answered, unverifiable if it did not. A model that
    seemed to break character and still said what the engine says has not.
    """
    return step_check(comparison, transition, reply, *findings(comparison, transition, reply))


def step_check(
    comparison: Comparison,
    transition: Transition,
    reply: SimulatorReply,
    observation: Judgement,
    state: Judgement | None,
) -> StepCheck:
    """The judgements of a step, on observation and next state, as one StepCheck."""
    worst = next((f for f in (observation, state) if f and f.label == "drift"), observation)
    with boundary(comparison.delta):
        delta = comparison.delta(transition.before, transition.after)
    return StepCheck(
        label=worst.label,
        delta=delta,
        error=worst.error,
        reason=worst.reason,
        engine=transition.truth.text,
        model=reply.claim.observation.text if reply.claim else reply.text,
        state=state.label if state else None,
        tries=reply.tries,
    )


def findings(
    comparison: Comparison, transition: Transition, reply: SimulatorReply
) -> tuple[Judgement, Judgement | None]:
    """The judgements on the predicted observation and on the predicted state, None if it wrote no state."""
    if reply.claim is None:
        if reply.error is None:
            return UNANSWERED.model_copy(update={"reason": reply.reason or UNANSWERED.reason}), None
        return drift(reply.error, reply.reason), None
    with boundary(comparison.observation):
        observation = _checked(comparison.observation(transition, reply.claim.observation))
    if reply.error and observation.label != "match":
        observation = drift(reply.error, reply.reason)
    if reply.claim.state is None:
        return observation, None
    with boundary(comparison.state):
        return observation, _checked(comparison.state(transition, reply.claim.state))


def _checked(judgement: Judgement) -> Judgement:
    if not isinstance(judgement, Judgement):
        raise TypeError(f"a comparison gave {judgement!r:.80}; expected a Judgement")
    return judgement
