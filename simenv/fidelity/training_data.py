"""Training data for a simulator: the questions with their true answers, with loss on the answers alone."""

from __future__ import annotations

import zlib
from pathlib import Path

from simenv.fidelity.questions import QuestionEpisode, read
from simenv.model import posed
from simenv.models.clients.scripted import Scripted
from simenv.plugins import environment
from simenv.runs.store import Run
from simenv.simulate import Exchange, SimulatorContext, SimulatorSetup
from simenv.simulate.prompted import StatefulLine, line_text
from simenv.simulate.simulators.grounded import Grounded
from simenv.types import Message, Sample

HELD_OUT = 10
"""One task in this many goes to validation."""


def export(folder: Path, questions: Path) -> dict[str, int]:
    """Write train.jsonl and validation.jsonl, with one Sample for each step; no task is in both. Returns their sizes.

    The prompts are those of the grounded simulator, so a model trained on them is used as `simulator=grounded`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"train": 0, "validation": 0}
    with Run(folder).aside("train.jsonl") as train, Run(folder).aside("validation.jsonl") as validation:
        files = {"train": train, "validation": validation}
        for episode in read(questions):
            part = "validation" if zlib.crc32(episode.task.encode()) % HELD_OUT == 0 else "train"
            for sample in samples(episode, questions.parent.name):
                files[part].write(sample.model_dump_json(exclude_defaults=True) + "\n")
                counts[part] += 1
    return counts


def samples(episode: QuestionEpisode, origin: str) -> list[Sample]:
    """A sample for each step: the prompt of a grounded simulator, and the right answer. `origin` names the measurement."""
    player = Grounded(Grounded.Options(), SimulatorSetup.of(environment(episode.environment), None, Scripted()))
    system = player.system([])
    context = SimulatorContext(spec=episode.spec, opening=episode.opening, seed=episode.seed)
    samples = []
    for number, (question, transition) in enumerate(zip(episode.rounds, episode.transitions(), strict=True)):
        context = context.model_copy(update={"state": transition.before})
        moment = posed(player.moment(context, transition.action), StatefulLine)
        answer = line_text(transition.truth.text, transition.truth.invalid, transition.before, transition.after)
        samples.append(
            Sample(
                id=f"{episode.id}.{number}",
                task=episode.task,
                environment=episode.environment,
                kind=question.kind,
                source="run",
                origin=origin,
                messages=(
                    Message(role="system", content=system, author="engine"),
                    Message(role="user", content=moment, author="engine"),
                    Message(role="assistant", content=answer, author="engine", train=True),
                ),
            )
        )
        past = (*context.past, Exchange(action=transition.action, text=transition.truth.text))
        context = context.model_copy(update={"past": past})
    return samples
