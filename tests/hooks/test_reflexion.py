"""Reflexion: a failed trial is reflected on, remembered, and followed by another, each of them a branch in the record."""

import asyncio

import pytest

from simenv.config import Experiment
from simenv.errors import ConfigError
from simenv.models.clients.scripted import scripted
from simenv.rollout.run import Rollout
from simenv.types import Task, Usage
from tests.helpers.counter import react

TASK = Task(
    id="t",
    environment="counter",
    instruction="Bring the counter to 12, then report it.",
    spec={"start": 5},
    goal={"value": 12, "answer": 12},
)
ADD, REPORT, WRONG = react("add", 7), react("report", 12), react("report", 5)
FIRST, SECOND = '{"reflection": "I did not add anything."}', '{"reflection": "I must add seven first."}'


def family(*said, model=None, **options):
    e = {"environments": ["counter"], "agent": "react", "hooks": [{"name": "reflexion", **options}]}
    model = model or scripted(*said, usage=Usage(input_tokens=10, output_tokens=5, calls=1))
    return asyncio.run(Rollout(Experiment.model_validate(e), model=model).run_with_forks(TASK)), model


def test_a_failed_trial_is_followed_by_one_that_knows_what_was_noted():
    (second, first), model = family(WRONG, FIRST, ADD, REPORT)
    assert not first.grade.success and second.grade.success
    assert (second.branch.parent, second.branch.turn, second.branch.continuation) == (first.id, 0, "trial 2")
    assert [m.content for m in first.messages if m.role == "assistant"] == [WRONG]
    shown = [[m.content for m in r.messages if "I did not add anything." in m.content] for r in model.requests[2:]]
    assert [len(s) for s in shown] == [1, 1]
    assert not any("I did not add" in m.content for m in second.messages)
    assert all(m.author == "agent" and m.train for m in second.messages if m.role == "assistant")
    assert first.interventions[-1].text == "I did not add anything." and first.interventions[-1].author == "agent"


def test_the_reflection_sees_the_trial_and_its_cost_is_counted_apart():
    (_, first), model = family(WRONG, FIRST, ADD, REPORT)
    prompt = model.requests[1].messages[-1].content
    assert WRONG in prompt and "wrong" in prompt and TASK.instruction in prompt
    assert first.teacher_usage.input_tokens == 10 and first.usage.input_tokens == 20


def test_trials_end_at_the_limit_and_remember_all_before_them():
    trials, model = family(WRONG, FIRST, WRONG, SECOND, WRONG, trials=3)
    *forks, first = trials
    assert [t.id for t in forks] == ["t.0~1", "t.0~2"] and not any(t.grade.success for t in trials)
    assert {t.branch.parent for t in forks} == {first.id}
    assert [t.branch.continuation for t in forks] == ["trial 2", "trial 3"]
    last = "\n".join(m.content for m in model.requests[-1].messages)
    assert "I did not add anything." in last and "I must add seven first." in last
    (*_, _), model = family(WRONG, FIRST, WRONG, SECOND, WRONG, trials=3, memory=1)
    last = "\n".join(m.content for m in model.requests[-1].messages)
    assert "I did not add anything." not in last and "I must add seven first." in last


def test_a_success_is_not_reflected_on_and_an_ending_alone_tells_nothing_of_a_wrong_answer():
    (only,), _ = family(ADD, REPORT)
    assert only.grade.success
    (only,), _ = family(WRONG, feedback="ending")
    assert not only.grade.success


def test_words_that_are_no_json_are_taken_as_the_reflection():
    (second, first), _ = family(WRONG, "I forgot to add.", "no", "I ought to add.", ADD, REPORT)
    assert second.grade.success and first.interventions[-1].text == "I ought to add."


def test_it_needs_a_model():
    with pytest.raises(ConfigError, match="'reflexion' needs a model"):
        Rollout(Experiment.model_validate({"environments": ["counter"], "agent": "expert", "hooks": ["reflexion"]}))
