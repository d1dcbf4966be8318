"""What the engine cannot do is nobody's mistake: for the world, the hook and the filter that look for mistakes, the checker."""

import asyncio

import pytest

from simenv.plugins import environment
from simenv.plugins.filters.mistakes import Mistakes, MistakesOptions
from simenv.types import Action, Move
from tests.helpers.comparisons import verdict
from tests.helpers.mistakes import finish, new_episode, task_of

from .small_world import open_world, sql
from .test_compare import at
from .test_definitions import OWN as DEFINITIONS
from .test_refusals import OWN as STATEMENTS

REFUSED = "SELECT RAND()"
LIMIT = "SELECT id FROM items WHERE id IN (SELECT id FROM items LIMIT 1)"


def trajectory(query):
    look = Move(thought="I look.", action=Action(name="execute_sql", arguments={"query": query}))
    return asyncio.run(finish(new_episode("db", task_of("db", 1), at=0, detour=look)))


async def test_a_refusal_of_the_engines_is_valid_and_mysqls_own_of_the_same_number_is_not():
    world = await open_world()
    ours, mysqls = await sql(world, REFUSED), await sql(world, LIMIT)
    assert not ours.invalid and "limit here" in ours.text and "(42000)" in ours.text
    assert mysqls.invalid and mysqls.text.startswith("ERROR 1235")


def test_no_hook_and_no_filter_takes_a_refusal_for_a_mistake():
    t = trajectory(REFUSED)
    assert "limit here" in t.steps[0].observation.text
    assert t.grade.success and t.mistake is None
    assert not Mistakes(MistakesOptions()).judge(t).mask


def test_an_error_of_the_same_number_that_mysql_gives_is_a_mistake():
    t = trajectory("SELECT 1 WHERE 1 IN (SELECT 1 LIMIT 1)")
    assert t.mistake is not None and t.mistake.step == 0


def test_the_checker_judges_no_claim_against_a_refusal():
    scene = at(REFUSED)
    for text in ("[(0.5,)]", "ERROR 1064 (42000): You have an error in your SQL syntax"):
        assert verdict("db", scene, text) == "unverifiable"


@pytest.mark.parametrize("statement", (*STATEMENTS, *DEFINITIONS))
def test_nothing_that_the_engine_refuses_is_called_malformed(statement):
    action = Action(name="execute_sql", arguments={"query": statement})
    assert environment("db").comparison().malformed(action) == ""
