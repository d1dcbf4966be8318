"""Asks a simulator and compares its answers with the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.compare import Comparison, Judgement, changed
from simenv.fidelity.actors import ActionKind
from simenv.fidelity.config import QuestionMode
from simenv.fidelity.questions import QuestionEpisode
from simenv.simulate import Exchange, Simulator, SimulatorContext, SimulatorReply
from simenv.simulate.step_check import findings, step_check
from simenv.types import Action, Data, InstalledName, Label, StepCheck, Usage
from simenv.world import ActionSpec


class Answer(Data):
    """One answer, judged.

    `seen` is the label of the observation alone; `answered` is False for an outage. `distance` is the number of facts in
    which the simulator's state differs from the true one after the step, None if it writes no state.
    """

    kind: ActionKind
    verb: str
    check: StepCheck
    seen: Label
    answered: bool = True
    distance: int | None = None


class EpisodeAnswers(Data):
    """The answers to one episode in one mode. `asked` is the id of its questions, `way` the mode."""

    id: str
    asked: str
    environment: InstalledName
    way: QuestionMode
    steps: tuple[Answer, ...]
    usage: Usage = Usage()


async def score(
    simulator: Simulator, comparison: Comparison, episode: QuestionEpisode, mode: QuestionMode
) -> EpisodeAnswers:
    """Ask a simulator the questions of an episode and judge its answers.

    Mode `one_step` starts each step from the true state and history, `free` from the simulator's own.
    """
    context = SimulatorContext(spec=episode.spec, opening=episode.opening, state=episode.state, seed=episode.seed)
    steps: list[Answer] = []
    usage = Usage()
    for question, transition in zip(episode.rounds, episode.transitions(), strict=True):
        reply = await simulator.play(context, transition.action, transition if simulator.needs_engine_answer else None)
        usage += reply.usage
        observation, state = findings(comparison, transition, reply)
        check = step_check(comparison, transition, reply, observation, state)
        believed_state = context.state if reply.claim is None or reply.claim.state is None else reply.claim.state
        writes = state is not None or any(s.distance is not None for s in steps)
        steps.append(
            Answer(
                kind=question.kind,
                verb=verb(transition.action, simulator.setting.actions),
                check=check,
                seen=observation.label,
                answered=reply.claim is not None or reply.error is not None,
                distance=_distance(transition.after, believed_state, state) if writes else None,
            )
        )
        text, next_state = (
            (transition.truth.text, transition.after) if mode == "one_step" else (_text(reply), believed_state)
        )
        past = (*context.past, Exchange(action=transition.action, text=text))
        context = context.model_copy(update={"past": past, "state": next_state})
    return EpisodeAnswers(
        id=f"{mode}.{episode.id}",
        asked=episode.id,
        environment=episode.environment,
        way=mode,
        steps=tuple(steps),
        usage=usage,
    )


def verb(action: Action, actions: Mapping[str, ActionSpec]) -> str:
    """One word for what an action does: its name, or the first word of its text (select, go, ls) if the environment has but
    one action besides the submitting one."""
    if action.name not in actions or sum(not a.submit for a in actions.values()) > 1:
        return action.name if action.name in actions else "(no such action)"
    text = next((v for v in action.arguments.values() if isinstance(v, str)), "").split()
    word = text[0].lower() if text else ""
    return word if word.isascii() and word.isalpha() and len(word) < 16 else "(other)"


def _distance(true: Any, believed: Any, state: Judgement | None) -> int:
    """Number of leaves in which the two states differ; 0 if the comparison finds them equal in another form."""
    return 0 if state is not None and state.label == "match" else changed(true, believed)


def _text(reply: SimulatorReply) -> str:
    return reply.claim.observation.text if reply.claim else reply.text
