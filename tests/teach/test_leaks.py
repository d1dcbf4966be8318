"""What an instruction may not give away, and what it may say all the same."""

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.teach.leaks import leak
from simenv.types import Action, Move, Task

DB = plugins.environment("db").world
QUERY = "SELECT name FROM pets WHERE age = 7"


def task(instruction, environment="db", answers=("Rex",), goal=None, spec=None):
    def move(name, **arguments):
        return Move(thought="", action=Action(name=name, arguments=arguments))

    ways = {
        "db": (move("execute_sql", query=QUERY), move("commit_final_answer", answers=list(answers))),
        "household": (move("take_action", action="take mug 1 from shelf 2"),),
        "kg": (move("get_relations", variable="Rome"), move("answer", variable="#0")),
    }
    goal = {"answer": list(answers)} if goal is None else goal
    return Task(
        id="t", environment=environment, instruction=instruction, spec=spec or {}, goal=goal, solution=ways[environment]
    )


@pytest.mark.parametrize(
    ("instruction", "told"),
    [
        ("Which pet is called Rex?", True),
        ("Which pet is 7, REX perhaps?", True),
        ("Use select name  from pets where age = 7.", True),
        ("Which pet is 7 years old?", False),
        ("Which pet is 7 years old, Rex or Tom?", False),
        ("Which pet is 7 years old, 'Tom' or 'Rex'?", False),
        ("Rexford has pets. Which is 7 years old?", False),
        ("Is T-Rex or a dog older?", False),
    ],
)
def test_an_answer_or_a_command_is_told(instruction, told):
    assert bool(leak(DB, task(instruction))) is told


def test_a_number_among_several_cells_may_be_a_limit_that_the_question_sets():
    question = "Which pets weigh at least 200 grams, and how much?"
    assert leak(DB, task(question, answers=("Tom", "419", "Rex", "200"))) == ""
    assert "'200'" in leak(DB, task(question, answers=("200",)))
    assert "'Rex'" in leak(DB, task("Do Tom and Rex weigh at least 200 grams?", answers=("Rex", "200")))


def test_values_that_a_change_needs_may_be_named():
    assert leak(DB, task("Add a pet called Rex.", goal={"tables": {}})) == ""


def test_a_command_of_the_house_is_told():
    world = plugins.environment("household").world
    assert "take mug 1 from shelf 2" in leak(world, task("Just take mug 1 from shelf 2.", "household", goal={}))
    assert leak(world, task("put a mug on shelf 2.", "household", goal={})) == ""


def test_the_name_behind_an_id_is_told_and_so_is_an_action():
    world = plugins.environment("kg").world
    spec = {"graph": {"entities": {"m.01": {"name": "Tiber"}, "m.02": {"name": "Rome"}}}}
    goal = {"answers": ["m.01"]}
    assert "Tiber" in leak(world, task("Does Rome lie on the Tiber?", "kg", goal=goal, spec=spec))
    assert "get_relations" in leak(world, task("Call get_relations on Rome.", "kg", goal=goal, spec=spec))
    assert leak(world, task("Which river is Rome on?", "kg", goal=goal, spec=spec)) == ""


@pytest.mark.parametrize("name", ["db", "household", "kg", "os", "search", "web"])
def test_no_procedural_task_is_blamed(name):
    environment = plugins.environment(name)
    tasks = [environment.procedural().make("x", default_rng(n)) for n in range(12)]
    assert [leak(environment.world, t) for t in tasks] == [""] * 12
