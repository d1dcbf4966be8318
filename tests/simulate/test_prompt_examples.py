"""The examples in the prompts of grounded simulators are what the engines say and do, word for word."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Template

from simenv.plugins import environment
from simenv.plugins.environments.household.engine.editions import edition
from simenv.simulate import SimulatorContext
from simenv.simulate.prompted import StatefulLine
from simenv.simulate.state_patch import apply_changes
from simenv.types import Action, Task
from tests.helpers.prompt_moments import grounded

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
GUESTS = {
    "name": "guests", "primary_key": ["id"],
    "columns": [
        {"name": "id", "type": "INT", "nullable": False, "auto_increment": True},
        {"name": "name", "type": "VARCHAR(40)", "nullable": False}, {"name": "paid", "type": "DECIMAL(8,2)"},
        {"name": "born", "type": "DATE"}, {"name": "rating", "type": "DOUBLE"},
    ],
    "rows": [[1, "Ann", "10.50", "1990-05-01", 1.5], [2, "Bo", None, None, None], [3, "Cy", "7.00", None, 3.0]],
}  # fmt: skip
FILMS = {
    "mentions": {"Ada": "e1"},
    "graph": {
        "entities": {"e1": {"name": "Ada"}, "e2": {"name": "Solaris"}, "e3": {"name": "Stalker"}},
        "relations": {
            "film.director.films": {"domain": "people.person", "range": "film.film", "inverse": "film.film.directed_by"},
            "people.person.friend": {"domain": "people.person", "range": "people.person"},
        },
        "attributes": {"film.film.length": {"domain": "film.film", "kind": "number"}},
        "triples": [["e1", "film.director.films", i] for i in ("e2", "e3")] + [["e1", "people.person.friend", "e1"]],
        "values": [["e2", "film.film.length", 166], ["e3", "film.film.length", 162]],
    },
}  # fmt: skip
KITCHEN = {
    "receptacles": {
        "fridge 1": {"contains": ["apple 1", "apple 2", "mug 1"]}, "countertop 1": {"contains": ["knife 1"]}
    },
    "past": {"taken": [], "held": []},
}  # fmt: skip
WORLDS = {
    "db": ({"tables": [GUESTS]}, {"statement": "x", "answer": ["1"]}),
    "kg": (FILMS, {"answers": ["e2"]}),
    "household": (KITCHEN, {"type": "pick_and_place_simple", "object": "knife", "receptacle": "fridge"}),
}

ABOUT = {"household": {"edition": edition("0.3")}}
"""What the examples of a prompt are rendered with."""


def examples(name):
    """(action, what the prompt says the answer is) of each example; an answer is JSON of a line, or an error alone."""
    text = (ENVIRONMENTS / name / "simulate.j2").read_text().split("# Examples", 1)[1].split("\n# ", 1)[0]
    if name in ABOUT:
        text = Template(text).render(ABOUT[name])
    lines = [line for line in text.splitlines() if line and not line.startswith("{%")]
    found = [(_action(name, one), other) for one, other in pairwise(lines) if other.startswith('{"observation"')]
    return found + [(_action(name, m[1]), m[2]) for m in (re.fullmatch(r"(.+) -> (ERROR .+)", s) for s in lines) if m]


def _action(name, text):
    if name == "kg":
        call, _, arguments = text.partition(" ")
        return Action(name=call, arguments=json.loads(arguments))
    kind, key = ("execute_sql", "query") if name == "db" else ("take_action", "action")
    return Action(name=kind, arguments={key: text})


@pytest.mark.parametrize("name", WORLDS)
async def test_what_a_prompt_shows_of_an_engine_is_what_the_engine_does(name):
    world, (spec, goal) = environment(name).world(), WORLDS[name]
    await world.reset(Task(id="t", environment=name, instruction="x", spec=spec, goal=goal))
    for action, answer in examples(name):
        before, seen = await world.state(), await world.step(action)
        if answer.startswith("{"):
            line = StatefulLine.model_validate_json(answer)
            assert (line.observation, line.invalid) == (seen.text, seen.invalid)
            assert apply_changes(before, line.changes) == await world.state(), answer
        else:
            assert answer == seen.text
    await world.close()
    assert len(examples(name)) > 4


ODD = (
    None, "text", [], {}, {"variables": {"#0": 1}, "relations": {}, "attributes": []},
    {"receptacles": {"desk 1": 1}, "objects": 3},
    {"variables": {"#0": {"type": "a", "expression": "(JOIN"}}, "relations": {}, "attributes": {}}, {"guests": {"columns": 1}},
    {"guests": {"columns": ["id"], "types": [], "rows": [1, None]}}, {"receptacles": {}, "objects": {"mug 1": None}},
)  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_whatever_a_model_has_written_as_a_state_can_be_told(name):
    simulator = grounded(name)
    for state in ODD:
        assert simulator.ground(SimulatorContext(spec=WORLDS[name][0], state=state))


def test_a_graph_that_is_not_at_hand_is_told_by_its_mentions():
    state = {"variables": {}, "relations": {}, "attributes": {}}
    told = grounded("kg").ground(SimulatorContext(spec={"mentions": {"Ada": "m.1"}}, state=state))
    assert '"Ada", id m.1' in told


def test_the_prompt_tells_where_the_database_cuts():
    text = (ENVIRONMENTS / "db" / "simulate.j2").read_text()
    assert f"longer than {environment('db').world.Options().max_chars} characters" in text
