# ruff: noqa: E501, SIM905 - a table: one claim a line
"""What a model says of a graph, judged against the graph: lists as sets, variables by number and type."""

import copy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.plugins import environment
from simenv.types import Action, Observation
from tests.helpers.comparisons import HOSTILE, deep, scene, verdict
from tests.helpers.judgements import is_well_judged

SPEC = {
    "mentions": {"Ada": "e1"},
    "graph": {
        "entities": {"e1": {"name": "Ada"}, "e2": {"name": "Solaris"}, "e3": {"name": "Stalker"}},
        "relations": {
            "film.director.films": {
                "domain": "people.person",
                "range": "film.film",
                "inverse": "film.film.directed_by",
            },
            "people.person.friend": {"domain": "people.person", "range": "people.person"},
        },
        "attributes": {"film.film.length": {"domain": "film.film", "kind": "number"}},
        "triples": [
            ["e1", "film.director.films", "e2"],
            ["e1", "film.director.films", "e3"],
            ["e1", "people.person.friend", "e1"],
        ],
        "values": [["e2", "film.film.length", 166], ["e3", "film.film.length", 162]],
    },
}
GOAL = {"answers": ["e2"]}
ADA = ("get_relations", {"variable": "Ada"})
FILMS = ("get_neighbors", {"variable": "Ada", "relation": "film.director.films"})
FRIENDS = ("get_neighbors", {"variable": "Ada", "relation": "people.person.friend"})


def at(name, *before, **arguments):
    return scene("kg", SPEC, (name, arguments), before, GOAL)


SCENES = {
    "relations": at("get_relations", variable="Ada"),
    "films": at("get_neighbors", ADA, variable="Ada", relation="film.director.films"),
    "second": at("get_neighbors", ADA, FILMS, variable="Ada", relation="people.person.friend"),
    "attributes": at("get_attributes", ADA, FILMS, variable="#0"),
    "none": at("get_attributes", ADA, FRIENDS, variable="#0"),
    "count": at("count", ADA, FILMS, variable="#0"),
    "unlisted": at("get_neighbors", variable="Ada", relation="film.director.films"),
    "nobody": at("get_relations", variable="Nobody"),
    "unlike": at("intersection", ADA, FILMS, FRIENDS, variable1="#0", variable2="#1"),
    "argument": at("get_relations", variable=7),
}
LIST = "[film.director.films, people.person.friend]"
CLAIMS = (
    ("relations", "[people.person.friend, film.director.films]", "match"),
    ("relations", "[people.person.friend,film.director.films]\n", "match"),
    ("relations", '["film.director.films", "people.person.friend"]', "match"),
    ("relations", "Observation: " + LIST, "match"),
    ("relations", f"```\n{LIST}\n```", "match"),
    ("relations", "[film.director.films]", "wrong_result"),
    ("relations", "[]", "wrong_result"),
    ("relations", "[film.director.films, people.person.friend, film.film.length]", "wrong_result"),
    ("relations", "[film.director.films, people.person.friend, people.person.enemy]", "invented"),
    ("relations", "[Solaris, Stalker]", "invented"),
    ("relations", "variable #0, which are instances of film.film", "format"),
    ("relations", "get_relations(Ada) cannot be executed.", "refused_valid"),
    ("relations", "Error: entity not found", "refused_valid"),
    ("relations", "film.director.films and people.person.friend", "format"),
    ("relations", "Sure! " + LIST, "out_of_character"),
    ("relations", "I'm sorry, I cannot find any relations.", "out_of_character"),
    ("relations", LIST + " Would you like to follow one?", "out_of_character"),
    ("relations", "", "format"),
    ("films", "variable #0, which are instances of film.film", "match"),
    ("films", "Variable #0 which is an instance of film.film.", "match"),
    ("films", "#0 (film.film)", "match"),
    ("films", "#0: film.film", "match"),
    ("films", "variable #1, which are instances of film.film", "wrong_result"),
    ("films", "variable #0, which are instances of people.person", "wrong_result"),
    ("films", "variable #0, which are instances of film.movie", "invented"),
    ("films", "[Solaris, Stalker]", "format"),
    ("films", "variable, which are instances of film.film", "format"),
    ("films", "get_neighbors(Ada, film.director.films) cannot be executed. You may make a mistake and need to fix it.", "refused_valid"),
    ("films", "I think the films are Solaris and Stalker.", "out_of_character"),
    ("second", "variable #1, which are instances of people.person", "match"),
    ("second", "variable #0, which are instances of people.person", "forgot_change"),
    ("second", "variable #2, which are instances of people.person", "wrong_result"),
    ("attributes", "[film.film.length]", "match"),
    ("attributes", "[film.film.length, film.film.budget]", "invented"),
    ("attributes", "[]", "wrong_result"),
    ("none", "[]", "match"),
    ("none", "[ ]", "match"),
    ("none", "[film.film.length]", "wrong_result"),
    ("count", "variable #1, which is a number", "match"),
    ("count", "variable #1, which are instances of number", "match"),
    ("count", "2", "format"),
    ("count", "variable #1, which are instances of film.film", "wrong_result"),
    ("unlisted", "variable #0, which are instances of film.film", "accepted_malformed"),
    ("unlisted", "Error: this relation is unknown.", "match"),
    ("unlisted", "The two variables are not of the same type: cannot be executed", "wrong_result"),
    ("nobody", "get_relations(Nobody) cannot be executed.", "match"),
    ("nobody", "[]", "accepted_malformed"),
    ("nobody", LIST, "accepted_malformed"),
    ("unlike", "intersection(#0, #1) cannot be executed. The two variables are not of the same type.", "match"),
    ("unlike", "variable #2, which are instances of film.film", "accepted_malformed"),
    ("argument", "Error: variable should be a string", "match"),
    ("argument", "[film.director.films]", "accepted_malformed"),
)  # fmt: skip


