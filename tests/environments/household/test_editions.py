"""ALFWorld's two editions, as TextWorld plays their games: a command is one of those possible now, letter by letter."""

import asyncio
import json

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.plugins.environments.household.dialects import AgentBench, AgentBenchCalls
from simenv.plugins.environments.household.engine.admissible_commands import admissible
from simenv.plugins.environments.household.engine.commands import NOTHING, perform
from simenv.plugins.environments.household.engine.house import House
from simenv.plugins.environments.household.sources import GameFile
from simenv.plugins.environments.household.teacher import Teacher
from simenv.plugins.environments.household.world import Household
from simenv.teach.admission import admit
from simenv.types import Action, Call, Reply, Task

from .test_loading import GAME

ENV = plugins.environment("household")
PUT = {"0.3": 'template :: "put {o} in/on {r}";', "0.4": 'template :: "move {o} to {r}";'}
SPEC = {
    "receptacles": {"countertop 1": {"contains": ["mug 1", "apple 1"]}, "microwave 1": {}},
    "agent": {"at": "countertop 1"},
}


def game(tmp_path, edition):
    """A game file as that edition makes it: its own grammar has its commands."""
    path = tmp_path / "pick_and_place_simple-Pen-None-Desk-301" / "trial_T1" / "game.tw-pddl"
    path.parent.mkdir(parents=True)
    grammar = f'{GAME["grammar"]}\naction PutObject {{\n    {PUT[edition]}\n    feedback :: "#PutObject.feedback#";\n}}'
    path.write_text(
        json.dumps({**GAME, "grammar": grammar, "pddl_domain": "(define …)", "solvable": True, "walkthrough": []})
    )
    return path


@pytest.mark.parametrize(("edition", "last"), [("0.3", "put pen 1 in/on desk 1"), ("0.4", "move pen 1 to desk 1")])
def test_a_game_is_played_with_the_commands_of_its_own_grammar(tmp_path, edition, last):
    (task,) = GameFile().tasks(game(tmp_path, edition))
    assert task.spec.get("alfworld", "0.3") == edition
    assert task.solution[-1].action.arguments == {"action": last}
    assert isinstance(asyncio.run(admit(Household(), ENV, task)), Task)


@pytest.mark.parametrize(
    ("edition", "command", "answer"),
    [
        ("0.3", "put mug 1 in/on microwave 1", "You put the mug 1 in/on the microwave 1."),
        ("0.4", "move mug 1 to microwave 1", "You move the mug 1 to the microwave 1."),
        ("0.3", "move mug 1 to microwave 1", NOTHING), ("0.4", "put mug 1 in/on microwave 1", NOTHING),
        ("0.4", "move mug 1 in/on microwave 1", NOTHING), ("0.4", "move the mug 1 to the microwave 1", NOTHING),
        ("0.3", "help", NOTHING),
    ],
)  # fmt: skip
def test_each_edition_has_its_own_way_to_put(edition, command, answer):
    house = House(SPEC | {"alfworld": edition})
    for step in ("take mug 1 from countertop 1", "go to microwave 1", "open microwave 1"):
        assert perform(house, step) != NOTHING
    assert perform(house, command) == answer


@pytest.mark.parametrize("edition", ["0.3", "0.4"])
@pytest.mark.parametrize(
    "change",
    [
        str.upper, str.capitalize, lambda c: f"{c}.", lambda c: f"{c} .", lambda c: c.replace(" ", "  "),
        lambda c: c.replace(" in/on ", " in ").replace(" to ", " into "), lambda c: f"> {c}", lambda c: f"{c} and look",
        lambda c: c.replace(" 1", "").strip(), lambda c: c.replace(" ", "\t"), lambda c: f"'{c}'",
    ],
)  # fmt: skip
def test_a_command_that_is_not_possible_letter_by_letter_does_nothing(edition, change):
    """TextWorld looks a command up among the possible ones after taking away blanks around it, and does nothing else."""
    house = House(SPEC | {"alfworld": edition})
    perform(house, "take mug 1 from countertop 1")
    perform(house, "go to microwave 1")
    perform(house, "open microwave 1")
    before = house.describe()
    for command in admissible(house):
        if (changed := change(command)).strip() not in admissible(house):
            assert perform(house, changed) == NOTHING, changed
    assert house.describe() == before
    assert perform(house, f"  {house.layout.edition.put_command('mug 1', 'microwave 1')} \n") != NOTHING


def test_the_later_edition_lists_help_and_tells_where_one_arrives():
    house = House(SPEC | {"alfworld": "0.4"})
    assert "help" in admissible(house) and "help" not in admissible(House(SPEC))
    assert list(admissible(house)) == sorted(admissible(house))
    assert perform(house, "help").startswith("\nAvailable commands:\n  look:")
    assert perform(house, "go to microwave 1") == "You arrive at microwave 1. The microwave 1 is closed."


def test_the_expert_solves_houses_of_the_later_edition():
    for seed in range(6):
        task = Teacher().make(f"t{seed}", default_rng(seed))
        later = task.model_copy(update={"spec": task.spec | {"alfworld": "0.4"}, "solution": ()})
        solved = asyncio.run(admit(Household(), ENV, later))
        assert isinstance(solved, Task), solved
        was = [m.action.arguments["action"] for m in task.solution]
        now = [m.action.arguments["action"] for m in solved.solution]
        assert [c.replace("put ", "move ").replace(" in/on ", " to ") for c in was] == now


def test_agentbench_lowers_a_command_before_the_house_reads_it():
    actions = Household.actions
    text = AgentBench(actions).parse(Reply(text="THOUGHT: I go.\n ACTION: Go to Desk 1 "))
    call = Call(id="1", name="take_action", arguments='{"action": "Go to Desk 1\\nthen look"}')
    calls = AgentBenchCalls(actions).parse(Reply(text="", calls=(call,)))
    for parsed in (text, calls):
        assert parsed.spoken[0].action == Action(name="take_action", arguments={"action": "go to desk 1"})
