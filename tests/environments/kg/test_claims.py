# ruff: noqa: E501 - a table: one claim a line
"""Claims of the kinds that models make of a graph: names, facts and promises in errors, lists in other brackets or that go on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.types import Observation
from tests.helpers.checker_pairs import GOALS, GRAPH
from tests.helpers.comparisons import scene

LISTED = ("get_relations", {"variable": "Ann"})


def at(name, *before, **arguments):
    return scene("kg", GRAPH, (name, arguments), before, GOALS["kg"])


SCENES = {
    "unknown": at("get_relations", variable="Zed"),
    "unlisted": at("get_neighbors", variable="Ann", relation="people.person.knows"),
    "unrelated": at("get_neighbors", LISTED, variable="Ann", relation="people.person.wrote"),
    "no variable": at("get_neighbors", LISTED, variable="#9", relation="people.person.knows"),
    "listed": at("get_relations", variable="Ann"),
    "followed": at("get_neighbors", LISTED, variable="Ann", relation="people.person.born_in"),
}
CLAIMS = (
    ("unknown", "There is no entity Zed in the question.", "match"),
    ("unrelated", "Execution error: people.person.wrote is not a relation of Ann", "match"),
    ("unrelated", "Error: relation people.person.wrote does not exist", "match"),
    ("unrelated", "Error: Ann has no relation people.person.knows", "drift"),
    ("unrelated", "Error: variable Ann does not exist", "drift"),
    ("no variable", "Error: variable #9 does not exist", "match"),
    ("no variable", "Error: there is no relation people.person.knows", "drift"),
    ("no variable", "Error: people.person.knows is not a valid relation", "drift"),
    ("no variable", "Unknown relation people.person.knows", "drift"),
    (
        "listed",
        "award.winner.awards\npeople.person.age\npeople.person.born_in\npeople.person.born_on\npeople.person.knows",
        "match",
    ),
    ("listed", "award.winner.awards\npeople.person.age\npeople.person.born_in\npeople.person.knows", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed.", "match"),
    ("unknown", "Error: there is no entity Zed.", "match"),
    ("unknown", "No such entity: Zed", "match"),
    ("unknown", "Zed does not exist in the graph.", "match"),
    ("unknown", "Invalid entity 'Zed'.", "match"),
    ("unknown", "get_relations(Zed) failed: entity not found", "match"),
    ("unknown", "get_relations(Ann) cannot be executed.", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed. Did you mean Zod?", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed. Did you mean 'Ann'?", "match"),
    ("unknown", "get_relations(Zed) cannot be executed. The relations of Ann are people.person.knows.", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed, the server is down", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed. Available entities: Ann, Tom.", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed. I created #0 instead.", "drift"),
    ("unknown", "get_neighbors(Zed) cannot be executed.", "drift"),
    ("unknown", "get_relations(Zed) cannot be executed. variable #0, which are instances of people.person", "drift"),
    ("unknown", "Ann does not exist.", "drift"),
    ("unlisted", "get_neighbors(Ann, people.person.knows) cannot be executed.", "match"),
    ("unlisted", "Error: the relations of Ann have not been listed yet; call get_relations first.", "match"),
    ("unlisted", "Error: Ann is not found.", "drift"),
    ("unlisted", "Error: unknown entity Ann", "drift"),
    (
        "unlisted",
        "get_neighbors(Ann, people.person.born_in) cannot be executed. You may make a mistake and need to fix it.",
        "drift",
    ),
    (
        "listed",
        "people.person.born_in, people.person.age, award.winner.awards, people.person.born_on, people.person.knows",
        "match",
    ),
    ("listed", "people.person.born_in, people.person.age", "drift"),
    ("listed", "{people.person.born_in}", "drift"),
    (
        "listed",
        "[award.winner.awards, people.person.age, people.person.born_in, people.person.born_on, people.person.knows, and others]",
        "drift",
    ),
    (
        "listed",
        "[award.winner.awards, people.person.age, people.person.born_in, people.person.born_on, people.person.knows, etc.]",
        "drift",
    ),
    ("listed", "[award.winner.awards, people.person.age, people.person.born_in, people.person.born_on, ...]", "drift"),
    (
        "listed",
        "- award.winner.awards\n- people.person.age\n- people.person.born_in\n- people.person.born_on\n- people.person.knows",
        "drift",
    ),
    ("followed", "Variable #0 created: instances of location.city", "match"),
    ("followed", "variable #0, which is an instance of location.city", "match"),
    ("followed", "variable #0, which are instances of location.city and people.person", "drift"),
    ("followed", "variable #0 is not created", "drift"),
    ("followed", "Created variable #0, which are instances of location.city", "match"),
)


def label(transition, text):
    return environment("kg").comparison().observation(transition, Observation(text=text)).label


@pytest.mark.parametrize(("where", "text", "wanted"), CLAIMS)
def test_a_claim_is_judged_by_all_that_it_asserts(where, text, wanted):
    assert label(SCENES[where], text) == wanted


@given(
    st.lists(st.sampled_from(SCENES["listed"].after["relations"]["e1"]), min_size=2, unique=True),
    st.sampled_from(["[]", "{}", "  "]),
)
def test_a_list_is_its_names_in_whatever_brackets(names, brackets):
    whole = set(names) == set(SCENES["listed"].after["relations"]["e1"])
    text = f"{brackets[0]}{', '.join(names)}{brackets[1]}"
    assert label(SCENES["listed"], text) == ("match" if whole else "drift")


def test_a_list_that_the_engine_cuts_is_known_in_full():
    cut = scene("kg", GRAPH, LISTED, (), GOALS["kg"], names=2)
    names = cut.after["relations"]["e1"]
    assert cut.truth.truncated and len(names) == 5
    assert label(cut, f"[{', '.join(names)}]") == "match"
    assert (
        label(cut, f"[{', '.join(names[:-1])}]")
        == label(cut, f"[{', '.join([*names[:-1], 'location.city.population'])}]")
        == "drift"
    )
    assert label(cut, f"[{', '.join(names[:2])}, … and 3 more]") == "match"
    assert label(cut, f"[{', '.join(names[:1])}, … and 4 more]") == "drift"
