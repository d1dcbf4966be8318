# ruff: noqa: E501 (answers read better in one line)
"""What a model is asked, what becomes of its answer, and what a stand-in spoils, at their edges."""

import json

import pytest

from simenv import plugins
from simenv.compare import Judgement, Prediction, Transition, drift
from simenv.errors import ConfigError, InvalidAction
from simenv.models.clients.scripted import scripted
from simenv.simulate import Exchange, SimulatorReply, SimulatorSetup
from simenv.simulate.change_size import bucket
from simenv.simulate.prompted import line_text
from simenv.simulate.simulators import few_shot
from simenv.simulate.state_patch import Change, apply_changes
from simenv.simulate.step_check import findings, judge
from simenv.types import Action, Observation, Stop
from tests.helpers.simulators import add, checked_world, observations, reply, report, simulated_world, simulator


@pytest.mark.parametrize(
    ("delta", "name"),
    [(0, "0"), (1, "1-2"), (2, "1-2"), (3, "3-6"), (6, "3-6"), (7, "7-12"), (12, "7-12"), (13, "13+"), (999, "13+")],
)
def test_the_size_of_a_change_has_a_group(delta, name):
    assert bucket(delta) == name


@pytest.mark.parametrize(
    ("state", "change", "says"),
    [
        ({"a": 1}, ("remove", "/b", None), "remove /b: there is no 'b'"), ([1], ("replace", "/1", 2), "replace /1: there is no '1'"), ([1], ("add", "/2", 2), "add /2: the list has 1 entries"), ([1], ("add", "/-1", 2), "add /-1: the list has 1 entries"),
        ({"a": 1}, ("add", "/a/b", 2), "add /a/b: nothing lies below it"), ({}, ("add", "a", 2), "'a': a path begins with /"), ({}, ("remove", "", None), "remove: the whole state cannot be removed"), ({"a": {}}, ("add", "/b/c", 1), "add /b/c: there is no 'b'"), ([[1]], ("add", "/x/0", 1), "add /x/0: there is no 'x'"),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_made_is_told(state, change, says):
    op, path, value = change
    with pytest.raises(ValueError) as told:
        apply_changes(state, [Change(op=op, path=path, value=value)])
    assert str(told.value) == says


@pytest.mark.parametrize(
    ("state", "change", "after"),
    [
        ([1], ("add", "/1", 2), [1, 2]),
        ([1], ("add", "/-", 2), [1, 2]),
        ([1, 2], ("add", "/0", 0), [0, 1, 2]),
        ([1, 2], ("replace", "/1", 0), [1, 0]),
        ([1, 2], ("remove", "/0", None), [2]),
        ({"~": 1}, ("replace", "/~0", 2), {"~": 2}),
        ({"/": 1}, ("remove", "/~1", None), {}),
        (1, ("add", "", 2), 2),
    ],
)
def test_a_change_is_made(state, change, after):
    op, path, value = change
    assert apply_changes(state, [Change(op=op, path=path, value=value)]) == after


def test_a_line_to_train_on_holds_the_changes():
    assert json.loads(line_text("é", False)) == {"observation": "é", "invalid": False} and "é" in line_text("é", True)
    assert json.loads(line_text("x", True, {"a": 1, "b": 2}, {"a": 3}))["changes"] == [
        {"op": "replace", "path": "/a", "value": 3},
        {"op": "remove", "path": "/b"},
    ]


class Says:
    """A comparison that says what it is told."""

    def __init__(self, observation, state=None):
        self.said = observation, state

    def observation(self, transition, claim):
        return self.said[0]

    def state(self, transition, claim):
        return self.said[1]

    def delta(self, before, after):
        return 4


MATCH = Judgement(label="match")
OPEN = Judgement(label="unverifiable", reason="who knows")
SCENE = Transition(spec={}, action=Action(name="add"), before={}, after={}, truth=Observation(text="truth"))


def claim(state=None):
    return Prediction(observation=Observation(text="claim"), state=state)


@pytest.mark.parametrize(
    ("comparison", "given", "told"),
    [
        (Says(MATCH), {"claim": claim()}, ("match", None, "", "claim", None)), (Says(MATCH, drift("forgot_change", "r")), {"claim": claim({})}, ("drift", "forgot_change", "r", "claim", "drift")), (Says(drift("invented", "i"), MATCH), {"claim": claim({})}, ("drift", "invented", "i", "claim", "match")),
        (Says(OPEN, MATCH), {"claim": claim({})}, ("unverifiable", None, "who knows", "claim", "match")), (Says(MATCH), {"claim": claim(), "error": "out_of_character", "reason": "it chats"}, ("match", None, "", "claim", None)), (Says(OPEN), {"claim": claim(), "error": "out_of_character", "reason": "it chats"}, ("drift", "out_of_character", "it chats", "claim", None)),
        (Says(MATCH), {"claim": None, "error": "format", "reason": "no JSON", "text": "raw"}, ("drift", "format", "no JSON", "raw", None)), (Says(MATCH), {"claim": None}, ("unverifiable", None, "the model gave no answer", "", None)), (Says(MATCH), {"claim": None, "reason": "down"}, ("unverifiable", None, "down", "", None)),
    ],
)  # fmt: skip
def test_a_step_is_judged_by_the_first_drift(comparison, given, told):
    check = judge(comparison, SCENE, SimulatorReply(**given, tries=3))
    assert (check.label, check.error, check.reason, check.model, check.state) == told and (
        check.delta,
        check.engine,
        check.tries,
    ) == (4, "truth", 3)


def test_a_comparison_that_gives_no_judgement_is_a_bug():
    with pytest.raises(Exception, match="a comparison gave 7; expected a Judgement"):
        findings(Says(7), SCENE, SimulatorReply(claim=claim()))


FLAG = "[This answer failed a check against the real environment.]"


@pytest.mark.parametrize(
    ("policy", "text", "shown", "stop"),
    [
        ("correct", "The counter shows 8.", "engine", None),
        ("flag", f"The counter shows 9.\n{FLAG}", "model", None),
        ("trust", "The counter shows 9.", "model", None),
        ("abort", "The counter shows 8.", None, Stop.error),
    ],
)
async def test_a_drift_is_seen_by_policy(policy, text, shown, stop):
    (seen,) = await observations(checked_world(simulator("naive", reply("The counter shows 9.")), policy), add(3))
    assert (seen.text, seen.check.shown if shown else None, seen.stop, seen.source) == (text, shown, stop, "checked")


async def test_an_answer_is_asked_for_so_often_and_no_more():
    model = scripted(*[reply("The counter shows 9.")] * 9)
    (seen,) = await observations(checked_world(simulator("naive", model=model), "resample", 2), add(3))
    assert (seen.text, seen.check.tries, len(model.requests)) == ("The counter shows 8.", 3, 3)


async def test_what_plays_says_who_it_is():
    world = checked_world(simulator("naive", reply("x")), "flag")
    record = world.simulator
    assert (record["mode"], record["name"], record["engine"], record["policy"]) == (
        "checked",
        "naive",
        True,
        "flag",
    ) and "model" in record
    flawed = simulated_world(simulator("flawed", rate=0.25))
    assert (
        flawed.simulator["rate"] == 0.25
        and flawed.simulator["mode"] == "simulated"
        and "policy" not in flawed.simulator
        and "model" not in flawed.simulator
    )


async def test_a_stand_in_spoils_all_or_nothing_by_its_rates():
    (honest,) = await observations(simulated_world(simulator("flawed", rate=0, vary=0)), add(3))
    assert honest.text == "The counter shows 8." and honest.check.label == "match" and honest.check.state == "match"
    (silent,) = await observations(simulated_world(simulator("flawed", rate=0, vary=0, state=False)), add(3))
    assert silent.check.state is None
    (wrong,) = await observations(simulated_world(simulator("flawed", rate=1, errors=("format",))), add(3))
    assert wrong.check.label == "drift" and wrong.check.error == "format"
    with pytest.raises(
        ConfigError, match=r"^simulator\.rates: 5=0\.5: expected one of 0, 1-2, 3-6, 7-12, 13\+ and 0\.\.1$"
    ):
        simulator("flawed", rates={"5": 0.5})
    with pytest.raises(ConfigError, match=r"^simulator\.rates: 0=2\.0: expected one of"):
        simulator("flawed", rates={"0": 2})


async def test_an_example_is_an_exchange_with_the_engine():
    setting = SimulatorSetup.of(plugins.environment("counter"))
    shown = await few_shot.record(setting, 3, 0)
    assert (
        len(shown) == 3
        and all(isinstance(e, Exchange) for e in shown)
        and shown == await few_shot.record(setting, 3, 0)
    )
    assert not any(setting.actions[e.action.name].submit for e in shown)


async def test_an_answer_ends_the_episode_with_the_engines_words():
    (seen,) = await observations(simulated_world(simulator("naive", model=scripted())), report(0))
    assert seen.stop is Stop.submitted and seen.source == "engine" and seen.check is None
    (refused,) = await observations(simulated_world(simulator("naive", model=scripted())), Action(name="sing"))
    assert refused.invalid and refused.check.label == "match" and refused.check.shown == "engine"
    with pytest.raises(InvalidAction):
        plugins.environment("counter").world.actions["add"].read({})
