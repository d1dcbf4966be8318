"""Twelve literal trajectories, one at least for every way an episode ends, measured by hand."""

import json

import pytest

from simenv import plugins
from simenv.evaluate.aggregate import DIVISORS, aggregate, overall
from simenv.evaluate.outcome import FAILURES, outcome
from simenv.statistics import wilson
from simenv.types import Action, Grade, Message, Mistake, Move, Observation, Step, Stop, Task, Timing, Trajectory, Usage

SOLUTION = (
    Move(thought="", action=Action(name="execute_sql", arguments={"query": "SELECT name FROM t"})),
    Move(thought="", action=Action(name="commit_final_answer", arguments={"answers": ["Ada Lovelace"]})),
)
KINDS = {"a": "counting", "b": "ranking", "c": "INSERT", "d": "UPDATE"}


def task(name):
    return Task(
        id=name,
        environment="db",
        instruction="Who wrote the notes?",
        kind=KINDS[name],
        spec={},
        goal={},
        solution=SOLUTION,
    )


def step(message, action="execute_sql", invalid=False, query="SELECT 1"):
    made = None if action is None else Action(name=action, arguments={"query": query})
    return Step(message=message, action=made, observation=Observation(text="x", invalid=invalid))


def episode(name, attempt, stop, *steps, success=False, progress=0.0, answer=False, rest=True, last="", **more):
    said = [
        Message(role="assistant", content="thinking", author="agent")
        for _ in range(len({s.message for s in steps}) or 1)
    ]
    said[-1] = said[-1].model_copy(update={"content": last})
    grade = Grade(
        success=success,
        progress=1.0 if success else progress,
        subgoals={"answer": answer, "nothing else changed": rest},
    )
    return Trajectory(
        version="2", id=f"{name}.{attempt}", task=name, environment="db", kind=KINDS[name], attempt=attempt, seed=0,
        agent="react", dialect="react", messages=tuple(said), steps=steps, stop=stop,
        grade=None if stop is Stop.error else grade, timing=Timing(started="now", seconds=2.0),
        usage=Usage(input_tokens=90, output_tokens=10, cost=0.25, calls=1), **more,
    )  # fmt: skip


S = Stop
TWELVE = [
    episode("a", 0, S.submitted, step(0), step(1), success=True, answer=True),
    episode("a", 1, S.submitted, step(0), step(1, action=None), step(2), success=True, answer=True),
    episode("a", 2, S.submitted, step(0), progress=0.5, last='["Charles Babbage"]'),
    episode("b", 0, S.done, step(0), success=True, answer=True),
    episode("b", 1, S.max_steps, step(0, query="1"), step(1, query="2"), step(2, query="3"), last="I wonder"),
    episode("b", 2, S.max_steps, step(0), step(1), step(2)),
    episode(
        "c", 0, S.too_many_invalid, step(0, action=None), step(1, action=None), last="The answer is: Ada LOVELACE."
    ),
    episode("c", 1, S.too_many_invalid, step(0, "fly", invalid=True), step(1, "walk", invalid=True)),
    episode("c", 2, S.invalid_format, step(0, action=None)),
    episode("d", 0, S.context_limit, step(0), mistake=Mistake(step=0, by="expert", severity="fatal")),
    episode("d", 1, S.timeout, step(0), step(1), mistake=Mistake(step=1, by="expert")),
    episode("d", 2, S.error, step(0)),
]


@pytest.fixture(scope="module")
def outcomes():
    return [outcome(t, task(t.task), plugins.environment("db").metrics) for t in TWELVE]


@pytest.fixture(scope="module")
def figures(outcomes):
    return aggregate(outcomes, (1, 3), DIVISORS)["environments"]["db"]


def test_the_twelve_cover_every_way_to_end():
    assert {t.stop for t in TWELVE} == set(Stop)


def test_each_failure_has_its_class(outcomes):
    assert [o.failure for o in outcomes] == [
        "", "", "wrong answer", "", "out of turns", "going in circles", "right answer, wrong form", "not allowed",
        "unreadable", "context limit", "timeout", "engine or model error",
    ]  # fmt: skip
    assert {o.failure for o in outcomes} - {""} <= FAILURES.keys()


def test_rates_leave_errors_out(figures):
    assert (figures["tasks"], figures["episodes"], figures["errors"]) == (4, 11, 1)
    assert figures["success"] == pytest.approx(3 / 11)
    assert figures["credited"] == pytest.approx(4 / 11)
    assert figures["progress"] == pytest.approx((1 + 1 + 0.5 + 1) / 11)
    low, high = figures["success_interval"]
    assert low < 3 / 11 < high


def test_attempts_of_a_task_are_taken_together(figures):
    assert figures["pass"] == {
        "pass@1": pytest.approx((2 / 3 + 1 / 3 + 0 + 0) / 4),
        "pass@3": pytest.approx((1 + 1 + 0) / 3),  # the task with an error has two attempts
        "pass^3": 0.0,
    }


def test_agentbenchs_table_of_outcomes_is_over_all_episodes(figures):
    assert figures["outcomes"] == {
        "completed": pytest.approx(4 / 12), "context limit exceeded": pytest.approx(1 / 12),
        "invalid format": pytest.approx(1 / 12), "invalid action": pytest.approx(2 / 12),
        "task limit exceeded": pytest.approx(3 / 12), "error": pytest.approx(1 / 12),
    }  # fmt: skip


