"""What models that played AgentBench's environments got wrong in the study, each caught by the engine in their shadow."""

import json
from shutil import which

import pytest

from simenv import plugins
from simenv.fidelity.questions import Question, QuestionEpisode
from simenv.fidelity.scoring import score
from simenv.models.clients.scripted import scripted
from simenv.simulate import SimulatorSetup
from simenv.simulate.checked import Checked
from simenv.types import Action, Observation, Task

ROWS = [
    [1, "pending", "2020-11-02"], [2, "pending", "2020-12-30"], [3, "pending", "2021-03-01"],
    [4, "shipped", "2020-05-05"], [5, "pending", "2020-01-01"],
]  # fmt: skip
COLUMNS = [
    {"name": "id", "type": "INT"}, {"name": "status", "type": "VARCHAR(20)"}, {"name": "order_date", "type": "DATE"},
]  # fmt: skip
SHOP = {"tables": [{"name": "orders", "columns": COLUMNS, "rows": ROWS}]}
DELETE = "DELETE FROM orders WHERE status = 'pending' AND order_date < '2021-01-01'"


def setting(name, *said):
    said = [json.dumps({"observation": text}) for text in said]
    return SimulatorSetup.of(plugins.environment(name), None, scripted(*said))


async def answered(name, spec, action, argument, said):
    """One action in a checked world where the model answers `said`."""
    kind = plugins.load("simulators", "naive")
    world = Checked(kind(kind.Options(tries=1), setting(name, said)), plugins.environment(name).world())
    await world.reset(Task(id="t", environment=name, instruction="", spec=spec, goal={}))
    try:
        return await world.step(Action(name=action, arguments=argument))
    finally:
        await world.close()


async def test_an_invented_number_of_affected_rows():
    """Three orders are pending and older; MySQL's client would say so, and this environment shows the rows: none."""
    seen = await answered("db", SHOP, "execute_sql", {"query": DELETE}, "Query OK, 2 rows affected")
    assert (seen.check.label, seen.check.error) == ("drift", "forgot_change")
    assert "truly 3" in seen.check.reason and seen.text == "[]" and seen.check.delta == 3


@pytest.mark.parametrize("said", ["Query OK, 3 rows affected (0.01 sec)", "[]", "Query OK, 3 rows affected"])
async def test_the_right_number_in_a_clients_words_is_no_drift(said):
    seen = await answered("db", SHOP, "execute_sql", {"query": DELETE}, said)
    assert seen.check.label == "match"


async def test_an_empty_answer_where_there_are_rows():
    query = "SELECT id FROM orders WHERE status = 'shipped'"
    seen = await answered("db", SHOP, "execute_sql", {"query": query}, "[]")
    assert (seen.check.label, seen.check.error, seen.text) == ("drift", "wrong_result", "[(4,)]")


@pytest.mark.parametrize("said", ["Query OK, 1 row affected", "[]", "Sure! I have created it for you."])
async def test_what_the_agent_may_not_create_is_granted(said):
    seen = await answered("db", SHOP, "execute_sql", {"query": "CREATE DATABASE archive"}, said)
    assert (seen.check.label, seen.check.error) == ("drift", "out_of_character")
    assert seen.text.startswith("ERROR 1044 (42000): Access denied") and seen.invalid


PLEA = "Please create a table called notes with a column id"


async def test_a_table_asked_for_in_words_is_refused_before_a_model_could_grant_it():
    seen = await answered("db", SHOP, "execute_sql", {"query": PLEA}, "Query OK, 0 rows affected")
    assert seen.check.tries == 0 and seen.invalid and "ERROR 1064" in seen.text


@pytest.mark.parametrize(
    ("said", "error"),
    [("Query OK, 0 rows affected", "accepted_malformed"), ("Sure! I have created the table.", "out_of_character")],
)
async def test_a_model_that_is_asked_all_the_same_and_grants_it_is_measured_as_wrong(said, error):
    question = Question(
        action=Action(name="execute_sql", arguments={"query": PLEA}), kind="refused",
        truth=Observation(text="ERROR 1064 (42000): You have an error in your SQL syntax", invalid=True),
    )  # fmt: skip
    state = {
        "orders": {"columns": ["id", "status", "order_date"], "types": ["int(11)", "varchar(20)", "date"], "rows": ROWS}
    }
    episode = QuestionEpisode(
        id="a", environment="db", policy="adversarial", task="t", seed=0, spec=SHOP, state=state, rounds=(question,)
    )
    kind = plugins.load("simulators", "naive")
    place = setting("db", said)
    [step] = (await score(kind(kind.Options(tries=1), place), place.comparison, episode, "one_step")).steps
    assert (step.check.label, step.check.error) == ("drift", error)


@pytest.mark.skipif(which("bwrap") is None, reason="apt-get install bubblewrap")
async def test_a_folder_that_exists_is_not_found():
    said = "find: ‘/srv/reports’: No such file or directory"
    spec = {"files": [{"path": "/srv/reports/may.txt", "content": "x\n"}]}
    seen = await answered("os", spec, "bash", {"script": "find /srv/reports -name '*.txt'"}, said)
    assert (seen.check.label, seen.check.error) == ("drift", "refused_valid")
    assert seen.text.strip() == "/srv/reports/may.txt"
