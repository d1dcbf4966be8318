"""The expert's plan: it shows every sentence of the goal's support, says why, and cites the page; and what it cannot plan."""

import asyncio

import pytest
from numpy.random import default_rng

from simenv.plugins import environment
from simenv.plugins.environments.search.tasks.planner import plan, search_world
from simenv.plugins.environments.search.tasks.slips import slips
from simenv.types import Action
from tests.environments.search.conftest import GOAL, TASK


def calls(moves):
    return [(m.action.name, *m.action.arguments.values()) for m in moves]


def task(**goal):
    return TASK.model_copy(update={"goal": {**GOAL, **goal}})


def test_a_plan_shows_each_sentence_and_cites_the_page_of_the_answer(play):
    world, _ = play()
    before = world.facts()
    moves = plan(world, TASK)
    assert calls(moves) == [
        ("search", "Kest Labs founder"), ("open", "p1"), ("search", "Ann Lee born"), ("open", "p2"),
        ("finish", "3 May 1870", "p2"),
    ]  # fmt: skip
    assert world.facts() == before
    assert "the page Kest Labs: " in moves[2].thought and "She was born on 3 May 1870" in moves[-1].thought
    assert all(move.thought for move in moves)


def test_a_sentence_that_an_open_page_does_not_show_is_looked_up_by_its_keyword_or_its_rarest_word(play):
    world, _ = play(sentences=1)
    assert ("lookup", "born") in calls(plan(world, TASK))
    bare = task(support=[{k: v for k, v in s.items() if k != "keyword"} for s in GOAL["support"]])
    looked = [c[1] for c in calls(plan(world, bare)) if c[0] == "lookup"]
    assert looked == ["ann", "1870"]


def test_a_plan_goes_on_from_where_the_world_is(play):
    world, _ = play(("search", "Kest Labs founder"), ("open", "p1"), ("search", "Ann Lee born"))
    assert calls(plan(world, TASK)) == [("open", "p2"), ("finish", "3 May 1870", "p2")]


def test_a_page_without_a_span_is_opened_and_one_that_no_search_finds_by_its_id(play):
    world, _ = play(results=1)
    moves = calls(plan(world, task(support=[{"page": "p4", "query": "zebra"}])))
    assert moves[-2:] == [("open", "p4"), ("finish", "3 May 1870", "p4")]
    keyword = calls(plan(world, task(support=[{"page": "p2", "query": "Ann Lee chemist", "keyword": "married"}])))
    assert keyword[-2] == ("lookup", "married")


def test_what_rests_on_nothing_or_on_a_lost_page_has_no_plan(play):
    world, _ = play()
    assert plan(world, task(support=[])) is None
    assert plan(world, task(support=[{"page": "p9"}])) is None
    with pytest.raises(TypeError, match="the expert plans in a Search, not in a object"):
        search_world(object())


def test_slips_are_other_calls_of_the_same_kind_and_never_the_answer(play):
    world, _ = play(("search", "Ann Lee"), ("open", "p2"))
    right = Action(name="finish", arguments={"answer": "3 May 1870"})
    answers = {a.arguments["answer"] for a in slips(world, TASK, right) if a.name == "finish"}
    assert {"unknown", "Ann Lee", "1870", "40"} <= answers and not answers & {"3 May 1870", "1870-05-03"}
    opened = {a.arguments["page"] for a in slips(world, TASK, Action(name="open", arguments={"page": "p2"}))
              if a.name == "open"}  # fmt: skip
    assert opened and "p2" not in opened
    words = [a.arguments["keyword"] for a in slips(world, TASK, Action(name="lookup", arguments={"keyword": "born"}))
             if a.name == "lookup"]  # fmt: skip
    assert words == sorted(words) and "chemist" in words


def test_an_example_is_small(play):
    teacher = environment("search").procedural
    found = teacher(teacher.Options(difficulty=5)).example("e", default_rng(3))
    assert len(found.spec["passages"]) <= 12
    world = environment("search").world()
    asyncio.run(world.reset(found))
    assert plan(world, found) is not None
