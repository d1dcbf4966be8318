"""How true a simulator is: known rates come back, the same questions for all, ends and resumptions, the training pairs."""

import asyncio
import json

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.config import load
from simenv.errors import BudgetSpent, ConfigError, ModelError
from simenv.fidelity.actors import Actors
from simenv.fidelity.cli import fidelity
from simenv.fidelity.config import Fidelity
from simenv.fidelity.questions import fingerprint, read
from simenv.fidelity.report_page import markdown
from simenv.fidelity.run import Measurement
from simenv.models.clients.scripted import scripted
from simenv.rollout.drive import open_run
from simenv.runs.spending import spent
from simenv.runs.store import Run
from simenv.simulate.change_size import bucket
from simenv.simulate.prompted import StatefulLine
from simenv.simulate.state_patch import apply_changes
from simenv.types import Sample, Usage

RATES = {"0": 0.05, "1-2": 0.3, "3-6": 0.55, "7-12": 0.8}


def measured(tmp_path, *words, model=None, settings=None):
    settings = settings or load(
        None, ["environments=[counter]", f"out={tmp_path}", *words], Fidelity, "fidelity/default.yaml"
    )
    live = Measurement(settings, model)
    live.check()
    run = open_run(settings)
    asyncio.run(whole(live, run))
    return live, run, live.report(run)


async def whole(live, run):
    await live.prepare(run)
    await live.run(run)


def test_known_rates_by_size_of_the_change_come_back_within_the_interval(tmp_path):
    rates = json.dumps(RATES)
    _, _, report = measured(tmp_path, "episodes=80", f"simulator.rates={rates}")
    for way in ("one_step", "free"):
        cells = report["ways"][way]["counter"]["by_delta"]
        for size, rate in RATES.items():
            low, high = cells[size]["match_interval"]
            assert cells[size]["asked"] > 60 and low <= 1 - rate <= high, (way, size, cells[size])


def test_harmless_variation_is_no_drift_and_no_flaw_is_missed(tmp_path):
    _, _, right = measured(tmp_path, "episodes=20", "simulator.rates={}", "simulator.rate=0", "simulator.vary=1")
    assert right["ways"]["one_step"]["counter"]["all"]["match_rate"] == 1.0
    _, _, wrong = measured(tmp_path, "episodes=20", "simulator.rates={}", "simulator.rate=1")
    cell = wrong["ways"]["one_step"]["counter"]["all"]
    assert cell["match"] == 0 and cell["drift"] > 100
    assert wrong["ways"]["one_step"]["counter"]["unverifiable_reasons"] == {
        "nobody talks about 13": cell["unverifiable"]
    }


def test_two_models_see_the_same_questions_and_a_file_of_them_asks_again(tmp_path):
    _, first, one = measured(tmp_path, "episodes=3", "seed=5")
    _, second, other = measured(tmp_path, "episodes=3", "seed=5", "simulator.rate=1")
    assert (first.folder / "questions.jsonl").read_bytes() == (second.folder / "questions.jsonl").read_bytes()
    _, third, again = measured(tmp_path, f"questions={first.folder}/questions.jsonl", "seed=9")
    assert one["questions"] == other["questions"] == again["questions"] and len(one["questions"]["digest"]) == 64
    assert not (third.folder / "tasks.jsonl").exists()
    _, _, new = measured(tmp_path, "episodes=3", "seed=6")
    assert new["questions"]["digest"] != one["questions"]["digest"]


def test_the_policies_do_what_they_are_called_for(tmp_path):
    _, run, _ = measured(tmp_path, "episodes=20")
    kinds = {}
    for asked in read(run.folder / "questions.jsonl"):
        for r in asked.rounds:
            kinds.setdefault((asked.policy, r.kind), []).append(r)
    assert all(not r.truth.invalid for r in kinds["expert", "expert"])
    assert sum(r.truth.invalid for r in kinds["adversarial", "malformed"]) > 20
    assert all(r.truth.invalid for r in kinds["adversarial", "refused"])
    assert {p for p, _ in kinds} == {"expert", "random", "adversarial"} and kinds["adversarial", "near_miss"]