@pytest.mark.parametrize(("where", "text", "wanted"), CLAIMS)
def test_an_observation_is_judged_by_what_it_says(where, text, wanted):
    assert verdict("kg", SCENES[where], text) == wanted


@pytest.mark.parametrize("where", SCENES)
def test_the_truth_is_the_truth(where):
    comparison, made = environment("kg").comparison(), SCENES[where]
    assert comparison.observation(made, made.truth).label == "match"
    assert comparison.state(made, made.after).label == "match"


def test_an_answer_is_a_set():
    comparison, made = environment("kg").comparison(), at("answer", ADA, FILMS, variable="#0")
    assert made.truth.answer == ["e2", "e3"]
    assert comparison.observation(made, Observation(text="", answer=["e3", "e2"])).label == "match"
    assert comparison.observation(made, Observation(text="", answer=["e3"])).error == "wrong_result"


def test_a_state_is_compared_by_its_variables():
    comparison, made = environment("kg").comparison(), SCENES["second"]
    state = copy.deepcopy(made.after)
    del state["graph"], state["attributes"]
    state["relations"]["e1"].reverse()
    assert comparison.state(made, state).label == "match"
    assert comparison.state(made, made.before).error == "forgot_change"
    state["variables"]["#1"]["expression"] = "(JOIN (R film.director.films) e1)"
    assert comparison.state(made, state).error == "wrong_result"
    assert comparison.delta(made.before, made.after) == 1


@pytest.mark.parametrize(("name", "arguments", "bad"), (
    ("count", {"variable": "Ada"}, True), ("count", {"variable": "variable #3"}, False), ("argmax", {"variable": "x", "attribute": "a"}, True),
    ("get_relations", {"variable": "Ada"}, False), ("intersection", {"variable1": "#0", "variable2": "Ada"}, True), ("count", {}, False),
))  # fmt: skip
def test_a_tool_for_variables_takes_nothing_else(name, arguments, bad):
    assert bool(environment("kg").comparison().malformed(Action(name=name, arguments=arguments))) == bad


def test_hostile_claims_end_soon_and_never_raise():
    comparison, made = environment("kg").comparison(), SCENES["relations"]
    began = time.process_time()
    for text in HOSTILE:
        assert comparison.observation(made, Observation(text=text)).label == "drift"
    bad = {"type": "t", "expression": "(AND " * 700}
    for state in (deep(), {"variables": {"#0": deep()}}, {"variables": {"#0": {"type": deep(), "expression": "x"}}}, 7, None,
                  {"variables": {"#9": {"expression": "x"}}}, {"variables": {"#0": bad}}, {"variables": {}, "relations": {"e1": deep()}}, {"variables": {"#0": {"type": "t", "expression": deep()}}}):  # fmt: skip
        assert comparison.state(made, state).label == "drift"
    assert time.process_time() - began < 30


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from("[ ] , #0 variable which are instances of film.film … error".split())).map(" ".join)
)
def test_any_text_is_judged(text):
    for where in ("relations", "films", "nobody"):
        is_well_judged(environment("kg").comparison(), SCENES[where], text)
