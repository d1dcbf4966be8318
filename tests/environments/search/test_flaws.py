"""Flaws are told from the truth, and by the comparison as what they are; variants are the truth in other words."""

import asyncio

import pytest
from numpy.random import default_rng

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.types import Action
from tests.environments.search.conftest import TASK

SITE = environment("search")
WAYS = {
    "list": [("search", "Ann Lee chemist award")], "none found": [("search", "zebra")],
    "page": [("open", "p2")], "whole page": [("open", "p1")], "no page": [("open", "Kest Motors")],
    "sentence": [("open", "p2"), ("lookup", "born")], "last": [("open", "p2"), *[("lookup", "born")] * 3],
    "no sentence": [("open", "p2"), ("lookup", "zebra")], "nothing open": [("lookup", "born")],
}  # fmt: skip
ALLOWED = {
    "wrong_result": {"wrong_result", "invented"}, "accepted_malformed": {"accepted_malformed"},
    "refused_valid": {"refused_valid"}, "invented": {"invented", "wrong_result"},
    "format": {"format", "refused_valid", "wrong_result"},
    "out_of_character": {"out_of_character", "format", "refused_valid", "wrong_result", "accepted_malformed"},
}  # fmt: skip


@pytest.fixture
def scene(play):
    def at(way):
        *before, (name, value) = WAYS[way]
        world, _ = play(*before)
        state = world.facts()
        action = Action(name=name, arguments={world.actions[name].parameters[0]: value})
        truth = asyncio.run(world.step(action))
        return Transition(spec=TASK.spec, action=action, before=state, after=world.facts(), truth=truth)

    return at


@pytest.mark.parametrize("way", WAYS)
def test_a_variant_is_the_truth_in_other_words(scene, way):
    here, flaws, comparison = scene(way), SITE.flaws(), SITE.comparison()
    told = [flaws.vary(here, default_rng(n)) for n in range(40)]
    assert len({o.text for o in told}) > 3
    for o in told:
        assert comparison.observation(here, o).label == "match", o.text
    for n in range(20):
        assert comparison.state(here, flaws.restate(here, default_rng(n))).label == "match"


@pytest.mark.parametrize("flaw", ALLOWED)
@pytest.mark.parametrize("way", WAYS)
def test_a_flaw_is_not_the_truth_and_is_called_what_it_is(scene, way, flaw):
    here, flaws, comparison = scene(way), SITE.flaws(), SITE.comparison()
    made = [p.observation for n in range(60) if (p := flaws.corrupt(flaw, here, default_rng(n))) is not None]
    errors = {comparison.observation(here, o).error for o in made} - {None}
    assert errors <= ALLOWED[flaw]
    drifts = sum(comparison.observation(here, o).label == "drift" for o in made)
    assert drifts == len(made) or (flaw in ("format", "out_of_character") and drifts >= 0.9 * len(made))
    asked = {"accepted_malformed": here.truth.invalid, "refused_valid": not here.truth.invalid}.get(flaw, True)
    if asked and way not in ("none found", "last", "no sentence", "no page", "nothing open", "whole page"):
        assert made


@pytest.mark.parametrize("way", WAYS)
def test_a_forgotten_change_leaves_the_state_as_it_was(scene, way):
    here = scene(way)
    made = SITE.flaws().corrupt("forgot_change", here, default_rng(0))
    if here.before == here.after:
        assert made is None
    else:
        assert (made.state, made.observation) == (here.before, here.truth) and made.state is not here.before
        assert SITE.comparison().state(here, made.state).error == "forgot_change"
