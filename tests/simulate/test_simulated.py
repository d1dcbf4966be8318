"""A model that plays on its own: its words, its state, the engine that lives through the same unseen, and no engine at all."""

import asyncio
import json

import pytest

from simenv import plugins
from simenv.config import load as experiment
from simenv.errors import ConfigError, ModelError
from simenv.models.clients.scripted import scripted
from simenv.rollout.report import report as reported
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.simulate import SimulatorSetup
from simenv.simulate.simulated import Simulated
from simenv.types import Action, Stop, Task
from tests.helpers.counter import TASK, react
from tests.helpers.simulators import add, observations, reply, report, run_episode, simulated_world, simulator

SHOP = {
    "overview": "A till. Ring up what is sold, then close it with the sum.",
    "opening": "The till is open.",
    "state": {"sum": 0},
    "actions": [
        {
            "name": "ring_up",
            "description": "Add a price.",
            "parameters": {
                "type": "object",
                "properties": {"price": {"type": "integer", "minimum": 1}},
                "required": ["price"],
            },
        },
        {
            "name": "close",
            "description": "Close the till with its sum.",
            "parameters": {"type": "object", "properties": {"sum": {"type": "string"}}, "required": ["sum"]},
            "submit": True,
        },
    ],
    "rules": ["The till shows its sum after each sale."],
    "examples": [{"action": {"name": "ring_up", "arguments": {"price": 3}}, "observation": "3.00"}],
}


async def test_what_the_model_says_is_seen_and_the_engine_says_how_far_that_is_from_the_truth():
    world = simulated_world(simulator("naive", reply("The counter shows 50."), reply("The counter shows 12.")))
    first, second, last = await observations(world, add(3), add(4), report(12))
    assert (first.text, first.source, first.check.label, first.check.shown) == (
        "The counter shows 50.", "model", "drift", "model",
    )  # fmt: skip
    assert second.check.label == "match" and await world.state() == {"value": 12}
    assert (last.stop, (await world.grade(last.answer)).success) == (Stop.submitted, True)


async def test_its_own_state_and_words_ground_it_so_errors_compound():
    changed = [{"op": "replace", "path": "/value", "value": 50}]
    model = scripted(reply("The counter shows 50.", changed), reply("The counter shows 51.", []))
    first, second = await observations(simulated_world(simulator("grounded", model=model)), add(3), add(1))
    told = model.requests[-1].messages[-1].content
    assert '# Its state now\n{"value": 50}' in told and "The counter shows 50." in told
    assert (first.check.state, second.check.state, second.check.delta) == ("drift", "drift", 1)


async def test_malformed_actions_never_reach_the_model():
    seen = await observations(simulated_world(simulator("naive", model=scripted())), Action(name="sing"), add(5000))
    assert [s.invalid for s in seen] == [True, True]


@pytest.mark.parametrize("said", ["no JSON", "Certainly! Let me know if that helps."])
def test_a_model_that_gives_nothing_to_show_ends_the_episode_as_its_fault(said):
    t = run_episode(simulated_world(simulator("naive", model=scripted(said, repeat=True))), ("add", 7))
    assert t.stop is Stop.error and t.error.startswith("ModelError: simulator naive: ")
    assert t.simulator["usage"]["calls"] == 5


async def test_a_simulated_world_goes_on_from_a_snapshot():
    changes = [{"op": "replace", "path": "/value", "value": 6}]
    world = simulated_world(
        simulator("grounded", reply("The counter shows 6.", changes), reply("The counter shows 9."), reply("6"))
    )
    await world.reset(TASK, 1)
    await world.step(add(1))
    point = await world.snapshot()
    await world.step(add(3))
    await world.restore(point)
    assert (world.context.state, len(world.context.past), await world.state()) == ({"value": 6}, 1, {"value": 6})


async def test_flawed_plays_free_running_with_the_engine_in_lock_step():
    seen = await observations(simulated_world(simulator("flawed", rate=0.5, vary=0.0)), *[add(1)] * 7)
    labels = [s.check.label for s in seen]
    again = await observations(simulated_world(simulator("flawed", rate=0.5, vary=0.0)), *[add(1)] * 7)
    assert {"match", "drift"} <= set(labels) and [s.text for s in again] == [s.text for s in seen]
    other = await observations(simulated_world(simulator("flawed", rate=0.5, vary=0.0)), *[add(1)] * 7, seed=2)
    assert [s.text for s in other] != [s.text for s in seen]


