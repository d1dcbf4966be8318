# ruff: noqa: E501 (tables read better in one line)
"""Tables, plans and faults of a sweep in full, and the work of each kind of stage, without a process of its own."""

import asyncio
import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

import simenv.curate.run
import simenv.finetune
import simenv.tiny.make
from simenv import command
from simenv.errors import ConfigError, SimenvError, WorldError
from simenv.options import read
from simenv.sweep import cli, scheduler, table, worker
from simenv.sweep.config import Sweep
from simenv.sweep.plan import Cell, Stage, cells, code_version
from simenv.sweep.scheduler import LogEntry, Scheduler
from simenv.sweep.table import Rate, Row, rate
from tests.sweep.test_run import TWO, settings, written


def sure(mean, low, high, tasks=10, each=()):
    return Rate(mean=mean, low=low, high=high, each=each or (mean,), tasks=tasks)


ROWS = [
    Row(labels={"lr": "1|2", "size": "s"}, success={"db": sure(0.5, 0.25, 0.754), "kg": sure(0.1, 0, 0.3), "all": sure(0.3, 0.2, 0.4)}, progress={"db": 0.5}),
    Row(labels={"lr": "3", "size": "s"}, success={"db": sure(1.0, 0.7, 1), "all": sure(0.35, 0.2, 0.5)}, above=sure(0.05, -0.104, 0.2)),
    Row(labels={"lr": "4"}, failed=("it fell",)),
]  # fmt: skip


def test_a_table_has_the_best_in_bold_and_says_what_failed():
    assert table.markdown(ROWS).splitlines() == [
        "| lr | size | db | kg | all | to the row above |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        "| 1\\|2 | s | 50.0 (25–75) | 10.0 (0–30) | 30.0 (20–40) |  |",
        "| **3** | s | 100.0 (70–100) | – | 35.0 (20–50) | +5.0 (-10 to +20) |",
        "| 4 |  | failed | failed | failed |  |",
    ]
    assert table.markdown(ROWS[:1]).splitlines()[2].startswith("| 1\\|2 | s |")
    assert table.markdown([]) == "| to the row above |\n| ---: |\n"
    bare = [Row(labels={}, success={"db": sure(0.5, 0.2, 0.8)}), Row(labels={}, success={"db": sure(0.4, 0.2, 0.8)})]
    assert (
        table.markdown(bare) == "| db | to the row above |\n| ---: | ---: |\n| 50.0 (20–80) |  |\n| 40.0 (20–80) |  |\n"
    )
    assert table.best(ROWS[2:]) is None and table.best(bare) is bare[0] and table.overall(ROWS[1]).mean == 0.35


def test_a_sweep_is_summed_up_as_json():
    last = Stage("again", "rollout", {}, {"first": Stage("first", "rollout", {"seed": 1}, code="c")}, "c")
    told = table.summary(settings(), ROWS[:2], [(Cell({"lr": "3"}, {}), last)])
    assert (
        told["name"] == "two"
        and told["best"] == {"lr": "3", "size": "s"}
        and told["rows"][1]["success"]["db"]["mean"] == 1.0
    )
    assert told["cells"] == [{"labels": {"lr": "3"}, "stages": {"first": last.inputs["first"].key, "again": last.key}}]
    assert table.summary(settings(), ROWS[2:], [])["best"] is None


@pytest.mark.parametrize(
    ("matrix", "signed", "told"),
    [
        ([[1, 0, 1, 1]], False, (0.75, 0.301, 0.954, (0.75,), 4)), ([[1, 1], [1, 1]], False, (1.0, 0.342, 1.0, (1.0, 1.0), 2)), ([[0, 0], [0, 0]], False, (0.0, 0.0, 0.658, (0.0, 0.0), 2)),
        ([[1, 0], [0, 1], [1, 1]], False, (0.667, 0.333, 1.0, (0.5, 0.5, 1.0), 2)), ([[1, 1]], True, (1.0, 1.0, 1.0, (1.0,), 2)), ([[1, np.nan], [np.nan, 0]], False, (0.5, 0.0, 1.0, (1.0, 0.0), 2)),
    ],
)  # fmt: skip
def test_a_rate_has_its_interval(matrix, signed, told):
    found = rate(np.array(matrix, dtype=float), signed)
    assert (round(found.mean, 3), round(found.low, 3), round(found.high, 3), found.each, found.tasks) == told


