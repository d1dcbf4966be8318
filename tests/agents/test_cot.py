"""Chain of thought: one prompt from a template, one reply, and both as a turn in the dialect of the run."""

import asyncio

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.config import Experiment
from simenv.errors import ConfigError
from simenv.models.clients.scripted import scripted
from simenv.rollout.run import Rollout
from simenv.types import Task

TASK = Task(
    id="q",
    environment="search",
    instruction="How high is Mount Kest?",
    spec={"passages": [{"id": "p1", "title": "Mount Kest", "text": "Mount Kest is 2,310 metres high."}]},
    goal={"answers": ["2,310 metres"]},
)


def played(*said, dialect="react", **options):
    e = {"environments": ["search"], "agent": {"name": "cot", **options}, "dialect": dialect}
    model = scripted(*said)
    return asyncio.run(Rollout(Experiment.model_validate(e), model=model).episode(TASK)), model


@pytest.mark.parametrize("dialect", ["react", "tools", "brackets"])
@pytest.mark.parametrize(
    "line", ["Answer: 2,310 metres", "**Answer:** 2,310 metres", "The final answer is: 2,310 metres"]
)
def test_thoughts_and_answer_become_one_turn(dialect, line):
    t, model = played(f"Mount Kest is a mountain.\nSo I know its height.\n{line}", dialect=dialect)
    assert t.grade.success and len(t.steps) == 1 and t.steps[0].action.name == "finish"
    [message] = model.requests[0].messages
    assert TASK.instruction in message.content and "step by step" in message.content and not model.requests[0].tools
    assert "So I know its height." in (t.steps[0].thought or t.messages[-1].content)


def test_a_reply_without_an_answer_is_told_so_and_may_be_mended():
    t, model = played("I do not know yet.", "Now I do.\nAnswer: 2,310 metres")
    assert t.grade.success and t.steps[0].observation.invalid and len(model.requests[1].messages) == 3


def test_the_users_template_is_the_prompt(tmp_path):
    path = tmp_path / "mine.j2"
    path.write_text("{{ instructions }} Q: {{ question }}\nEnd with Answer: …")
    _, model = played("Answer: 2,310 metres", template=str(path), instructions="You are a geographer.")
    assert model.requests[0].messages[0].content.startswith("You are a geographer. Q: How high is Mount Kest?")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a\n{{ question", ":2: "),
        ("a\n\n{{ answer }}", ":3: 'answer' is undefined"),
        ("{{ question.nothing.more }}", ":1: "),
        ("a\n{{ 1 / 0 }}", ":2: division by zero"),
        ("{{ ''.__class__.__mro__ }}", ":1: "),
        ("{{ 'a' * 1000000000 }}", ":1: the operator"),
        ("{{ 9 ** 9 ** 9 }}", ":1: the operator"),
        ("{% for i in range(99999) %}{{ question }}{% endfor %}", "longer than"),
        ("{{ cycler }}{% include 'x' %}", ":1: "),
        ("", "renders to nothing"),
    ],
)
def test_a_template_that_does_not_render_is_refused_before_the_run(tmp_path, source, told):
    path = tmp_path / "bad.j2"
    path.write_text(source)
    with pytest.raises(ConfigError) as e:
        played("Answer: x", template=str(path))
    assert str(path) in str(e.value) and told in str(e.value)


def test_where_no_answer_is_taken_in_words_it_says_so():
    e = Experiment.model_validate({"environments": ["household"], "agent": "cot"})
    rollout = Rollout(e, model=scripted("x"))
    task = plugins.environment("household").procedural().make("h", default_rng(1))
    with pytest.raises(ConfigError, match="agent=react acts there"):
        asyncio.run(rollout.run_with_forks(task))