def test_following_instructions_is_apart_from_being_right(figures):
    follows = figures["instruction_following"]
    turns = 2 + 3 + 1 + 1 + 3 + 3 + 2 + 2 + 1 + 1 + 2
    assert follows["readable_turns"] == pytest.approx((turns - 1 - 2 - 1) / turns)
    assert follows["valid_turns"] == pytest.approx((turns - 1 - 2 - 1 - 2) / turns)
    assert follows["finished"] == pytest.approx(4 / 11)
    assert figures["success_where_finished"] == pytest.approx(3 / 4)


def test_agentbenchs_db_metric(figures):
    found = figures["agentbench"]
    assert found["counting_accuracy"] == pytest.approx(2 / 3) and found["ranking_accuracy"] == pytest.approx(1 / 3)
    assert found["SELECT_accuracy"] == pytest.approx(3 / 6)
    assert found["INSERT_accuracy"] == 0 and found["UPDATE_accuracy"] == 0
    assert found["main"] == found["overall_cat_accuracy"] == pytest.approx((0.5 + 0 + 0) / 3)


def test_the_finer_view(figures):
    assert figures["mistakes"] == {
        "episodes": 2, "first_step": 0.5, "by_step": {"0": 1, "1": 1}, "severity": {"fatal": 1, "recoverable": 1},
    }  # fmt: skip
    assert figures["subgoals"] == {"answer": pytest.approx(3 / 11), "nothing else changed": 1.0}
    assert figures["kinds"]["counting"] == {"episodes": 3, "success": pytest.approx(2 / 3)}
    assert (figures["tokens"], figures["cost"]) == (1200, 3.0)
    assert figures["tokens_per_success"] == 400 and figures["cost_per_success"] == 1.0
    assert figures["turns"] == pytest.approx(21 / 11) and figures["seconds"] == 2.0


def test_overall_is_agentbenchs_weighted_mean():
    assert overall({"db": 0.13, "os": 0.216}, DIVISORS) == pytest.approx((1 + 2) / 2)
    assert overall({"db": 0.13, "calendar": 1.0}, DIVISORS) is None, "a task that AgentBench does not weigh"
    assert overall({}, DIVISORS) is None


def test_one_attempt_a_task_has_wilsons_interval(outcomes):
    single = [o for o in outcomes if o.attempt == 0]
    found = aggregate(single, (1,), DIVISORS)["environments"]["db"]
    assert found["success_interval"] == list(wilson(2, 4)) and found["pass"] == {"pass@1": 0.5}


def test_all_or_nothing_has_an_interval_too(outcomes):
    won = [o.model_copy(update={"success": True}) for o in outcomes if not o.error]
    assert aggregate(won, (1,), DIVISORS)["environments"]["db"]["success_interval"] == list(wilson(4, 4))


@pytest.mark.parametrize(
    ("said", "credited"),
    [
        ("Ada Lovelace", True),
        ("it was ada lovelace, I think", True),
        ("Ada", False),
        ("Adalovelace", False),
        ("", False),
    ],
)
def test_credit_for_form_needs_the_whole_answer_in_the_last_words(said, credited):
    t = episode("a", 0, S.submitted, step(0), last=said)
    got = outcome(t, task("a"), plugins.environment("db").metrics)
    assert (got.failure == "right answer, wrong form") is credited


def test_no_credit_where_the_world_was_spoiled_or_chance_would_do():
    spoiled = episode("a", 0, S.submitted, step(0), last="Ada Lovelace", rest=False)
    own = plugins.environment("db").metrics
    assert outcome(spoiled, task("a"), own).failure == "wrong answer"
    digit = SOLUTION[1].model_copy(update={"action": Action(name="commit_final_answer", arguments={"answers": ["7"]})})
    lucky = episode("a", 0, S.submitted, step(0), last="I saw 7 rows")
    assert outcome(lucky, task("a").model_copy(update={"solution": (digit,)}), own).failure == "wrong answer"


def test_a_trajectory_is_measured_by_its_own_task_only():
    with pytest.raises(ValueError, match="unknown task 'a'"):
        outcome(TWELVE[0], task("b"), plugins.environment("db").metrics)


def test_figures_are_json(figures):
    assert json.loads(json.dumps(figures)) == figures


def test_webs_main_metric_is_the_reward_of_webshop_and_success_elsewhere(outcomes):
    def web(*rewards):
        made = [o.model_copy(update={"environment": "web"}) for o in outcomes[: len(rewards)]]
        results = [
            {"metrics": {} if r is None else {"reward": r}, "result": int(o.success)}
            for r, o in zip(rewards, made, strict=True)
        ]
        return aggregate(
            [o.model_copy(update={"result": r}) for o, r in zip(made, results, strict=True)], (1,), DIVISORS
        )

    assert web(1.0, 0.5, 0.0)["environments"]["web"]["agentbench"]["main"] == pytest.approx(0.5)
    assert web(1.0, None, None)["environments"]["web"]["agentbench"]["main"] == pytest.approx(2 / 3), (
        "two of three succeeded"
    )