def test_each_step_is_told_the_truth_and_a_free_one_what_it_said_itself(tmp_path):
    answer = json.dumps(
        {"observation": "The counter shows 77.", "changes": [{"op": "replace", "path": "/value", "value": 77}]}
    )
    model = scripted(answer, repeat=True, usage=Usage(input_tokens=10, output_tokens=2, cost=0.01))
    _, run, report = measured(
        tmp_path, "simulator={name: grounded}", "policies=[expert]", "episodes=1", "concurrency=1", model=model
    )
    asked = next(read(run.folder / "questions.jsonl"))
    n = len(asked.rounds)
    assert n > 1 and len(model.requests) == 2 * n
    told = [r.messages[-1].content for r in model.requests]
    assert '{"value": 77}' not in told[1] and all('{"value": 77}' in t for t in told[n + 1 :])
    free = report["ways"]["free"]["counter"]
    assert [p["distance"] for p in free["curve"]] == [1.0] * n and free["usage"]["cost"] == pytest.approx(0.01 * n)
    assert free["errors"] == {"wrong_result": n} and free["state"]["drift"] == n


@pytest.mark.parametrize(
    ("said", "error"), [("Of course! Let me know how it goes.", "out_of_character"), ("?", "format"), (None, None)]
)
def test_models_that_talk_never_give_json_or_are_down_are_measured_too(tmp_path, said, error):
    def down(request):
        raise ModelError("timed out")

    model = scripted(said, repeat=True) if said else scripted(down)
    _, _, report = measured(
        tmp_path, "simulator={name: naive, tries: 2}", "policies=[expert]", "episodes=2", model=model
    )
    for way in ("one_step", "free"):
        e = report["ways"][way]["counter"]
        asked = e["all"]["asked"]
        assert asked > 3 and e["state"] is None
        assert e["all"]["drift" if error else "unanswered"] == asked
        assert e["errors"] == ({error: asked} if error else {}) and e["usage"]["calls"] == (2 * asked if said else 0)
    assert "| counter |" in markdown(report)


def test_a_measurement_that_ran_out_of_money_goes_on_where_it_ended(tmp_path):
    answer = json.dumps({"observation": "The counter shows 1."})
    left = [9]

    def paid(request):
        left[0] -= 1
        if left[0] < 0:
            raise BudgetSpent("enough")
        return answer

    settings = load(
        None, ["environments=[counter]", f"out={tmp_path}", "simulator={name: naive}", "episodes=2", "concurrency=1"],
        Fidelity, "fidelity/default.yaml",
    )  # fmt: skip
    live = Measurement(settings, scripted(paid))
    run = open_run(settings)
    with pytest.raises(BudgetSpent):
        asyncio.run(whole(live, run))
    before = {a["id"]: a for a in run.raw("answers")}
    left[0] = 10**6
    again = Measurement(settings, scripted(paid))
    asyncio.run(whole(again, run))
    after = {a["id"]: a for a in run.raw("answers")}
    assert 0 < len(before) < len(after) == 12 and before.items() <= after.items()


def test_outages_are_asked_again_on_resume_and_the_later_answers_count(tmp_path):
    up = False

    def answer(request):
        if not up and len(model.requests) % 2:
            raise ModelError("timed out")
        return json.dumps({"observation": "The counter shows 1."})

    model = scripted(answer)
    live, run, before = measured(
        tmp_path, "simulator={name: naive}", "policies=[expert]", "ways=[one_step]", "episodes=2", model=model
    )
    cell = before["ways"]["one_step"]["counter"]["all"]
    assert cell["unanswered"] and not live.answered(run)
    up, asked = True, len(model.requests)
    asyncio.run(whole(live, run))
    after = live.report(run)["ways"]["one_step"]["counter"]["all"]
    assert after["unanswered"] == 0 and after["asked"] == cell["asked"] == len(model.requests) - asked
    asyncio.run(whole(live, run))
    assert len(model.requests) - asked == after["asked"] and len(live.answered(run)) == 2


def test_what_an_episode_cost_that_the_budget_cut_short_counts_on_resume(tmp_path):
    said = json.dumps([json.dumps({"observation": "The counter shows 1."})])
    usage = json.dumps({"input_tokens": 100, "output_tokens": 10})
    words = [
        "environments=[counter]", f"out={tmp_path}", "episodes=2", "concurrency=1", "simulator={name: naive}",
        "model=scripted", f"model.replies={said}", "model.repeat=true", f"model.usage={usage}",
        "model.usd_per_million_in=1000", "model.usd_per_million_out=1000", "model.max_tokens=10", "budget=2",
    ]  # fmt: skip
    assert fidelity(words) == 1
    run = Run(tmp_path / "fidelity")
    finished = sum(a["usage"]["cost"] for a in run.raw("answers"))
    noted = json.loads((run.folder / "spent.json").read_text())["usd"]
    assert finished < noted <= 2
    assert spent(run, "answers") == noted
    assert fidelity(["--resume", str(run.folder)]) == 1
    assert noted <= spent(run, "answers") <= 2


