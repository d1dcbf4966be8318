"""The same questions with their true answers, as training data for a simulator: loss on the environment's turn alone."""

from __future__ import annotations

import zlib
from pathlib import Path

from simenv.fidelity.questions import Asked, read
from simenv.model import posed
from simenv.models.clients.scripted import Scripted
from simenv.plugins import environment
from simenv.runs.store import Run
from simenv.simulate import Exchange, SimulatorContext, SimulatorSetup
from simenv.simulate.prompted import StatefulLine, line_text
from simenv.simulate.simulators.grounded import Grounded
from simenv.types import Message, Sample

HELD_OUT = 10
"""One task in so many goes to validation."""


def export(folder: Path, questions: Path) -> dict[str, int]:
    """Write train.jsonl and validation.jsonl, one Sample a step; no task is in both. The prompt is word for word that of the
    grounded simulator, so a model trained on it is used as `simulator=grounded`. Returns the number of samples in each."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = {"train": 0, "validation": 0}
    with Run(folder).aside("train.jsonl") as train, Run(folder).aside("validation.jsonl") as validation:
        files = {"train": train, "validation": validation}
        for asked in read(questions):
            part = "validation" if zlib.crc32(asked.task.encode()) % HELD_OUT == 0 else "train"
            for sample in samples(asked, questions.parent.name):
                files[part].write(sample.model_dump_json(exclude_defaults=True) + "\n")
                counts[part] += 1
    return counts


def samples(asked: Asked, origin: str) -> list[Sample]:
    """One for each step: what a grounded simulator is told, and what it should have said."""
    player = Grounded(Grounded.Options(), SimulatorSetup.of(environment(asked.environment), None, Scripted()))
    system = player.system([])
    stage = SimulatorContext(spec=asked.spec, opening=asked.opening, seed=asked.seed)
    made = []
    for number, (round_, scene) in enumerate(zip(asked.rounds, asked.scenes(), strict=True)):
        stage = stage.model_copy(update={"state": scene.before})
        moment = posed(player.moment(stage, scene.action), StatefulLine)
        answer = line_text(scene.truth.text, scene.truth.invalid, scene.before, scene.after)
        made.append(
            Sample(
                id=f"{asked.id}.{number}",
                task=asked.task,
                environment=asked.environment,
                kind=round_.kind,
                source="run",
                origin=origin,
                messages=(
                    Message(role="system", content=system, author="engine"),
                    Message(role="user", content=moment, author="engine"),
                    Message(role="assistant", content=answer, author="engine", train=True),
                ),
            )
        )
        past = (*stage.past, Exchange(action=scene.action, text=scene.truth.text))
        stage = stage.model_copy(update={"past": past})
    return made