@pytest.fixture
def shelf(tmp_path):
    """A folder for plugins that is there while a test runs."""
    plugins.add(tmp_path)
    yield tmp_path
    plugins.__path__.remove(str(tmp_path.resolve()))
    plugins.environment.cache_clear()


def till(shelf, *replies):
    folder = shelf / "environments" / "till"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.json").write_text(json.dumps(SHOP))
    task = Task(
        id="till-1", environment="till", instruction="Sell for 3 and 4.", goal={"statement": "7", "answer": "7"},
        spec={"opening": "The till is open.", "state": {"sum": 0}},
    )  # fmt: skip
    (folder / "tasks.jsonl").write_text(task.model_dump_json() + "\n")
    model = scripted(*replies)
    return task, model


async def test_an_environment_without_an_engine_is_played_by_its_description(shelf):
    sold = reply("3.00", [{"op": "replace", "path": "/sum", "value": 3}])
    task, model = till(shelf, sold, reply("7.00", [{"op": "replace", "path": "/sum", "value": 7}]))
    kind = plugins.load("simulators", "grounded")
    world = Simulated(kind(kind.Options(), SimulatorSetup.of(plugins.environment("till"), None, model)))
    first = await world.reset(task)
    seen = await world.step(Action(name="ring_up", arguments={"price": 3}))
    refused = await world.step(Action(name="ring_up", arguments={"price": 0}))
    await world.step(Action(name="ring_up", arguments={"price": 4}))
    last = await world.step(Action(name="close", arguments={"sum": " 7 "}))
    assert (first.text, seen.text, seen.check.label) == ("The till is open.", "3.00", "unverifiable")
    assert "no engine" in seen.check.reason and refused.invalid and "minimum" in refused.text
    assert (await world.state(), (await world.grade(last.answer)).success) == ({"sum": 7}, True)
    assert not (await world.grade("8")).success
    system, moment = (m.content for m in model.requests[-1].messages)
    assert SHOP["rules"][0] in system and 'Answer: "3.00"' in system and '{"sum": 3}' in moment


def test_a_run_without_an_engine_says_that_nothing_of_it_was_verified(shelf):
    model = till(shelf, reply("3.00"))[1]
    e = experiment(
        None,
        [
            "environments=[till]", "agent=react", "model=scripted", "mode=simulated", "simulator=grounded",
        ],
    )  # fmt: skip
    live = Rollout(e, model=scripted(react("ring_up", 3), react("close", '"7"')), simulator_model=model)
    run = Run.create(shelf / "runs", "till", "")
    asyncio.run(_whole(live, run))
    checks = reported(run)["environments"]["till"]["checks"]
    assert (checks["asked"], checks["unverifiable"], checks["match"], checks["drift"]) == (1, 1, 0, 0)
    assert checks["unverifiable_reasons"] == {"no engine of this environment says what is true": 1}
    assert reported(run)["environments"]["till"]["success"] == 1.0


async def _whole(live, run):
    await live.prepare(run)
    await live.run(run)


def test_only_a_model_can_play_what_has_no_engine(shelf):
    till(shelf)
    for words, told in (
        (["mode=engine"], "has no engine; only a model can play it: mode=simulated"),
        (["mode=checked", "simulator=grounded"], "has no engine; only a model can play it: mode=simulated"),
    ):
        with pytest.raises(ConfigError, match=told):
            Rollout(experiment(None, ["environments=[till]", *words]))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["simulator=flawed"], "simulator=flawed, but mode=engine"),
        (["mode=checked"], "mode=checked needs a simulator"),
        (["mode=checked", "simulator=flawd"], "unknown simulator 'flawd'.*did you mean 'flawed'"),
        (["mode=checked", "simulator=flawed", "simulator.rat=1"], "simulator.rat: unknown option 'rat'"),
        (["mode=checked", "simulator=flawed", "simulator.rate=2"], "simulator.rate: "),
        (["mode=checkd"], "mode: "),
        (["mode=checked", "simulator=flawed", "policy=corect"], "policy: "),
    ],
)
def test_what_cannot_be_played_is_said_before_anything_runs(words, told):
    with pytest.raises(ConfigError, match=told):
        Rollout(experiment(None, ["environments=[counter]", *words])).check_playing()


def test_a_simulator_that_needs_a_model_says_so():
    live = Rollout(experiment(None, ["environments=[counter]", "mode=checked", "simulator=naive"]))
    with pytest.raises(ConfigError, match="simulator 'naive' needs a model"):
        live.check_playing()
    with pytest.raises(ModelError):
        asyncio.run(observations(simulated_world(simulator("naive", model=scripted())), add(7)))
