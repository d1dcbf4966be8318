"""Sweeps: cells and keys, stages once each, a kill and a resume, failures that stay where they are, the table."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
import yaml

from simenv.errors import ConfigError
from simenv.options import read
from simenv.sweep.cli import plan, sweep
from simenv.sweep.config import Sweep
from simenv.sweep.plan import cells, contents, size
from simenv.sweep.scheduler import DONE, STAGES, product_folder, stage_folder
from simenv.sweep.table import Rate, Row, markdown, rate, rows
from tests import ROOT

TWO = {
    "name": "two",
    "code": "version",
    "stages": {
        "rollout": {"environments": {"counter": {}}, "episodes": 3, "agent": {"name": "expert", "error_rate": 0.2}},
        "curate": {"runs": ["$rollout"], "filters": {}, "mix": {"validation": 0}},
        "again": {
            "does": "rollout",
            "environments": {"counter": {"source": "$rollout/tasks.jsonl", "admit": "all"}},
            "agent": "expert",
        },
    },
    "grid": {"rollout.agent.error_rate": [0, 0.5]},
    "measure": "again",
    "plugins": [str(ROOT / "tests" / "plugins")],
}

CIRCLE = {
    "stages": {"a": {"does": "rollout", "name": "$b"}, "b": {"does": "rollout", "name": "$a"}},
    "measure": "a",
    "grid": {},
}


def settings(**changes):
    return read(Sweep, TWO | changes, "")


def written(path, **changes):
    file = path / "sweep.yaml"
    file.write_text(yaml.safe_dump(TWO | {"out": str(path)} | changes, sort_keys=False))
    return str(file)


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_a_grid_is_the_product_of_its_axes_and_a_level_may_set_several_things():
    made = settings(
        grid={"rollout.agent.error_rate": [0, 1], "who": {"a": {}, "b": {"rollout.seed": 2, "again.seed": 3}}}
    )
    found = list(cells(made))
    assert size(made) == len(found) == 4
    assert found[3].labels == {"rollout.agent.error_rate": "1", "who": "b"}
    assert found[3].settings == {"rollout.agent.error_rate": 1, "rollout.seed": 2, "again.seed": 3}


def test_cells_share_the_stages_that_come_out_the_same():
    made = settings(grid={"again.seed": [0, 1], "rollout.seed": [0, 1]})
    stages = {s.key for _, last in plan(made) for s in last.all()}
    assert Counter(key.partition("-")[0] for key in stages) == {"rollout": 2, "again": 4}


def test_a_key_follows_what_a_stage_takes_and_nothing_else():
    def keys(**changes):
        (_, last), *_ = plan(settings(**changes))
        return {s.name: s.key for s in last.all()}

    stages = TWO["stages"]
    before = keys()
    unused = keys(stages=stages | {"curate": {"runs": ["$rollout"], "filters": {"thanks": {}}}})
    later = keys(stages=stages | {"again": stages["again"] | {"seed": 5}})
    first = keys(stages=stages | {"rollout": stages["rollout"] | {"seed": 5}})
    assert unused == before
    assert later["rollout"] == before["rollout"] and later["again"] != before["again"]
    assert first["rollout"] != before["rollout"] and first["again"] != before["again"]


def test_a_key_follows_what_is_in_the_files_that_settings_name(tmp_path, monkeypatch):
    gold = tmp_path / "gold.jsonl"
    (tmp_path / "folder").mkdir()
    inside = tmp_path / "folder" / "model.bin"

    def told():
        return contents({"gold": [str(gold), str(tmp_path / "folder")], "out": str(gold), "agent": "expert"})

    gold.write_text("a")
    inside.write_text("b")
    before = told()
    assert set(before) == {str(gold), str(tmp_path / "folder")} and told() == before
    (tmp_path / "folder" / "index.sqlite").write_text("made by a viewer")
    assert told() == before
    inside.write_text("c")
    changed = told()
    assert (
        changed[str(gold)] == before[str(gold)]
        and changed[str(tmp_path / "folder")] != before[str(tmp_path / "folder")]
    )
    gold.write_text("d")
    assert told()[str(gold)] != before[str(gold)]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert contents(["folder", "~/folder", "", "nowhere", "x" * 5000]).keys() == {"folder", "~/folder"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"grid": {"rolout.seed": [1]}}, "did you mean 'rollout'"),
        ({"measure": "evaluate"}, "unknown stage 'evaluate'"),
        ({"measure": "curate"}, "measure: curate is a curate, which has no success"),
        ({"grid": {"rollout": [1]}}, "grid: rollout: a stage alone; expected STAGE.KEY"),
        ({"grid": {"rollout.agent.error_rate.deep": [1]}}, "agent.error_rate.deep: error_rate is 0.2, which has no options"),
        ({"over": ["seed"]}, "no axis of the grid"),
        ({"grid": {"rollout.seed": []}}, "at least one value"),
        (CIRCLE, "depends on itself"),
        ({"grid": {"rollout.agents.error_rate": [0]}}, "stages.rollout.agents: unknown option 'agents'.*did you mean 'agent'"),
        ({"grid": {"curate.seed": [1, 2]}}, "grid: curate.seed: none of its levels changes 'again' or its inputs"),
        ({"stages": {"again": {"does": "dance"}}, "grid": {}}, "unknown command 'dance'"),
    ],
)  # fmt: skip
def test_what_makes_no_sweep_is_told_with_its_place(changes, told):
    with pytest.raises(ConfigError, match=told):
        plan(settings(**changes))


def test_a_place_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert sweep([written(tmp_path, out=str(tmp_path / "file"))]) == 1
    assert "cannot make the folder: Not a directory" in " ".join(capsys.readouterr().err.split())


def test_an_absurd_grid_says_how_many_cells_and_asks(tmp_path, capsys):
    grid = {"rollout.seed": list(range(100)), "again.seed": list(range(100))}
    assert sweep([written(tmp_path, grid=grid)]) == 2
    assert "100 rollout.seed × 100 again.seed make 10,000 cells, more than most=200; --yes" in " ".join(
        capsys.readouterr().err.split()
    )
    assert not (tmp_path / "two").exists()
    assert len(plan(settings(grid=grid), yes=True)) == 10_000


def test_stages_run_once_and_one_change_runs_what_depends_on_it(tmp_path):
    file, folder = written(tmp_path), tmp_path / "two"
    assert sweep([file]) == 0
    assert Counter((e["stage"], e["what"]) for e in log(folder)) == {("rollout", "ran"): 2, ("again", "ran"): 2}
    assert sweep([file, "stages.again.seed=4"]) == 0
    assert Counter((e["stage"], e["what"]) for e in log(folder)[4:]) == {("rollout", "reused"): 2, ("again", "ran"): 2}
    table = (folder / "table.md").read_text()
    assert table.startswith("| rollout.agent.error_rate | counter |")
    assert json.loads((folder / "sweep.json").read_text())["best"] is not None
    assert (folder / "bars.png").stat().st_size > 1000 and (folder / "heat.png").stat().st_size > 1000


def test_a_failed_cell_leaves_the_others_and_is_tried_again(tmp_path, capsys):
    bad = {"rollout.agent.name": ["expert", "exprt"]}
    assert sweep([written(tmp_path, grid=bad)]) == 1
    assert Counter(e["what"] for e in log(tmp_path / "two")) == {"ran": 2, "failed": 1, "skipped": 1}
    assert "did you mean 'expert'" in " ".join(capsys.readouterr().err.split())
    assert "| exprt | failed |" in (tmp_path / "two" / "table.md").read_text()
    assert sweep([written(tmp_path, grid=bad)]) == 1
    assert Counter(e["what"] for e in log(tmp_path / "two")[4:]) == {"reused": 2, "failed": 1, "skipped": 1}


def test_a_killed_sweep_goes_on_and_runs_no_stage_twice(tmp_path):
    grid = {"rollout.seed": [0, 1, 2]}
    file, folder = written(tmp_path, grid=grid, jobs=1), tmp_path / "two"
    process = subprocess.Popen(
        [sys.executable, "-m", "simenv.sweep", file], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not (folder / "log.jsonl").exists() or len(list((folder / STAGES).glob("*/stage.json"))) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {e["key"] for e in log(folder)}
    assert 1 <= len(before) < 6
    assert sweep([file]) == 0
    done = Counter(e["key"] for e in log(folder) if e["what"] in ("ran", "resumed"))
    assert len(done) == 6 and set(done.values()) == {1}
    assert {e["key"] for e in log(folder) if e["what"] == "reused"} == before


def test_repetitions_become_one_row_with_the_interval_of_both_seeds_and_tasks():
    same = rate(np.array([[1, 0, 1, 0.0]] * 3))
    assert same.mean == 0.5 and same.each == (0.5, 0.5, 0.5) and same.low < 0.1 and same.high > 0.9
    many = rate(np.tile([1.0, 0.0], (3, 200)))
    assert many.low > 0.44 and many.high < 0.56
    assert rate(np.array([[0.0] * 10] * 3)).high == pytest.approx(0.278, abs=0.001)


def scored(folder, stage, tasks, world=""):
    part = product_folder(folder, stage) / "trajectories" / "part-00000.jsonl"
    part.parent.mkdir(parents=True)
    (stage_folder(folder, stage) / DONE).write_text("{}")
    episodes = [{"environment": "counter", "task": t, "grade": {"success": s, "progress": s}} for t, s in tasks.items()]
    siblings = [episode | {"branch": {"parent": "p"}, "grade": {"success": 1, "progress": 1}} for episode in episodes]
    part.write_text("".join(json.dumps(line) + "\n" for line in episodes + siblings))
    worlds = [{"id": t, "spec": world} for t in tasks]
    (part.parents[1] / "tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in worlds))


@pytest.mark.parametrize(
    ("upper", "lower", "above"),
    [
        (({"a": 0, "b": 0}, {"a": 0, "b": 1}), ({"a": 1, "b": 0}, {"a": 1, "b": 1}), (0.5, (0.5, 0.5), 2)),
        (({"a": 0, "b": 0}, {"a": 0, "c": 1}), ({"b": 1, "x": 0}, {"a": 0, "x": 0}), (0.5, (1.0, 0.0), 2)),
        (({"a": 0, "b": 1}, {"a": 0}), ({"b": 0, "x": 0, "y": 1}, {"z": 1}), (-1.0, (-1.0,), 1)),
        (({"a": 0}, None), (None, {"a": 1}), None),
        (({"a": 0}, {"b": 0}), ({"b": 1}, {"a": 1}), None),
    ],
)
def test_rows_are_compared_on_the_tasks_and_repetitions_that_both_have_and_forks_do_not_count(
    tmp_path, upper, lower, above
):
    made = settings(grid={"rollout.agent.error_rate": [0, 0.5], "rollout.seed": [0, 1]}, over=["rollout.seed"])
    found = plan(made)
    for (_, stage), tasks in zip(found, (*upper, *lower), strict=True):
        if tasks is not None:
            scored(tmp_path, stage, tasks)
    first, second = rows(made, tmp_path, found, {})
    assert first.above is None
    assert above == (second.above and (second.above.mean, second.above.each, second.above.tasks))
    succeeded = [s for tasks in upper if tasks for s in tasks.values()]
    assert first.success["counter"].mean == pytest.approx(sum(succeeded) / len(succeeded))


def test_rows_on_other_tasks_of_the_same_names_are_not_compared(tmp_path):
    found = plan(settings())
    for (_, stage), world in zip(found, "xy", strict=True):
        scored(tmp_path, stage, {"a": 1, "b": 0}, world)
    assert [row.above for row in rows(settings(), tmp_path, found, {})] == [None, None]


def test_an_evaluation_on_tasks_that_were_trained_on_ends_before_an_agent_is_asked(tmp_path, capsys):
    stages = {
        "rollout": TWO["stages"]["rollout"],
        "evaluate": {
            "environments": {"counter": {"source": "$rollout/tasks.jsonl", "admit": "all"}},
            "agent": "expert",
            "trained_on": ["$rollout"],
        },
    }
    file = written(tmp_path, stages=stages, measure="evaluate", grid={})
    for _ in range(2):
        assert sweep([file]) == 1
        assert "the agent was trained on tasks of this evaluation" in " ".join(capsys.readouterr().err.split())
    [folder] = (tmp_path / "two" / STAGES).glob("evaluate-*")
    assert (folder / "out" / "tasks.jsonl").is_file() and not (folder / "out" / "trajectories").exists()
    assert sweep([file, "stages.evaluate.force=true"]) == 0


def test_the_table_names_the_best_and_pastes():
    low, high = (Rate(mean=m, low=m - 0.1, high=m + 0.1, each=(m,), tasks=50) for m in (0.2, 0.6))
    rows = [
        Row(labels={"data": "a"}, success={"db": low}),
        Row(labels={"data": "b|c"}, success={"db": high}, above=low),
    ]
    assert markdown(rows).splitlines() == [
        "| data | db | to the row above |",
        "| --- | ---: | ---: |",
        "| a | 20.0 (10–30) |  |",
        r"| **b\|c** | 60.0 (50–70) | +20.0 (+10 to +30) |",
    ]


def test_the_sweep_of_the_docs_can_be_read_though_yaml_takes_on_and_off_for_truth_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text("{}")
    blocks = (ROOT / "docs/sweep.md").read_text().split("```yaml\n")[1:]
    [shown] = [b.split("```")[0] for b in blocks if b.startswith("stages:")]
    made = Sweep(**yaml.safe_load(shown))
    assert list(made.grid["filters"]) == ["on", "off"] and len(plan(made)) == 12
    assert list(Sweep(stages={"a": {}}, grid={"seed": {1: {}, 2: {}}}).grid["seed"]) == ["1", "2"]
