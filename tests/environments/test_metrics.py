"""What AgentBench's results hold of a sample of each environment, and the measures over all of them."""

import pytest

from simenv.metrics import Metrics, Sample
from simenv.plugins import environment
from simenv.types import Action, Grade, Message, Observation, Step, Task

TASK = Task(id="t", environment="x", kind="INSERT", instruction="", spec={}, goal={}, source="data/dev.json: [7]")


def of(name):
    return environment(name).metrics


def sample(*turns, answer=None, task=TASK, opened=True, **grade):
    """Turns of an action (or None), a reply, and what came of it."""
    messages, steps = [Message(role="user", content="begin")] if opened else [], []
    for action, reply, seen in turns:
        messages.append(Message(role="assistant", content=reply))
        steps.append(Step(message=len(messages) - 1, action=action, observation=seen))
        messages.append(Message(role="user", content=seen.text))
    given = Grade(success=grade.pop("success", False), progress=0.0, metrics=grade)
    return Sample(task, tuple(messages), tuple(steps), answer, given)


def act(name, **arguments):
    return Action(name=name, arguments=arguments)


def test_an_os_sample_tells_its_file_and_place():
    assert of("os").record(sample()) == {"file": "data/dev.json", "index_in_file": 7}
    for source in ("data/dev.json", "[7]", "a: [x]", ""):
        assert of("os").record(sample(task=TASK.model_copy(update={"source": source}))) == {}


def test_an_alfworld_sample_has_a_line_for_each_round():
    seen = Observation(text="a desk", choices=("look", "go"))
    turns = [(act("go", action="go to desk 1"), "THOUGHT", seen), (None, "what?", Observation(text="say again")),
             (act("look"), "look", Observation(text="done"))]  # fmt: skip
    won = of("household").record(sample(*turns, success=True))
    assert won["init_prompt"] == "begin"
    assert won["log"] == [
        {"round": 1, "output": "THOUGHT", "action": "go to desk 1", "admissible_commands": [], "observation": "a desk",
         "done": False},
        {"round": 2, "output": "what?", "action": "", "admissible_commands": ["look", "go"], "observation": "say again",
         "done": False},
        {"round": 3, "output": "look", "action": "look", "admissible_commands": [], "observation": "done", "done": True},
    ]  # fmt: skip
    assert not of("household").record(sample(*turns))["log"][-1]["done"]
    assert of("household").record(sample()) == {"init_prompt": "begin", "log": []}
    assert of("household").record(sample(opened=False)) == {"init_prompt": "", "log": []}


def test_a_web_sample_has_its_rounds_and_its_reward():
    turns = [(act("click", element="buy", n=2), "buy it", Observation(text="ok")), (None, "?", Observation(text="no"))]
    told = of("web").record(sample(*turns, reward=0.5))
    assert told["reward"] == 0.5
    assert told["history"] == [
        {"observation": "begin", "response": "buy it", "action": "click[buy, 2]"},
        {"observation": "ok", "response": "?", "action": None},
    ]
    assert of("web").record(sample(success=True))["reward"] == 1.0
    assert of("web").record(sample(*turns[:1], opened=False))["history"][0]["observation"] == ""


def test_rewards_are_means_over_all_samples():
    results = [{"reward": 1.0}, {"reward": 0.5}, {}, {"reward": "x"}]
    assert of("web").overall(results)["reward"] == 0.375
    assert "reward" not in of("web").overall([{}]) and of("web").overall([])["overall"]["total"] == 0


def test_a_sample_of_the_knowledge_graph_tells_its_answer_and_calls():
    turns = [
        (act("get_relations", variable="Goat"), "", Observation(text="[a]")),
        (act("get_neighbors", variable="Goat", relation="a"), "", Observation(text="no", invalid=True)),
        (None, "", Observation(text="?")),
        (act("answer", variable="#0"), "", Observation(text="")),
    ]
    told = of("kg").record(sample(*turns, answer=["m.1"]))
    assert told == {"predict": ["m.1"], "actions": ["get_relations(Goat)"]}
    assert of("kg").record(sample(answer="x"))["predict"] == []


def test_the_knowledge_graph_counts_a_sample_without_a_result_as_nothing():
    results = [{"metrics": {"f1": 1.0, "exact": True, "executable": 1}}, {"metrics": {"f1": 0.5}}, {"metrics": 7}, {}]
    assert of("kg").overall(results) == {"main": 0.375, "F1": 0.375, "EM": 0.25, "executability": 0.25}
    assert of("kg").overall([]) == {"main": 0.0, "F1": 0.0, "EM": 0.0, "executability": 0.0}


def test_dbbench_counts_by_type_and_takes_the_mean_of_three_groups():
    db = of("db")
    assert db.result(TASK, Grade(success=True, progress=1.0), 7) == {
        "answer": "7", "type": "INSERT", "error": "", "result": True,
    }  # fmt: skip
    assert db.result(TASK, Grade(success=False, progress=0.0), None)["answer"] == ""
    kinds = [
        ("INSERT", True),
        ("INSERT", False),
        ("UPDATE", True),
        ("counting", True),
        ("other", False),
        ("counting", 1),
    ]
    told = db.overall([{"type": k, "result": r} for k, r in kinds] + [{}])
    assert (told["INSERT_accuracy"], told["UPDATE_accuracy"], told["other_accuracy"]) == (0.5, 1.0, 0.0)
    assert told["SELECT_accuracy"] == pytest.approx(1 / 3)  # a result that is not true counts as wrong
    assert told["overall_cat_accuracy"] == pytest.approx((1 / 3 + 0.5 + 1) / 3)
    assert db.overall([])["overall_cat_accuracy"] == 0.0


def test_an_environment_without_measures_of_its_own_counts_successes_and_means():
    own = Metrics.of(None)
    results = [
        {"result": 1, "metrics": {"a": 1.0}},
        {"result": 0, "metrics": {"a": 0.5, "b": "x"}},
        {"result": "1"},
        {},
    ]
    assert own.overall(results) == {
        "a": 0.375, "b": 0.0,
        "overall": {"total": 4, "pass": 1, "wrong": 3, "acc": 0.25, "success_rate": 0.25},
    }  # fmt: skip
    assert own.record(sample()) == {}
    assert own.result(TASK, Grade(success=True, progress=0.5, metrics={"m": 1.0}), None) == {
        "result": 1, "progress": 0.5, "metrics": {"m": 1.0},
    }  # fmt: skip
