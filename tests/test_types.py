"""The data formats: published, versioned, equal for equal values."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

import simenv.runs.schema
from simenv.plugins import load
from simenv.statistics import wilson
from simenv.types import Action, Grade, Message, Observation, Step, Stop, Task, Timing, Trajectory, Usage, digest

PUBLISHED = Path(simenv.runs.schema.__file__).with_name("trajectory.schema.json")


def trajectory(**changes):
    fields = {
        "version": "2",
        "id": "t.0", "task": "t", "environment": "counter", "seed": 0, "agent": "expert", "dialect": "react",
        "messages": (Message(role="user", content="go"),), "stop": Stop.submitted, "timing": Timing(started="now", seconds=1.0),
        "steps": (Step(message=0, action=None, observation=Observation(text="x", invalid=True)),),
        "grade": Grade(success=True, progress=1.0),
    }  # fmt: skip
    return Trajectory(**{**fields, **changes})


def test_the_published_schema_is_the_present_one():
    text = PUBLISHED.read_text()
    assert json.loads(text) == simenv.runs.schema.schema(), (
        "run: python -m simenv.runs.schema > simenv/runs/trajectory.schema.json"
    )


def test_a_written_trajectory_fits_the_published_schema_and_comes_back():
    line = trajectory().model_dump_json(exclude_defaults=True)
    Draft202012Validator(json.loads(PUBLISHED.read_text())).validate(json.loads(line))
    assert Trajectory.model_validate_json(line) == trajectory()


def test_turns_are_the_messages_that_steps_came_from():
    def step(message, action="a", invalid=False):
        made = Action(name=action) if action else None
        return Step(message=message, action=made, observation=Observation(text="", invalid=invalid))

    messages = tuple(
        Message(role=r, content="") for r in ("user", "assistant", "tool", "tool", "assistant", "assistant")
    )
    t = trajectory(messages=messages, steps=(step(1), step(1, invalid=True), step(4, None, True)))
    assert [(turn.message_index, turn.first_step, len(turn.steps)) for turn in t.turns] == [(1, 0, 2), (4, 2, 1)]
    assert [(turn.acted, turn.invalid) for turn in t.turns] == [(True, False), (False, True)]
    assert t.turns[0].message is messages[1] and "turns" not in t.model_dump()
    assert trajectory(messages=messages, steps=()).turns == ()


def test_data_is_frozen_and_closed():
    with pytest.raises(ValidationError):
        trajectory().seed = 1
    with pytest.raises(ValidationError, match="colour"):
        Task.model_validate({"id": "t", "environment": "e", "instruction": "", "spec": {}, "goal": {}, "colour": 1})
    with pytest.raises(ValidationError):
        trajectory(version="3")


def test_equal_values_have_equal_digests():
    assert digest({"a": 1, "b": [1, None]}) == digest({"b": [1, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"}) and len(digest("\ud800")) == 64


def test_text_that_utf8_cannot_hold_is_repaired_on_the_way_in():
    assert Observation(text="a\ud800ü").text == "a?ü"


def test_usage_adds_up():
    assert Usage(input_tokens=1, cost=0.5) + Usage(input_tokens=2, calls=1) == Usage(input_tokens=3, cost=0.5, calls=1)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 0, 0, 1), (0, 10, 0, 0.2775), (10, 10, 0.7225, 1), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_intervals(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_the_wrong_answer_filter():
    kind = load("filters", "wrong_answer")
    wrong = trajectory(grade=Grade(success=False, progress=0.5))
    assert [kind().judge(t).decision for t in (trajectory(), wrong, trajectory(grade=None))] == ["keep", "drop", "drop"]
    assert kind(kind.Options(progress=0.5)).judge(wrong).decision == "keep"