def result(*tasks):
    return {("db", name): (float(success), float(success)) for name, success in tasks}


def test_rows_of_one_environment_have_no_sum_and_of_two_have():
    one = table._row({"a": "1"}, [result(("t", 1), ("u", 0))])
    assert list(one.success) == ["db"] and one.progress == {"db": 0.5}
    two = table._row({}, [result(("t", 1)) | {("kg", "t"): (0.0, 0.5)}])
    assert {k: v.mean for k, v in two.success.items()} == {"db": 1.0, "kg": 0.0, "all": 0.5} and two.progress == {
        "db": 1.0,
        "kg": 0.5,
        "all": 0.75,
    }
    assert table._row({}, []).success == {}


def test_a_difference_is_over_what_both_have():
    seed = (("seed", "1"),)
    found = table._difference({seed: result(("t", 1), ("u", 0))}, {seed: result(("t", 0), ("u", 0), ("v", 1))})
    assert (found.mean, found.tasks) == (-0.5, 2)
    assert table._difference({seed: result(("t", 1))}, {(): result(("t", 1))}) is None
    assert table._difference({seed: result(("t", 1))}, {seed: result(("u", 1))}) is None


def test_a_cell_has_a_name_and_axes_turn_the_last_fastest():
    grid = {"rollout.seed": [1, 2], "way": {"a": {"rollout.episodes": 7}, "b": {}}}
    assert [c.name for c in cells(settings(grid=grid))] == [
        "rollout.seed=1, way=a",
        "rollout.seed=1, way=b",
        "rollout.seed=2, way=a",
        "rollout.seed=2, way=b",
    ]
    assert [c.settings for c in cells(settings(grid=grid))][:2] == [
        {"rollout.seed": 1, "rollout.episodes": 7},
        {"rollout.seed": 1},
    ]
    assert [c.name for c in cells(settings(grid={}))] == ["the only one"]


def test_every_source_is_in_the_code_of_a_key(tmp_path, monkeypatch):
    from simenv import plugins

    monkeypatch.setattr(plugins, "__path__", [str(tmp_path)])
    (tmp_path / "agents").mkdir()
    first = code_version(settings(code="sources"))
    (tmp_path / "agents" / "a.py").write_text("x = 1\n")
    second = code_version(settings(code="sources"))
    (tmp_path / "agents" / "a.png").write_text("x")
    (tmp_path / "other.py").write_text("x")
    assert len(first) == 64 and first != second == code_version(settings(code="sources"))
    (tmp_path / "agents" / "a.py").rename(tmp_path / "agents" / "b.py")
    assert code_version(settings(code="sources")) not in (first, second)
    assert code_version(settings(code="version")) == __import__("importlib.metadata").metadata.version("simenv")


