"""The engine in shadow: labels, policies, what the agent sees, and that one slip does not compound."""

import asyncio
import json

import pytest

from simenv.errors import ModelError
from simenv.hook import Hook, HookContext, Rewind
from simenv.models.clients.scripted import scripted
from simenv.options import Options
from simenv.types import Action, Reply, Stop, Usage
from tests.helpers.counter import TASK
from tests.helpers.simulators import add, checked_world, observations, reply, report, run_episode, simulator

RIGHT, WRONG = reply("The  counter shows 12"), reply("The counter shows 99.")

NO_CONTEXT = HookContext(dialect=None, rng=None)


async def test_a_match_is_shown_in_the_models_words():
    [seen] = await observations(checked_world(simulator("naive", RIGHT)), add(7))
    assert (seen.text, seen.source, seen.invalid) == ("The  counter shows 12", "checked", False)
    assert seen.check.model_dump(exclude_defaults=True) == {
        "label": "match", "delta": 7, "engine": "The counter shows 12.", "model": "The  counter shows 12", "shown": "model",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "text", "shown"),
    [
        ("correct", "The counter shows 12.", "engine"),
        ("flag", "The counter shows 99.\n[This answer failed a check against the real environment.]", "model"),
        ("trust", "The counter shows 99.", "model"),
    ],
)
async def test_a_drift_is_named_and_the_policy_says_what_is_seen(policy, text, shown):
    world = checked_world(simulator("naive", WRONG), policy)
    [seen] = await observations(world, add(7))
    assert (seen.text, seen.check.shown) == (text, shown)
    assert (seen.check.label, seen.check.error, seen.check.model) == ("drift", "wrong_result", "The counter shows 99.")
    assert await world.state() == {"value": 12}


@pytest.mark.parametrize(
    ("policy", "text", "shown"),
    [
        ("correct", "The counter shows 13.", "engine"),
        ("resample", "The counter shows 13.", "engine"),
        ("abort", "The counter shows 13.", "engine"),
        ("flag", "?\n[This answer could not be checked against the real environment.]", "model"),
        ("trust", "?", "model"),
    ],
)
async def test_what_cannot_be_told_is_corrected_too_and_never_asked_again(policy, text, shown):
    [seen] = await observations(checked_world(simulator("naive", reply("?")), policy), add(8))
    assert (seen.text, seen.check.shown, seen.check.label, seen.check.tries) == (text, shown, "unverifiable", 1)


async def test_resampling_asks_until_it_matches_and_then_gives_up():
    model = scripted(WRONG, WRONG, RIGHT)
    [seen] = await observations(checked_world(simulator("naive", model=model), "resample"), add(7))
    assert (seen.check.label, seen.check.shown, seen.check.tries) == ("match", "model", 3)
    assert [r.sample for r in model.requests] == [0, 1, 2]
    assert len({r.seed for r in model.requests}) == 3
    [seen] = await observations(
        checked_world(simulator("naive", model=scripted(WRONG, repeat=True)), "resample", 2), add(7)
    )
    assert (seen.check.label, seen.check.shown, seen.check.tries) == ("drift", "engine", 3)
    assert seen.text == "The counter shows 12."


def test_aborting_ends_the_episode_as_the_models_fault_with_the_drift_on_record():
    t = run_episode(checked_world(simulator("naive", WRONG), "abort"), ("add", 7))
    assert (t.stop, t.grade, t.error) == (Stop.error, None, "ModelError: simulator: wrong_result: it shows 99")
    assert t.steps[-1].observation.check.error == "wrong_result"


def test_an_episode_says_who_played_it_and_what_that_cost():
    model = scripted(Reply(text=RIGHT, usage=Usage(input_tokens=50, output_tokens=5, cost=0.25, calls=1)))
    t = run_episode(checked_world(simulator("naive", model=model)), ("add", 7), ("report", 12))
    assert t.grade.success and t.usage == Usage(input_tokens=50, output_tokens=5, cost=0.25, calls=1)
    told = t.simulator
    assert (told["mode"], told["name"], told["policy"], told["model"]["client"]) == (
        "checked", "naive", "correct", "scripted",
    )  # fmt: skip
    assert told["usage"] == {"input_tokens": 50, "output_tokens": 5, "cost": 0.25, "calls": 1}
    assert t.steps[-1].observation.check is None, "nobody is asked what an answer shows"


async def test_the_model_is_told_the_truth_again_before_each_step():
    model = scripted(WRONG, reply("The counter shows 13.", []))
    await observations(checked_world(simulator("grounded", model=model), "trust"), add(7), add(2))
    told = model.requests[-1].messages[-1].content
    assert '# Its state now\n{"value": 12}' in told
    assert 'Answer: "The counter shows 12."' in told and "99" not in told


async def test_the_next_state_that_a_model_writes_is_judged_too():
    forgetful = reply("The counter shows 12.", [])
    mindful = reply("The counter shows 14.", [{"op": "replace", "path": "/value", "value": 14}])
    first, second = await observations(checked_world(simulator("grounded", forgetful, mindful)), add(7), add(2))
    assert (first.check.label, first.check.error, first.check.state) == ("drift", "forgot_change", "drift")
    assert (second.check.label, second.check.state, second.text) == ("match", "match", "The counter shows 14.")


async def test_malformed_actions_are_caught_before_the_model_is_asked():
    broken = [Action(name="sing"), add("much"), add(2000), Action(name="report", arguments={})]
    seen = await observations(checked_world(simulator("naive", model=scripted())), *broken)
    assert all(s.invalid and s.check.tries == 0 and s.check.shown == "engine" for s in seen)
    assert "unknown action 'sing'" in seen[0].text and "no counter takes" in seen[2].check.reason


