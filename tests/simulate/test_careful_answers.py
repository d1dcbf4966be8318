"""A strong model's careful answers to grounded prompts, of which it saw nothing else: hardly one drifts from the engine.

Each line holds a step of a procedural task as the engine lived through it, and the answer, word for word. A graph is there
without its triples, which no judgement asks.
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
WRONG = {
    # Two columns are unknown. The engine tells of that in WHERE first; the prompt did not say so yet.
    "db": ["ERROR 1054 (42S22): Unknown column 'name' in 'field list'"],
    # The keyword is empty. The prompt did not say yet what becomes of that; asked again, the model is right.
    "search": ["(Result 1 / 11) Welura Works is a privately held firm."],
}


def claim(transition: Transition, answer: str) -> SimulatorReply:
    line, faults = fit(answer, StatefulLine)
    assert line is not None, faults
    observation = Observation(text=line.observation, invalid=line.invalid, source="model")
    state = apply_changes(transition.before, line.changes)
    return SimulatorReply(claim={"observation": observation, "state": state})


@pytest.mark.parametrize("name", ["db", "household", "kg", "os", "search", "web"])
def test_only_a_wrong_answer_drifts(name):
    comparison = environment(name).comparison()
    drifts, lines = [], gzip.decompress((TAPES / f"{name}.jsonl.gz").read_bytes()).decode().splitlines()
    for line in map(json.loads, lines):
        transition = Transition.model_validate(line["transition"])
        reply = claim(transition, line["answer"])
        if any(f and f.label == "drift" for f in findings(comparison, transition, reply)):
            drifts.append(reply.claim.observation.text)
    assert len(lines) >= 30 and drifts == WRONG.get(name, [])