def test_a_plan_lists_the_stages_and_runs_none(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    file = written(tmp_path, grid={"again.seed": [1, 2]})
    assert cli.sweep([file, "--dry-run"]) == 0
    (first, _), (second, _) = (
        (last, cell) for cell, last in cli.plan(read(Sweep, yaml.safe_load(Path(file).read_text()), ""))
    )
    rollout = first.inputs["rollout"].key
    head = f"2 cells, 3 stages in {tmp_path}/two/stages"
    assert capsys.readouterr().out.splitlines() == [
        head,
        f"  to run  rollout   {rollout} for 2 cells",
        f"  to run  rollout   {first.key} for 1 cells",
        f"  to run  rollout   {second.key} for 1 cells",
    ]
    assert not (tmp_path / "two").exists()
    done = tmp_path / "two" / "stages" / rollout / "done.json"
    done.parent.mkdir(parents=True)
    done.write_text("{}")
    assert (
        cli.sweep([file, "--dry-run"]) == 0 and f"  there   rollout   {rollout} for 2 cells" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["jobs=2"], "expected a YAML file with stages and a grid, or one that simenv brings: combination, methods, study"),
        (["{file}", "over=[rollout.seed]"], "over: 'rollout.seed' is no axis of the grid; there are rollout.agent.error_rate"),
        (["{file}", "over=[x]", "grid={}"], "over: 'x' is no axis of the grid; there are none"),
    ],
)  # fmt: skip
def test_wrong_words_are_told(tmp_path, capsys, words, told):
    file = written(tmp_path)
    assert cli.sweep([w.replace("{file}", file) for w in words]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("bugs", "failed", "status"), [({}, {}, 0), ({"k": ["x"]}, {}, 3), ({"k": ["x"]}, {"k": "it fell"}, 1)]
)
def test_the_status_says_whether_stages_failed_or_had_bugs(tmp_path, monkeypatch, bugs, failed, status):
    given = []

    def run(settings, folder, plan, console, trust):
        given.append((folder, trust))
        return SimpleNamespace(failed=failed, bugs=bugs)

    monkeypatch.setattr(cli, "_run_stages", run)
    assert cli.sweep([written(tmp_path), "--trust", "x"]) == status
    assert given == [(tmp_path / "two", ["x"])]
    assert sorted(p.name for p in (tmp_path / "two").iterdir() if p.suffix in (".md", ".json", ".yaml", ".png")) == [
        "config.yaml",
        "sweep.json",
        "table.md",
    ]


def test_a_grid_may_have_just_as_many_cells_as_most(tmp_path):
    grid = {"again.seed": [1, 2, 3]}
    assert len(cli.plan(settings(grid=grid, most=3))) == 3 and len(cli.plan(settings(grid=grid, most=2), yes=True)) == 3
    with pytest.raises(
        ConfigError, match=r"^grid: 3 again\.seed make 3 cells, more than most=2; --yes runs them all the same$"
    ):
        cli.plan(settings(grid=grid, most=2))


