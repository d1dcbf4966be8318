"""Many assignments: order, duplicates, passages, ends by budget or kill, and the command."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from simenv import plugins
from simenv.config import bundled
from simenv.errors import BudgetSpent, ConfigError, ModelError
from simenv.models.budget import Budget
from simenv.models.clients.scripted import Scripted, scripted
from simenv.runs.store import Run
from simenv.runtime import task_reader
from simenv.source import TaskReader
from simenv.teach.cli import teach
from simenv.teach.duplicates import DuplicateIndex
from simenv.teach.run import PART, TeachingRun, cost
from simenv.types import Task
from tests.helpers.model_server import Faults, serve
from tests.helpers.teaching import draft, rows, run_teaching, scripted_model, teaching_run


def test_passages_are_used_in_turn_and_bounded(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(f"paragraph {n} " + "x" * 180 for n in range(9)))
    assignments = teaching_run(scripted("x"), documents=[str(path)], passage=200, passages=3, tasks=5).assignments["db"]
    assert [a.passage[:11] for a in assignments] == [f"paragraph {n}" for n in (0, 1, 2, 0, 1)]
    assert len({a.seed for a in assignments}) == 5


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"documents": ["nowhere.md"]}, "documents: nowhere.md: No such file"),
        ({"instructions": "nowhere.txt"}, "instructions: nowhere.txt is no file"),
        ({"environments": ["dbb"]}, "did you mean 'db'"),
        ({"world": {"db": {"engin": 1}}}, "did you mean 'engine'"),
    ],
)
def test_what_cannot_be_used_is_named(options, error):
    with pytest.raises(ConfigError, match=error):
        teaching_run(scripted("x"), **options)


def test_the_task_file_is_what_a_rollout_reads(tmp_path):
    tasks, _ = run_teaching(tmp_path, scripted_model([draft("db", 0), "no", draft("db", 2)]), tasks=3)
    reader = task_reader(plugins.environment("db"), tmp_path / "tasks.jsonl")
    assert isinstance(reader, TaskReader)
    assert [t.id for t in reader.tasks(tmp_path / "tasks.jsonl")] == [t["id"] for t in tasks]
    assert len(tasks) == 2


def test_how_many_are_in_flight_changes_nothing_but_prompts_with_what_came_before(tmp_path):
    drafts = [draft("household", n) for n in (0, 1, 1, 2, 3, 0)]
    one, rejected = run_teaching(tmp_path / "one", scripted_model(drafts), "household", tasks=6, concurrency=1)
    many, also = run_teaching(
        tmp_path / "many", scripted_model(drafts, latency=0.01), "household", tasks=6, concurrency=4
    )
    assert one == many and rejected == also and [r["cause"] for r in rejected] == ["duplicate"] * 2


async def test_a_spent_budget_keeps_what_is_done_and_resume_goes_on(tmp_path):
    model = scripted_model([draft("db", n) for n in range(6)])
    usage = {"usage": {"input_tokens": 10, "output_tokens": 10, "cost": 0.4}, "usd_per_million_in": 1}
    options = {**usage, "usd_per_million_out": 1, "max_tokens": 10}
    priced = Scripted(Scripted.Options(**options), Budget(1.0), script=model.script)
    run = Run(tmp_path)
    with pytest.raises(BudgetSpent):
        await teaching_run(priced, tasks=6).run(run)
    done = len(rows(tmp_path, "tasks"))
    assert 2 <= done < 6 and cost(run) == pytest.approx(0.4 * done)
    again = scripted_model([draft("db", n) for n in range(6)])
    await teaching_run(again, tasks=6).run(run)
    assert len(rows(tmp_path, "tasks")) == 6 and len(again.requests) == 6 - done
    whole, _ = rows(tmp_path, "tasks"), None
    assert [t["id"] for t in whole] == [f"db-teach-0-{n:05d}" for n in range(6)]


async def test_where_the_model_failed_to_answer_it_is_asked_again(tmp_path):
    run = Run(tmp_path)
    await teaching_run(scripted(), tasks=2).run(run)
    assert [r["cause"] for r in rows(tmp_path, "rejected")] == ["model"] * 2
    await teaching_run(scripted_model([draft("db", n) for n in range(2)]), tasks=2).run(run)
    assert len(rows(tmp_path, "tasks")) == 2 and rows(tmp_path, "rejected") == []
    assert json.loads((tmp_path / "report.json").read_text())["db"]["assignments"] == 2


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_what_is_asked_again_is_compared_with_what_came_after_it_too(tmp_path, concurrency):
    def late(request):
        if request.sample == 1:
            raise ModelError("timed out")
        return json.dumps(draft("household", request.sample))

    run, options = Run(tmp_path), {"tasks": 4, "concurrency": concurrency}
    await teaching_run(scripted(late), "household", **options).run(run)
    again = scripted_model([draft("household", 2)] * 4)
    await teaching_run(again, "household", **options).run(run)
    assert [t["id"][-1] for t in rows(tmp_path, "tasks")] == ["0", "2", "3"] and len(again.requests) == 1
    assert [(r["where"][-1], r["cause"]) for r in rows(tmp_path, "rejected")] == [("1", "duplicate")]


def test_the_index_gives_the_last_by_number_whenever_they_came():
    index = DuplicateIndex(0.9)
    for number in (0, 3, 1):
        index.add(Task(id=str(number), environment="db", instruction=f"do {number}", spec={}, goal={}), number)
    assert index.last(2, 4) == ["do 1", "do 3"] and index.last(2, 3) == ["do 0", "do 1"]


def command(folder, *words, **options):
    arguments = [sys.executable, "-m", "simenv.teach", *words, f"out={folder}", "name=t"]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def replies(count):
    return json.dumps([json.dumps(draft("household", n)) for n in range(count)])


def test_a_killed_command_is_taken_up_where_it_ended(tmp_path):
    words = [
        "environments=household",
        "tasks=8",
        "concurrency=1",
        "levels=[]",
        "shots=0",
        "repairs=0",
        "model=scripted",
    ]
    process = command(tmp_path, *words, f"model.replies={replies(8)}", "model.latency=0.3")
    parts = tmp_path / "t" / PART
    deadline = time.monotonic() + 120
    while sum(p.read_text().count("\n") for p in parts.glob("*")) < 2:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    held = sum(p.read_text().count("\n") for p in parts.glob("*"))
    assert 2 <= held < 8 and not (tmp_path / "t" / "tasks.jsonl").exists()
    done = subprocess.run(
        [sys.executable, "-m", "simenv.teach", "--resume", str(tmp_path / "t"), "concurrency=1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "t" / "report.json").read_text())["household"]
    assert report["assignments"] == 8 and report["answers"] == 8 and "household" in done.stdout
    # The script of the resumed process begins anew, so what it writes now is there already.
    assert report["rejected"].get("duplicate", 0) >= held - 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["environments=db"], "model: none given"),
        (["model=scripted"], "environments: none given"),
        (["environments=db", "model=scripted", "taks=3"], "did you mean 'tasks'"),
        (["invent=db", "topics=x", "model=scripted"], "there is an environment 'db' already"),
        (["invent=shop", "model=scripted"], "invent needs one of overview, topics, documents"),
    ],
)
def test_wrong_input_ends_with_status_2(words, error, tmp_path, capsys):
    assert teach([*words, f"out={tmp_path}"]) == 2
    assert error in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_teaching_run_writes_nothing_by_being_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(teaching_run(scripted("x")), TeachingRun) and not list(tmp_path.iterdir())


def test_a_server_that_fails_and_talks_is_endured_and_the_counts_add_up(tmp_path, capsys):
    good = [json.dumps(draft("household", n)) for n in range(4)]
    asked = 0

    def answer(messages, tools):
        nonlocal asked
        asked += 1
        return [*good, "Happy to help!", '{"environment": "household"'][asked % 6]

    with serve(answer, Faults(rate=0.2, seed=3, slow=0)) as server:
        words = ["environments=household", "tasks=8", "shots=0", "repairs=1", "concurrency=2", f"out={tmp_path}"]
        client = [
            "model=openai",
            "model.model=m",
            f"model.base_url={server.openai_url}",
            "model.retries=20",
            "budget=1",
        ]
        prices = ["model.backoff=0", "model.usd_per_million_in=1", "model.usd_per_million_out=1"]
        assert teach([*words, *client, *prices]) == 0
    report = json.loads((tmp_path / "teach" / "report.json").read_text())["household"]
    assert report["tasks"] + sum(report["rejected"].values()) == report["assignments"] == 8
    assert report["tasks"] == len(rows(tmp_path / "teach", "tasks")) >= 2
    assert report["answers"] == report["usage"]["calls"] <= asked and report["usage"]["cost"] > 0
    spent = json.loads((tmp_path / "teach" / "spent.json").read_text())["usd"]
    assert spent == pytest.approx(report["usage"]["cost"])
    assert "why each was rejected" in capsys.readouterr().err


def test_the_offline_demonstration_shows_what_it_says(tmp_path):
    assert teach([str(bundled("teach/offline.yaml")), f"out={tmp_path}"]) == 0
    report = json.loads((tmp_path / "offline" / "report.json").read_text())["db"]
    assert report["rejected"] == {"duplicate": 1, "leak": 1, "no_json": 1, "schema": 1}
    assert (report["tasks"], report["at_once"], report["answers"]) == (2, 1, 11)


def test_environments_are_taught_side_by_side_and_write_what_they_write_alone(tmp_path):
    drafts = {name: [draft(name, n) for n in range(4)] for name in ("household", "kg")}
    order, flying = [], []

    async def answer(request):
        name = "household" if "environment `household`" in request.messages[0].content else "kg"
        order.append(name)
        flying.append(name)
        await asyncio.sleep(0.01)
        assert len(flying) <= 2
        flying.remove(name)
        return json.dumps(drafts[name][request.sample])

    together, _ = run_teaching(tmp_path / "both", scripted(answer), ["household", "kg"], tasks=4, concurrency=2)
    assert set(order[:4]) == {"household", "kg"} and len(order) == 8
    alone = [run_teaching(tmp_path / n, scripted_model(drafts[n]), n, tasks=4)[0] for n in ("household", "kg")]
    assert together == [*alone[0], *alone[1]]


def test_where_there_is_no_terminal_lines_tell_how_far_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("simenv.command.LINE_SECONDS", 0.0)
    words = ["environments=[household]", "tasks=2", "levels=[]", "shots=0", "concurrency=1", f"out={tmp_path}"]
    assert teach([*words, "model=scripted", f"model.replies={replies(2)}"]) == 0
    assert "household: 1 of 2  1 admitted · 0 rejected · $0.00" in capsys.readouterr().err