def test_the_pairs_train_a_simulator_on_its_own_turn_with_the_prompt_it_will_get(tmp_path):
    model = scripted("{}", repeat=True)
    _, run, report = measured(
        tmp_path,
        "simulator={name: grounded, tries: 1}",
        "policies=[expert]",
        "ways=[one_step]",
        "episodes=12",
        model=model,
    )
    samples = [
        Sample.model_validate_json(line)
        for part in ("train", "validation")
        for line in (run.folder / "pairs" / f"{part}.jsonl").read_text().splitlines()
    ]
    assert len(samples) == report["pairs"]["train"] + report["pairs"]["validation"] == len(model.requests)
    assert report["pairs"]["validation"] > 0
    prompts = {r.messages[-1].content for r in model.requests}
    assert {s.messages[1].content for s in samples} == prompts
    assert {tuple(m.train for m in s.messages) for s in samples} == {(False, False, True)}
    scenes = {f"{a.id}.{n}": s for a in read(run.folder / "questions.jsonl") for n, s in enumerate(a.transitions())}
    for sample in samples:
        line, scene = StatefulLine.model_validate_json(sample.messages[2].content), scenes[sample.id]
        assert line.observation == scene.truth.text and apply_changes(scene.before, line.changes) == scene.after


def test_the_command_writes_json_markdown_and_a_picture(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fidelity(["environments=[counter]", "episodes=2", "concurrency=4"]) == 0
    folder = tmp_path / "fidelity" / "fidelity"
    assert (folder / "fidelity.png").read_bytes().startswith(b"\x89PNG")
    assert "## How errors compound" in (folder / "report.md").read_text()
    assert "free-running" in capsys.readouterr().out.lower()
    assert fidelity(["--resume", str(folder)]) == 0
    assert fidelity(["environments=[counter]", "questions=nowhere.jsonl"]) == 2
    assert fidelity(["environments=[counter]", "simulator=flawd"]) == 2
    (tmp_path / "bad.jsonl").write_text('{"id": 1}\n')
    assert fidelity(["environments=[counter]", "questions=bad.jsonl"]) == 2


def test_a_questions_file_has_one_fingerprint_whatever_its_answers_say(tmp_path):
    _, run, _ = measured(tmp_path, "episodes=1")
    path, other = run.folder / "questions.jsonl", tmp_path / "other.jsonl"
    other.write_text(path.read_text().replace("The counter shows", "It shows"))
    assert fingerprint(path) == fingerprint(other)


def test_a_stand_in_without_flaws_to_make_cannot_be_measured():
    live = Measurement(load(None, ["environments=[counter]"], Fidelity, "fidelity/default.yaml"))
    with pytest.raises(ConfigError, match=r"counter has no flaws\.py"):
        live.playing.actor(plugins.environment("counter")._replace(flaws=None), None, None)


@pytest.mark.parametrize("name", ["db", "household", "kg", "os", "search", "web"])
def test_what_an_environment_says_of_its_own_hostile_and_sweeping_actions_holds(name):
    """Sweeping actions change something, of several sizes; hostile ones are answered and end nothing."""
    environment = plugins.environment(name)
    world = environment.world()
    if reason := world.missing():
        pytest.skip(reason)
    actors = Actors(environment)
    task = environment.procedural().make("t", default_rng(1))

    async def lived():
        await world.reset(task)
        sizes = set()
        for action in await actors._sweeping(world):
            before = await world.state()
            assert (await world.step(action)).stop is None
            sizes.add(bucket(environment.comparison().delta(before, await world.state())))
        refused = [await world.step(a) for a in environment.hostile]
        await world.close()
        return sizes, refused

    sizes, refused = asyncio.run(lived())
    assert name not in ("db", "os") or {"1-2", "3-6"} <= sizes
    assert len(refused) > 10 and all(s.stop is None for s in refused)
