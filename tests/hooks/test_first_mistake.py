"""Where an episode went wrong: nobody is blamed for looking around, a slip is found where it was made."""

import asyncio

import pytest
from numpy.random import default_rng

from simenv.env import Limits
from simenv.hooks.first_mistake import FirstMistake, FirstMistakeOptions
from simenv.hooks.takeover import Takeover, TakeoverOptions
from simenv.models.clients.scripted import scripted
from simenv.types import Action, Move, Stop
from tests.helpers.mistakes import finish, matters, new_episode, task_of

FAST = ("db", "household", "kg", "web")
LOOKS = {
    "db": Action(name="execute_sql", arguments={"query": "SELECT 1"}),
    "household": Action(name="take_action", arguments={"action": "look"}),
}


def run(environment, number, hooks=((FirstMistake, FirstMistakeOptions()),), **given):
    return asyncio.run(finish(new_episode(environment, task_of(environment, number), hooks, seed=number, **given)))


@pytest.mark.parametrize("environment", FAST)
def test_an_expert_is_never_blamed(environment):
    for number in range(10 if environment == "web" else 25):
        t = run(environment, number)
        assert t.grade.success and t.mistake is None, t.mistake


@pytest.mark.parametrize("environment", ["db", "household"])
def test_looking_around_is_no_mistake(environment):
    look = Move(thought="I look.", action=LOOKS[environment])
    for number in range(15):
        t = run(environment, number, at=number % 2, detour=look)
        assert t.steps[number % 2].action == LOOKS[environment]
        assert t.grade.success and t.mistake is None, t.mistake


def test_a_relation_list_nobody_needs_is_no_mistake():
    for number in range(10):
        task = task_of("kg", number)
        other = next(e["name"] for i, e in task.spec["graph"]["entities"].items() if e["name"] not in task.instruction)
        look = Move(thought="I look.", action=Action(name="get_relations", arguments={"variable": other}))
        t = asyncio.run(finish(new_episode("kg", task, at=0, detour=look)))
        if not t.steps[0].observation.invalid:
            assert t.grade.success and t.mistake is None


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize("environment", FAST)
def test_a_slip_that_matters_is_found_where_it_was_made_and_taken_over_from(environment, blind):
    found = rescued = mattered = 0
    hooks = ((FirstMistake, FirstMistakeOptions()), (Takeover, TakeoverOptions()))
    for number in range(8 if environment == "web" else 12):
        task = task_of(environment, number)
        at = int(default_rng([number, 7]).integers(len(task.solution)))
        slip = {"at": at, "blind": blind, "format": number % 5 == 0, "limits": Limits(max_turns=len(task.solution) + 9)}
        t = run(environment, number, **slip)
        if not matters(t, at, len(task.solution)):
            continue
        mattered += 1
        found += t.mistake is not None and t.mistake.step == at
        rescued += run(environment, number, hooks, **slip).grade.success
    assert mattered >= 4 and found >= mattered - 1 and rescued >= mattered - 1


def test_the_mistaken_turn_loses_its_loss_and_no_other_does():
    t = run("db", 1, at=1, format=True)
    assert t.mistake.by == "engine" and t.mistake.reason.startswith("format") and t.mistake.severity == "recoverable"
    wrong = t.steps[t.mistake.step].message
    assert [i for i, m in enumerate(t.messages) if m.role == "assistant" and not m.train] == [wrong]
    kept = run("db", 1, ((FirstMistake, FirstMistakeOptions(mask=False)),), at=1, format=True)
    assert kept.mistake == t.mistake and all(m.train for m in kept.messages if m.role == "assistant")


def test_a_wrong_answer_is_fatal_and_takeover_opens_the_episode_again():
    wrong = Move(thought="done", action=Action(name="commit_final_answer", arguments={"answers": ["no such value"]}))
    task = next(t for t in (task_of("db", n) for n in range(50)) if "answer" in t.goal)
    hooks = ((FirstMistake, FirstMistakeOptions()), (Takeover, TakeoverOptions()))
    t = asyncio.run(finish(new_episode("db", task, hooks[:1], at=1, detour=wrong)))
    assert (t.stop, t.grade.success, t.mistake.step, t.mistake.severity) == (Stop.submitted, False, 1, "fatal")
    t = asyncio.run(finish(new_episode("db", task, hooks, at=1, detour=wrong)))
    assert t.grade.success and t.mistake is None
    [change] = t.interventions
    assert (change.hook, change.kind, change.author, change.step) == ("takeover", "rewind", "teacher", 1)
    assert "no such value" in change.discarded[0].content
    assert [(m.author, m.train) for m in t.messages if m.role == "assistant"][:2] == [
        ("agent", True),
        ("teacher", True),
    ]


def test_a_teacher_may_hand_back_after_a_turn():
    hooks = ((FirstMistake, FirstMistakeOptions()), (Takeover, TakeoverOptions(turns=1)))
    t = run("household", 3, hooks, at=1, format=True)
    authors = [m.author for m in t.messages if m.role == "assistant"]
    assert t.grade.success and authors[:3] == ["agent", "teacher", "agent"] and authors.count("teacher") == 1


def test_without_an_expert_the_solution_tells_and_detours_are_forgiven():
    by = ((FirstMistake, FirstMistakeOptions(by=("solution",))),)
    wrong = Move(thought="done", action=Action(name="commit_final_answer", arguments={"answers": ["no such value"]}))
    task = next(t for t in (task_of("db", n) for n in range(50)) if "answer" in t.goal and len(t.solution) > 2)
    assert asyncio.run(finish(new_episode("db", task, by))).mistake is None
    t = asyncio.run(finish(new_episode("db", task, by, at=1, detour=wrong)))
    assert (t.mistake.by, t.mistake.step, t.mistake.severity) == ("solution", 1, "fatal")


def test_a_judge_reads_the_whole_episode_only_where_it_failed():
    judge = scripted('{"step": 1, "reason": "it guessed", "recoverable": false}', repeat=True)
    by = ((FirstMistake, FirstMistakeOptions(by=("judge",))),)
    task = next(t for t in (task_of("db", n) for n in range(50)) if "answer" in t.goal)
    assert asyncio.run(finish(new_episode("db", task, by, judge))).mistake is None and not judge.requests
    wrong = Move(thought="done", action=Action(name="commit_final_answer", arguments={"answers": ["no such value"]}))
    t = asyncio.run(finish(new_episode("db", task, by, judge, at=1, detour=wrong)))
    assert (t.mistake.by, t.mistake.step, t.mistake.reason, t.mistake.severity) == ("judge", 1, "it guessed", "fatal")
    assert "no such value" in judge.requests[0].messages[0].content and t.usage.calls == 1


def test_a_judge_who_names_no_step_blames_none():
    judge = scripted('{"step": 77, "reason": "somewhere"}', repeat=True)
    by = ((FirstMistake, FirstMistakeOptions(by=("judge",))),)
    task = next(t for t in (task_of("db", n) for n in range(50)) if "answer" in t.goal)
    wrong = Move(thought="done", action=Action(name="commit_final_answer", arguments={"answers": ["no such value"]}))
    assert asyncio.run(finish(new_episode("db", task, by, judge, at=1, detour=wrong))).mistake is None
    mute = scripted("I cannot say", repeat=True)
    t = asyncio.run(finish(new_episode("db", task, by, mute, at=1, detour=wrong)))
    assert t.stop is Stop.error and "no JudgeAnswer in 3 answers" in t.error
