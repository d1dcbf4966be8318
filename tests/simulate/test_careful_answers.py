"""Answers of a strong model that saw nothing but the prompt, and took care: hardly one drifts from the engine.

Each line holds a step of a procedural task as the engine lived through it, and the answer, word for word.
"""

import gzip
import json
from pathlib import Path

import pytest

from simenv.compare import Transition
from simenv.model import fit
from simenv.plugins import environment
from simenv.simulate import SimulatorReply
from simenv.simulate.prompted import StatefulLine
from simenv.simulate.state_patch import apply_changes
from simenv.simulate.step_check import findings
from simenv.types import Observation

TAPES = Path(__file__).parents[1] / "data" / "careful_answers"


def claim(transition: Transition, answer: str) -> SimulatorReply:
    line, faults = fit(answer, StatefulLine)
    assert line is not None, faults
    observation = Observation(text=line.observation, invalid=line.invalid, source="model")
    state = apply_changes(transition.before, line.changes)
    return SimulatorReply(claim={"observation": observation, "state": state})


@pytest.mark.parametrize("name", ["os", "web"])
def test_a_careful_answer_hardly_ever_drifts(name):
    comparison = environment(name).comparison()
    drifts, lines = [], gzip.decompress((TAPES / f"{name}.jsonl.gz").read_bytes()).decode().splitlines()
    for line in map(json.loads, lines):
        transition = Transition.model_validate(line["transition"])
        labels = findings(comparison, transition, claim(transition, line["answer"]))
        drifts += [f"{transition.action} {j}" for j in labels if j and j.label == "drift"]
    assert len(lines) >= 30
    assert len(drifts) <= 0.03 * len(lines), drifts
