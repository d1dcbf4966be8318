"""The seven tools, their rules and their exact words."""

import asyncio
import copy
import json

import pytest

from simenv.errors import WorldError
from simenv.plugins.environments.kg.engine.grading import f1
from simenv.plugins.environments.kg.world import KG
from simenv.types import Action, Stop, digest

CANNOT = "{} cannot be executed. You may make a mistake and need to fix it."
UNLIKE = (
    "{} cannot be executed. The two variables are not of the same type. "
    "You may further explore them by call get_relations"
)


def test_a_question_is_answered(driver):
    call = driver()
    assert call("get_relations", "Ridley Scott") == "[person.born_in, person.films]"
    assert call("get_neighbors", "Ridley Scott", "person.films") == "variable #0, which are instances of film"
    assert call("get_attributes", "#0") == "[film.minutes, film.released]"
    assert call("argmin", "#0", "film.minutes") == "variable #1, which are instances of film"
    assert call("count", "#1") == "variable #2, which is a number"
    seen = call.step(Action(name="answer", arguments={"variable": "#1"}))
    assert (seen.stop, seen.answer) == (Stop.submitted, ["m.alien", "m.blade"])
    grade = call.grade(seen.answer)
    assert grade.success and grade.progress == 1 and grade.metrics == {"f1": 1, "exact": 1, "executable": 1}


def test_the_first_observation_lists_the_entities(driver, task):
    seen = asyncio.run(driver().world.reset(task))
    assert seen.text == "Entities: [Ridley Scott, Sir Ridley]"


@pytest.mark.parametrize("word", ["Ridley Scott", "m.scott", "Sir Ridley", "variable Ridley Scott", " Ridley Scott "])
def test_an_entity_goes_by_mention_id_or_name(driver, word):
    assert driver()("get_relations", word) == "[person.born_in, person.films]"


def test_a_name_of_two_entities_is_no_name(driver):
    assert driver()("get_relations", "Georgia") == CANNOT.format("get_relations(Georgia)")
    explained = driver(explain=True)("get_relations", "Georgia")
    assert explained.endswith("(2 entities are called Georgia: m.georgia1, m.georgia2)")


def test_a_mention_decides_what_a_name_means(driver, task):
    spec = task.spec | {"mentions": {"Georgia": "m.georgia2"}}
    call = driver(task.model_copy(update={"spec": spec}))
    assert call("get_relations", "Georgia") == "[]"


def test_relations_of_a_variable_are_those_of_any_member_attributes_too(driver):
    call = driver()
    call("get_relations", "m.scott"), call("get_neighbors", "m.scott", "person.films")
    listed = "[film.directed_by, film.minutes, film.released, film.starring, film.tagline]"
    assert call("get_relations", "#0") == call("get_relations", "variable #0") == listed
    assert call("get_neighbors", "#0", "film.tagline") == "variable #1, which are instances of text"
    assert call.step(Action(name="answer", arguments={"variable": "#1"})).answer == [
        "In space no one can hear you scream."
    ]


def test_values_have_one_spelling(driver):
    call = driver()
    call("get_relations", "Alien"), call("get_neighbors", "Alien", "film.minutes")
    call("get_relations", "Blade Runner"), call("get_neighbors", "Blade Runner", "film.minutes")
    assert call("intersection", "#0", "#1") == "variable #2, which are instances of number"
    assert call.step(Action(name="answer", arguments={"variable": "#2"})).answer == ["117"]


def test_dates_of_unlike_precision_are_ranked(driver):
    call = driver()
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    call("get_attributes", "#0"), call("argmax", "#0", "film.released")
    assert call.step(Action(name="answer", arguments={"variable": "#1"})).answer == ["m.gladi"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("get_neighbors", "Ridley Scott", "person.born_in"),  # not listed before
        ("get_relations", "Nobody"),
        ("get_relations", "#0"),
        ("get_relations", ""),
        ("get_attributes", "Ridley Scott"),  # an entity is no variable here
        ("argmax", "#0", "film.minutes"),
        ("argmin", "#7", "film.minutes"),
        ("count", "Ridley Scott"),
        ("count", "#-1"),
    ],
)
def test_what_cannot_be_done_says_so_and_changes_nothing(driver, wrong):
    call = driver()
    before = call.world.facts()
    assert call(*wrong) == CANNOT.format(f"{wrong[0]}({', '.join(wrong[1:])})")
    assert call.seen.invalid and call.world.facts() == before


