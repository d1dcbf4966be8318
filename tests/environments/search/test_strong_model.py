"""What a strong model wrote when it saw nothing but a prompt: each answer can be read, and what it says holds."""

import asyncio
import json
from pathlib import Path

import pytest

from simenv.config import EnvironmentConfig, Experiment
from simenv.hooks.reflexion import Reflection
from simenv.knowledge.passage import Source
from simenv.knowledge.records import Record
from simenv.knowledge.voice import Voiced, voiced
from simenv.model import fit
from simenv.models.clients.scripted import scripted
from simenv.rollout.run import Rollout
from simenv.runtime import EnvironmentRuntime
from simenv.types import Reply, Task

LINES = [json.loads(line) for line in Path(__file__).with_name("strong_model.jsonl").read_text().splitlines()]
CHOICES = [line for line in LINES if line["kind"] == "cot" and "unknown" not in line["answer"].casefold()]


def of(kind):
    return [line for line in LINES if line["kind"] == kind]


def record(line):
    source = Source(file="set", sha256="0" * 64)
    options = tuple(line["options"])
    return Record(
        id="r", question=line["question"], answer=line["right"], options=options, raw="{}", row=1, source=source
    )


def test_there_are_ten_of_each_framework_and_five_records():
    assert [len(of(kind)) for kind in ("cot", "react", "reflection", "voice")] == [10, 10, 10, 5]


@pytest.mark.parametrize("line", of("cot"), ids=range(10))
def test_a_chain_of_thought_ends_in_an_answer(line):
    spec = {"passages": [{"id": "p", "title": "p", "text": "p."}]}
    task = Task(id="t", environment="search", instruction=line["task"], spec=spec, goal={"answers": line["answers"]})
    e = Experiment.model_validate({"environments": ["search"], "agent": "cot"})
    t = asyncio.run(Rollout(e, model=scripted(line["answer"])).episode(task))
    assert t.steps[0].action.name == "finish" and len(t.steps) == 1


def test_what_medicine_asks_by_choices_is_answered_rightly_without_pages():
    """The answers name the letter with the option, so a goal holds this form beside the others."""
    assert len(CHOICES) == 5
    for line in CHOICES:
        answer, letter = line["answers"]
        assert f"Answer: {letter}) {answer}" in line["answer"]


def test_each_turn_of_react_holds_an_action():
    dialect = EnvironmentRuntime.of(
        "search", EnvironmentConfig(), dialect="brackets", episodes=1, needs_engine=True
    ).dialect
    for line in of("react"):
        assert [s.error for s in dialect.parse(Reply(text=line["answer"])).spoken] == [""]


def test_each_reflection_is_data():
    assert all(fit(line["answer"], Reflection)[0].reflection for line in of("reflection"))


@pytest.mark.parametrize("line", of("voice"), ids=range(5))
def test_a_voice_keeps_the_facts_of_its_record(line):
    model = scripted(line["answer"])
    question = asyncio.run(voiced(model, record(line)))
    assert len(model.requests) == 1 and question.voice == fit(line["answer"], Voiced)[0].question
