"""A simulator answers questions, and its answers are compared with the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.compare import Comparison, Judgement, changed
from simenv.fidelity.actors import Kind
from simenv.fidelity.config import QuestionMode
from simenv.fidelity.questions import Asked
from simenv.simulate import Exchange, Simulator, SimulatorContext, SimulatorReply
from simenv.simulate.judge import findings, step_check
from simenv.types import Action, Data, Label, StepCheck, Usage
from simenv.world import ActionSpec


class Answered(Data):
    """One answer, judged. `seen` is the finding of the observation alone; `distance`, the facts in which the state that the
    simulator believes in differs from the true one after the step, None where it writes none. `answered`: not an outage."""

    kind: Kind
    verb: str
    check: StepCheck
    seen: Label
    answered: bool = True
    distance: int | None = None


class Answers(Data):
    """The answers to one episode in one way."""

    id: str
    asked: str
    environment: str
    way: QuestionMode
    steps: tuple[Answered, ...]
    usage: Usage = Usage()


async def measure(simulator: Simulator, comparison: Comparison, asked: Asked, way: QuestionMode) -> Answers:
    """Ask one episode: each step from the truth, or each from what the simulator itself said and believes."""
    stage = SimulatorContext(spec=asked.spec, opening=asked.opening, state=asked.state, seed=asked.seed)
    steps: list[Answered] = []
    usage = Usage()
    for round_, scene in zip(asked.rounds, asked.scenes(), strict=True):
        played = await simulator.play(stage, scene.action, scene if simulator.needs_engine_answer else None)
        usage += played.usage
        seen, state = findings(comparison, scene, played)
        check = step_check(comparison, scene, played, seen, state)
        believed = stage.state if played.claim is None or played.claim.state is None else played.claim.state
        writes = state is not None or any(s.distance is not None for s in steps)
        steps.append(
            Answered(
                kind=round_.kind,
                verb=verb(scene.action, simulator.setting.actions),
                check=check,
                seen=seen.label,
                answered=played.claim is not None or played.error is not None,
                distance=_distance(scene.after, believed, state) if writes else None,
            )
        )
        text, kept = (scene.truth.text, scene.after) if way == "one_step" else (_shown(played), believed)
        past = (*stage.past, Exchange(action=scene.action, text=text))
        stage = stage.model_copy(update={"past": past, "state": kept})
    return Answers(
        id=f"{way}.{asked.id}", asked=asked.id, environment=asked.environment, way=way, steps=tuple(steps), usage=usage
    )


def verb(action: Action, actions: Mapping[str, ActionSpec]) -> str:
    """What an action does, in a word: its name, or where there is but one the first word of its text (select, go, ls)."""
    if action.name not in actions or sum(not a.submit for a in actions.values()) > 1:
        return action.name if action.name in actions else "(no such action)"
    text = next((v for v in action.arguments.values() if isinstance(v, str)), "").split()
    word = text[0].lower() if text else ""
    return word if word.isascii() and word.isalpha() and len(word) < 16 else "(other)"


def _distance(true: Any, believed: Any, state: Judgement | None) -> int:
    """Leaves of the two states that differ; 0 where the comparison finds them equal, though they be told otherwise."""
    return 0 if state is not None and state.label == "match" else changed(true, believed)


def _shown(played: SimulatorReply) -> str:
    return played.claim.observation.text if played.claim else played.text