def test_relations_must_be_listed_for_the_same_variable(driver):
    call = driver()
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    assert call("get_neighbors", "#0", "person.born_in") == CANNOT.format("get_neighbors(#0, person.born_in)")
    call("get_relations", "#0")
    assert call("get_neighbors", "#0", "person.born_in") == CANNOT.format("get_neighbors(#0, person.born_in)")
    assert call("get_neighbors", "#0", "film.starring") == "variable #1, which are instances of person"


def test_attributes_must_be_listed_before_an_extreme(driver):
    call = driver()
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    assert call("argmax", "#0", "film.minutes") == CANNOT.format("argmax(#0, film.minutes)")
    call("get_attributes", "#0")
    assert call("argmax", "#0", "film.tagline") == CANNOT.format("argmax(#0, film.tagline)")
    assert call("argmax", "#0", "film.minutes") == "variable #1, which are instances of film"


def test_only_variables_of_one_type_are_intersected(driver):
    call = driver()
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    call("get_neighbors", "Ridley Scott", "person.born_in")
    assert call("intersection", "#0", "#1") == UNLIKE.format("intersection(#0, #1)")
    assert call("intersection", "#0", "Ridley Scott") == UNLIKE.format("intersection(#0, Ridley Scott)")
    assert call("intersection", "#0", "#0") == "variable #2, which are instances of film"


def test_function_calling_looks_relations_up_itself(driver):
    call = driver(listing="implicit")
    assert call("get_neighbors", "Ridley Scott", "person.films") == "variable #0, which are instances of film"
    assert call("get_neighbors", "#0", "nothing") == CANNOT.format("get_neighbors(#0, nothing)")


def test_an_unknown_variable_is_no_answer(driver):
    call = driver()
    assert call("answer", "#0") == "Invalid variable id! Need to recheck the action."
    assert call.seen.invalid and call.seen.stop is None


def test_a_long_list_shows_how_much_is_missing(driver):
    call = driver(names=1)
    assert call("get_relations", "Ridley Scott") == "[person.born_in, … and 1 more]"
    assert call.seen.truncated
    assert call("get_neighbors", "Ridley Scott", "person.films").startswith("variable #0")


def test_expressions_do_not_grow_without_end(driver):
    call = driver()
    call("get_relations", "m.scott"), call("get_neighbors", "m.scott", "person.films")
    texts = [call("intersection", f"#{n}", f"#{n}") for n in range(12)]
    assert any("cannot be executed" in text for text in texts)


def test_a_snapshot_is_variables_and_lists(driver, task):
    call, other = driver(), driver()
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    call("get_attributes", "#0")
    blob = call.world.save()
    assert b"Gladiator" not in blob and len(blob) < 300
    other.world.load(blob)
    assert digest(other.world.facts()) == digest(call.world.facts())
    assert other("argmax", "#0", "film.minutes") == call("argmax", "#0", "film.minutes")
    assert other.world.variables[0].type == "film"


@pytest.mark.parametrize("blob", [b"", b"{}", b"[1]", b'[["(FOO)"], {}, {}]', b"[[1], {}, {}]", b'["", 1, {}]'])
def test_a_broken_snapshot_is_refused_and_changes_nothing(driver, blob):
    call = driver()
    before = call.world.facts()
    with pytest.raises(WorldError, match="no snapshot"):
        call.world.load(blob)
    assert call.world.facts() == before