async def test_what_the_engine_refuses_and_the_model_grants_is_accepted_malformed():
    [seen] = await observations(checked_world(simulator("naive", reply("The counter shows 105."))), add(100))
    assert (seen.check.error, seen.invalid, seen.text) == ("accepted_malformed", True, "amount 100 is not in -10..10")


@pytest.mark.parametrize(
    ("said", "label", "error"),
    [
        ("Sure! I would be happy to help you with that.", "drift", "out_of_character"),
        ("12", "drift", "format"),
        ('{"observation": 12}', "drift", "format"),
        (reply("Thank you for your patience! Is there anything else?"), "drift", "out_of_character"),
    ],
)
async def test_a_model_that_never_answers_as_it_should_is_asked_five_times_and_drifts(said, label, error):
    model = scripted(said, repeat=True)
    [seen] = await observations(checked_world(simulator("naive", model=model)), add(7))
    assert (seen.text, seen.check.label, seen.check.error, seen.check.tries) == (
        "The counter shows 12.",
        label,
        error,
        5,
    )
    assert len(model.requests) == 5 and model.requests[1].messages[-1].content.startswith("Your answer cannot be used")


async def test_the_claim_is_of_what_was_written_last_though_its_changes_cannot_be_read():
    impossible = [{"op": "replace", "path": "/nowhere/deep", "value": 1}]
    first = reply("Thank you for your patience!", impossible)
    last = reply("The counter shows 12.", [{"op": "move", "path": "/value"}])
    [seen] = await observations(checked_world(simulator("grounded", first, last, tries=2)), add(7))
    assert (seen.check.model, seen.check.label, seen.check.error) == ("The counter shows 12.", "match", None)


async def test_an_answer_that_the_critic_sends_back_stands_where_its_revision_cannot_be_used():
    good = reply("The counter shows 12.", [{"op": "replace", "path": "/value", "value": 12}], thought="5 + 7")
    critic = simulator("critic", good, json.dumps({"problems": ["too short"]}), "no", "JSON", tries=2)
    [seen] = await observations(checked_world(critic), add(7))
    assert (seen.check.model, seen.check.label, seen.check.tries) == ("The counter shows 12.", "match", 4)


def test_a_model_that_gives_no_answer_at_all_is_an_outage_and_the_engines_is_shown():
    def down(request):
        raise ModelError("the server is down")

    for policy in ("correct", "flag", "resample", "trust"):
        [seen] = asyncio.run(observations(checked_world(simulator("naive", model=scripted(down)), policy), add(7)))
        assert (seen.text, seen.check.label, seen.check.shown) == ("The counter shows 12.", "unverifiable", "engine")
        assert "the server is down" in seen.check.reason and seen.check.tries == 1, "asked, not caught before"
    t = run_episode(checked_world(simulator("naive", model=scripted(down)), "abort"), ("add", 7))
    assert t.stop is Stop.error and "the server is down" in t.error


async def test_talk_that_the_world_itself_holds_is_no_breach_of_character():
    world = checked_world(simulator("naive", reply("The counter shows 12. Thank you for your visit.")))
    task = TASK.model_copy(update={"spec": {"start": 5, "sign": "Thank you for your visit."}})
    await world.reset(task, 1)
    seen = await world.step(add(7))
    assert (seen.check.label, seen.check.tries) == ("match", 1)


async def test_a_quotation_with_a_typographic_apostrophe_is_one_too():
    world = checked_world(simulator("naive", model=scripted(reply("I’m sorry"), repeat=True)))
    task = TASK.model_copy(update={"spec": {"start": 5, "sign": "It reads: I’m sorry"}})
    await world.reset(task, 1)
    seen = await world.step(add(1))
    assert seen.check.tries == 1 and seen.check.error != "out_of_character"


async def test_restoring_brings_back_engine_and_transcript():
    model = scripted(*[reply(f"The counter shows {n}.", []) for n in (12, 13, 10)])
    world = checked_world(simulator("grounded", model=model))
    await world.reset(TASK, 1)
    await world.step(add(7))
    point = await world.snapshot()
    await world.step(add(1))
    other = checked_world(simulator("grounded", model=model))
    await other.reset(TASK, 1)
    await other.restore(point)
    seen = await other.step(add(-2))
    assert (seen.check.delta, await other.state()) == (2, {"value": 10})
    told = model.requests[-1].messages[-1].content
    assert '{"value": 12}' in told and "The counter shows 13" not in told
    json.loads(other.context.model_dump_json())


def test_a_rewound_episode_goes_on_as_if_nothing_had_been():
    class Back(Hook):
        rewinds = True
        done = False

        async def after_step(self, episode, steps):
            if self.done or not steps[-1].observation.invalid:
                return None
            self.done = True
            return Rewind(turn=1, reason="again")

    flawed = simulator("flawed", rate=0.5)
    t = run_episode(
        checked_world(flawed), ("add", 1), ("add", 100), ("add", 6), ("report", 12), hooks=[Back(Options(), NO_CONTEXT)]
    )  # fmt: skip
    assert t.grade.success and len(t.steps) == 3 and t.interventions[0].kind == "rewind"


async def test_the_expert_plans_on_the_engine_behind_a_checked_world():
    world = checked_world(simulator("flawed", rate=1.0), "trust")
    await observations(world, add(7))
    assert world.engine.facts() == {"value": 12}
    graded = await world.step(report(12))
    assert (graded.stop, (await world.grade(graded.answer)).success) == (Stop.submitted, True)