def test_results_and_errors_are_shown(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    cli._show(ROWS, tmp_path, command.output())
    out = capsys.readouterr().out
    assert str(tmp_path) in out and "to the row above" in out and "50.0 (25–75)" in out
    assert "4, : it fell" not in out and out.splitlines()[-1] == "4: it fell"


def ordered(folder, kind, config, **more):
    folder.mkdir()
    (folder / "stage.json").write_text(
        json.dumps({"kind": kind, "config": config, "plugins": [], "trust": ["t"]} | more)
    )
    return folder


def test_a_stage_writes_its_result_or_its_error(tmp_path, monkeypatch):
    given = []
    monkeypatch.setitem(worker.WORK, "rollout", lambda config, folder: given.append((config, folder)) or ["a bug"])
    folder = ordered(tmp_path / "a", "rollout", {"seed": 1})
    assert worker.work(folder) == 0 and given == [({"seed": 1, "name": "out", "out": str(folder)}, folder)]
    told = json.loads((folder / "result.json").read_text())
    assert (
        told["bugs"] == ["a bug"]
        and 0 < told["cpu"] < 10_000
        and set(told) == {"bugs", "cpu"}
        and not (folder / "error.txt").exists()
    )

    def fail(config, folder):
        raise WorldError("it fell")

    monkeypatch.setitem(worker.WORK, "rollout", fail)
    folder = ordered(tmp_path / "b", "rollout", {})
    assert (
        worker.work(folder) == 1
        and (folder / "error.txt").read_text() == "WorldError: it fell\n"
        and not (folder / "result.json").exists()
    )


def test_a_curation_begins_anew_with_what_may_be_trusted(tmp_path, monkeypatch):
    made = []

    class Curator:
        def __init__(self, settings, trust):
            made.append((settings, trust))

        def run(self, folder):
            made.append((folder, folder.exists()))
            return {"bugs": [{"place": "p", "error": "e", "trajectory": "t"}]} if len(made) < 3 else {}

    monkeypatch.setattr(simenv.curate.run, "Curator", Curator)
    folder = ordered(tmp_path / "a", "curate", {"runs": ["r"]})
    for remains in ("out", ".out.x"):
        (folder / remains).mkdir()
    assert worker.work(folder) == 0 and json.loads((folder / "result.json").read_text())["bugs"] == ["p: e"]
    assert (
        made[0][1] == ["t"]
        and made[0][0].runs == ("r",)
        and made[1] == (folder / "out", False)
        and not (folder / ".out.x").exists()
    )
    assert worker.work(folder) == 0 and json.loads((folder / "result.json").read_text())["bugs"] == []


def test_a_training_goes_on_where_one_was_begun(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(
        simenv.finetune, "finetune", lambda settings: given.append((settings.resume, (folder / "out").exists()))
    )
    folder = ordered(tmp_path / "a", "finetune", {"data": "d", "model": "m"})
    (folder / "out").mkdir()
    assert worker.work(folder) == 0 and given == [(False, False)]
    (folder / "out").mkdir()
    (folder / "out" / "finetune.yaml").touch()
    assert (
        worker.work(folder) == 0
        and given[1] == (True, True)
        and json.loads((folder / "result.json").read_text())["bugs"] == []
    )


def test_a_tiny_model_is_made_anew(tmp_path, monkeypatch):
    given = []
    monkeypatch.setattr(
        simenv.tiny.make, "make", lambda settings: given.append((settings.out, (folder / "out").exists()))
    )
    folder = ordered(tmp_path / "a", "tiny", {})
    (folder / "out").mkdir()
    assert worker.work(folder) == 0 and given == [(str(folder), False)]


def test_a_run_that_ends_early_is_an_error(tmp_path, monkeypatch):
    async def stopped(*words):
        return 130

    monkeypatch.setattr(worker.command, "stoppable", stopped)
    monkeypatch.setattr(worker.drive, "play", lambda *words: None)
    with pytest.raises(SimenvError, match=rf"^{tmp_path}: the run ended early, with status 130$"):
        worker._drive(None, SimpleNamespace(folder=tmp_path))


def test_an_environment_that_cannot_be_played_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(
        worker, "Rollout", lambda settings: SimpleNamespace(left_out={"os": "no bwrap", "web": "no page"})
    )
    monkeypatch.setattr(worker.drive, "open_run", lambda *words: words)
    monkeypatch.setattr(worker.drive, "connect_models", lambda *words: None)
    (tmp_path / "out").mkdir()
    with pytest.raises(ConfigError, match=r"^os: no bwrap; web: no page$"):
        worker._open(SimpleNamespace(), tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_worker_ends_with_the_process_that_started_it(monkeypatch):
    ended, parts = [], [b"x", b""]
    monkeypatch.setattr(worker.os, "read", lambda descriptor, size: parts.pop(0))
    monkeypatch.setattr(worker.os, "_exit", ended.append)
    worker._exit_with_parent()
    assert ended == [1] and not parts


def test_a_process_that_crashed_is_told_by_its_last_line(tmp_path):
    (tmp_path / "stderr.txt").write_text("Traceback\nValueError: odd\n\n  \n")
    assert (
        scheduler._error(tmp_path, 7)
        == f"its process ended with status 7: ValueError: odd; its output is in {tmp_path}/stderr.txt"
    )
    (tmp_path / "stderr.txt").write_text("")
    assert (
        scheduler._error(tmp_path, -9) == f"its process ended with status -9: ; its output is in {tmp_path}/stderr.txt"
    )
    (tmp_path / "error.txt").write_text("WorldError: it fell\n")
    assert scheduler._error(tmp_path, 1) == "WorldError: it fell"


def test_processes_have_their_threads_and_ask_nobody(tmp_path):
    made = Scheduler(settings(threads=3), tmp_path, [])
    given = {k: v for k, v in made._environment().items() if os.environ.get(k) != v}
    assert given == {
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "3",
    }


def test_stages_that_are_done_or_lack_an_input_are_logged_without_work(tmp_path):
    done, bad = Stage("done", "rollout", {"seed": 1}), Stage("bad", "rollout", {"seed": 2})
    last, lost = (
        Stage("last", "rollout", {"seed": 3}, {"done": done}),
        Stage("lost", "rollout", {"seed": 4}, {"bad": bad}),
    )
    for stage in (done, last):
        folder = scheduler.stage_folder(tmp_path, stage)
        folder.mkdir(parents=True)
        (folder / "done.json").write_text(json.dumps({"bugs": ["b"]} if stage is done else {}))
    seen = []
    made = Scheduler(
        settings(), tmp_path, [(Cell({}, {}), last), (Cell({}, {}), done), (Cell({}, {}), lost)], seen.append
    )
    made.failed[bad.key] = "it fell"
    made._waiting.pop(bad.key)
    made._ended.add(bad.key)
    asyncio.run(made.run())
    assert [(e.stage, e.what, e.cells, e.error, e.bugs) for e in seen] == [
        ("done", "reused", 2, "", ("b",)), ("lost", "skipped", 1, "needs bad: it fell", ()), ("last", "reused", 1, "", ()),
    ]  # fmt: skip
    assert made.bugs == {done.key: ["b"]} and made.failed == {bad.key: "it fell", lost.key: "needs bad: it fell"}
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [sorted(line) for line in lines] == [
        ["bugs", "cells", "key", "stage", "started", "what"],
        ["cells", "error", "key", "stage", "started", "what"],
        ["cells", "key", "stage", "started", "what"],
    ]
    assert all(len(line["started"]) == 25 for line in lines) and LogEntry.model_validate(lines[0]) == seen[0]


def test_so_many_stages_run_at_once(tmp_path, monkeypatch):
    stages = [Stage("s", "rollout", {"seed": n}) for n in range(5)]
    at_once = []

    async def run(self, stage):
        at_once.append(at_once[-1] + 1 if at_once else 1)
        await asyncio.sleep(0.01)
        at_once.append(at_once[-1] - 1)
        self._end(stage, "ran", seconds=1.5, cpu=0.5)

    monkeypatch.setattr(Scheduler, "_run_stage", run)
    made = Scheduler(settings(jobs=2), tmp_path, [(Cell({}, {}), s) for s in stages])
    asyncio.run(made.run())
    assert max(at_once) == 2 and at_once.count(2) >= 2 and len(made._ended) == 5


def test_the_settings_of_a_stage_are_those_of_its_command():
    from simenv.sweep.stage_settings import settings_class

    names = {kind: settings_class(kind).__name__ for kind in ("rollout", "tiny", "curate", "finetune", "evaluate")}
    assert names == {
        "rollout": "Experiment",
        "tiny": "Tiny",
        "curate": "Curation",
        "finetune": "Finetune",
        "evaluate": "Evaluation",
    }
    assert TWO["name"] == "two" and read(
        Sweep, TWO | {"grid": {"rollout.way": {True: {}, False: {}, 7: {}}}}, ""
    ).grid == {"rollout.way": {"on": {}, "off": {}, "7": {}}}
    with pytest.raises(ConfigError, match="grid"):
        read(Sweep, TWO | {"grid": [1]}, "")


def test_every_file_of_the_package_itself_is_code(tmp_path, monkeypatch):
    from simenv import plugins
    from simenv.sweep import plan

    monkeypatch.setattr(plugins, "__path__", [])
    monkeypatch.setattr(plan, "__file__", str(tmp_path / "sweep" / "plan.py"))
    (tmp_path / "models").mkdir()
    seen = {code_version(settings(code="sources"))}
    for name in ("models/a.py", "a.j2", "models/a.yaml", "a.json", "a.txt", "a.md"):
        (tmp_path / name).touch()
        seen.add(code_version(settings(code="sources")))
    assert len(seen) == 7