def test_progress_is_the_share_of_subgoals_until_an_answer_is_given(driver):
    call = driver()
    assert call.grade().progress == 0
    call("get_relations", "Ridley Scott"), call("get_neighbors", "Ridley Scott", "person.films")
    assert call.grade().progress == pytest.approx(0.45)
    assert list(call.grade().subgoals.values()) == [True, False]
    assert call.grade(["m.alien"]).progress == pytest.approx(2 / 3)
    assert driver(scoring="agentbench").grade().subgoals == {}


@pytest.mark.parametrize(
    ("answer", "score", "executable"),
    [
        (["m.alien", "m.blade"], 1, 1),
        (["m.blade", "m.alien"], 1, 1),
        (["m.alien"], 2 / 3, 1),
        (["m.alien", "m.blade", "m.gladi"], 0.8, 1),
        (["m.gladi"], 0, 1),
        ([], 0, 0),
        (None, 0, 0),
        ("m.alien", 0, 0),
        (["m.alien", "m.blade", "m.blade"], 0, 0),
        (["m.alien", "m.blade", 7], 0, 0),
        ({"m.alien": 1, "m.blade": 1}, 0, 0),
    ],
)
def test_an_answer_is_a_set(driver, answer, score, executable):
    grade = driver().grade(answer)
    assert grade.metrics["f1"] == pytest.approx(score)
    assert grade.success == (score == 1) == bool(grade.metrics["exact"])
    assert grade.metrics["executable"] == executable


def test_f1():
    assert f1({"a"}, {"a"}) == 1 and f1({"a"}, {"b"}) == 0 and f1(set(), {"b"}) == 0 and f1(set(), set()) == 0


def test_no_cheat_passes(driver):
    call = driver()
    cheats = call.world.cheats()
    assert {"everything", "every film", "every person", "last", "nothing", "injection"} <= cheats.keys()
    assert not any(call.grade(answer).success for answer in cheats.values())


def test_worlds_of_one_spec_share_one_index(driver, task):
    again = task.model_copy(update={"spec": copy.deepcopy(task.spec)})
    assert driver().world.graph is driver().world.graph is driver(again).world.graph


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            {"triples": [["m.alien", "film.directedby", "m.scott"]]},
            r"\$\.graph\.triples\[0\].*did you mean 'film.directed_by'",
        ),
        ({"triples": [["m.alien", "film.directed_by", "m.nobody"]]}, r"\$\.graph\.triples\[0\]: 'm.nobody'"),
        ({"triples": [["m.scott", "film.directed_by", "m.scott"]]}, r"'m.scott' is no film, only person"),
        (
            {"triples": [], "values": [["m.alien", "film.minutes", "long"]]},
            r"\$\.graph\.values\[0\].*expected a number",
        ),
        ({"triples": [], "values": [["m.alien", "film.released", "May"]]}, r"\$\.graph\.values\[0\].*expected a date"),
        ({"triples": [], "values": [["m.alien", "film.length", 1]]}, r"\$\.graph\.values\[0\]: unknown attribute"),
        ({"relations": {"a": {"domain": "x", "range": "y", "inverse": "a"}}}, "declared twice"),
    ],
)
def test_a_graph_that_contradicts_itself_is_refused(task, change, place):
    spec = json.loads(json.dumps(task.spec))
    spec["graph"] |= change
    world = KG()
    KG.check(spec)
    with pytest.raises(WorldError, match=place):
        asyncio.run(world.reset(task.model_copy(update={"spec": spec})))


@pytest.mark.parametrize("id", ["a b", "a)", "<a>", 'a"', "#1", "a\x00", "", "a\\b", "a`b", "a\n", "x" * 201])
def test_ids_that_could_be_anything_else_are_refused(task, id):
    spec = json.loads(json.dumps(task.spec))
    spec["graph"]["entities"][id] = {}
    with pytest.raises(WorldError, match=r"\$"):
        KG.check(spec)


def test_a_task_without_a_graph_needs_an_endpoint(task):
    bare = task.model_copy(update={"spec": {"mentions": {}}})
    with pytest.raises(WorldError, match=r"kg\.world\.endpoint"):
        asyncio.run(KG().reset(bare))
