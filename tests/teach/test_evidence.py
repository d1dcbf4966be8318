"""Gold follows from evidence: a solution must do each of its steps, and show the answer that it gives, in two worlds alike."""

import pytest

from simenv import plugins
from simenv.models.clients.scripted import scripted
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Move, Task
from tests.helpers.teaching import teaching_run
from tests.teach.planted import BERTHS, DB, LONGER, OS, PLANTED, SHIPS, berths, draft, move, ships

CASES = [(env, kind) for env, drafts in PLANTED.items() for kind in drafts]


async def judged(value, **options):
    """The verdict of the review on a draft."""
    name = value["environment"]
    if lack := plugins.environment(name).world().missing():
        pytest.skip(lack)
    run = teaching_run(scripted("x"), name, tasks=1, **options)
    return await run.authors[name].judge(value, run.assignments[name][0], 0)


def task(value):
    return Task.model_validate({"id": "t", **value})


async def admitted(value, name=None):
    environment = plugins.environment(name or value["environment"])
    world = environment.world()
    if lack := world.missing():
        pytest.skip(lack)
    try:
        return await admit(world, environment, task(value))
    finally:
        await world.close()


def test_wrong_gold_is_planted_six_times_in_each_environment():
    assert all(len(drafts) - 1 >= 6 for drafts in PLANTED.values())


@pytest.mark.parametrize(("environment", "kind"), CASES)
async def test_planted_wrong_gold_is_refused_for_its_cause_and_right_gold_is_not(environment, kind):
    if kind == "right":
        assert isinstance(await judged(PLANTED[environment][kind]), Task)
        return
    cause, value = PLANTED[environment][kind]
    verdict = await judged(value)
    assert isinstance(verdict, Rejected) and verdict.cause == cause, verdict


async def test_the_reason_names_what_was_shown_and_what_was_given():
    counted = await judged(DB["count off by one"][1])
    assert "shows [(4,)]" in counted.reason and "submits ['5']" in counted.reason
    assert "the goal says the same as the solution" in counted.reason
    failing = await judged(DB["failing step"][1])
    assert "step 1 of the solution fails" in failing.reason and "lenght" in failing.reason


async def test_solution_and_goal_are_told_apart_where_they_differ():
    goal = await judged(ships(LONGER, 5, SHIPS_QUERY, says=4))
    assert goal.cause == "gold" and "the goal is at fault" in goal.reason
    solution = await judged(ships(LONGER, 4, SHIPS_QUERY, says=5))
    assert solution.cause == "gold" and "The solution is at fault" in solution.reason
    assert [f.cause for f in solution.also] == ["evidence"]


SHIPS_QUERY = "SELECT COUNT(*) FROM ships WHERE length_m > 100"
NONE_LOST = "How many berths in /srv/harbour/berths.txt are lost? Answer with the number only."
LOST = "grep -c lost /srv/harbour/berths.txt"


@pytest.mark.parametrize(
    "value",
    [
        ships("How many ships are longer than 900 metres?", 0, "SELECT COUNT(*) FROM ships WHERE length_m > 900"),
        draft(
            "db",
            "What is the greatest length of a ship at berth Z9?",
            {"tables": [SHIPS]},
            {"answer": [None]},
            move("execute_sql", query="SELECT MAX(length_m) FROM ships WHERE berth = 'Z9'"),
            move("commit_final_answer", answers=["null"]),
        ),
        berths(NONE_LOST, "0", LOST),
    ],
)
async def test_a_true_answer_of_0_or_none_is_kept_where_it_is_shown_and_not_in_a_draft(value):
    assert isinstance(await admitted(value), Task)
    assert (await judged(value)).cause == "cheat"


async def test_a_0_that_nothing_shows_is_a_cheat():
    unseen = ships("How many ships are longer than 900 metres?", 0)
    assert (await admitted(unseen)).cause == "cheat"
    other = ships("How many ships are longer than 900 metres?", 0, SHIPS_QUERY)
    assert {f.cause for f in (await admitted(other)).faults} >= {"cheat", "evidence"}


async def test_the_label_of_a_benchmark_may_be_a_solution_without_steps():
    assert isinstance(await admitted(DB["never shown"][1]), Task)
    assert isinstance(await admitted(OS["never shown"][1]), Task)


SAME_NUMBER = {"language": "python", "code": "from sys import argv; exit(int(argv[1]) != int(argv[2]))"}
RANDOM = {
    "environment": "os",
    "instruction": "Tell me the number in /root/x.",
    "spec": {"files": [], "init": [{"code": "echo $RANDOM$RANDOM > /root/x"}]},
    "goal": {"example": {"code": "cat /root/x"}, "checks": [None, SAME_NUMBER]},
}


async def test_an_answer_that_each_world_draws_anew_is_left_to_the_expert_in_the_world_that_is_played():
    verdict = await admitted(RANDOM)
    assert isinstance(verdict, Task) and verdict.solution == ()
    environment = plugins.environment("os")
    world = environment.world()
    await world.reset(verdict)
    plan = await world.call(environment.expert().plan, world, verdict)
    seen = [await world.step(m.action) for m in plan]
    assert (await world.grade(seen[-1].answer)).success and seen[-1].answer == seen[-2].text
    await world.close()


async def test_an_answer_that_is_another_one_at_each_look_is_refused():
    drawn = RANDOM | {"goal": {**RANDOM["goal"], "example": {"code": "echo $RANDOM$RANDOM"}}}
    assert (await admitted(drawn)).cause in ("gold", "volatile")


async def test_a_day_that_is_given_is_no_clock():
    script = 'date -d "$(head -n 1 /srv/day)" +%A'
    files = [BERTHS, {"path": "/srv/day", "content": "2025-03-03\n"}]
    assert isinstance(
        await judged(berths("Which weekday is the day in /srv/day?", "Monday", script, files=files)), Task
    )


async def test_what_the_expert_finds_is_not_doubted():
    value = {k: v for k, v in DB["right"].items() if k != "solution"} | {"solution": []}
    verdict = await admitted(value)
    assert isinstance(verdict, Task) and all(isinstance(m, Move) for m in verdict.solution)


async def test_one_line_may_hold_more_than_the_answer():
    """`wc -l FILE` names the file beside the number."""
    question = "How many lines has /srv/harbour/berths.txt?"
    assert isinstance(await judged(berths(question, "6", "wc -l /srv/harbour/berths.txt")), Task)
