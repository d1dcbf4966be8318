"""What was written is there, whole, once; a torn or foreign line takes nothing else with it."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time

import pytest
from pydantic import BaseModel

from simenv.errors import ConfigError, StoreError
from simenv.runs.store import BadLines, Run, lines
from simenv.runs.writer import append
from simenv.types import Task
from tests.helpers.commands import rollout


class Item(BaseModel):
    id: str
    text: str = ""


def written(run, *ids):
    async def go():
        writer = run.writer("items")
        await asyncio.gather(*(writer.append(Item(id=i)) for i in ids))
        await writer.close()

    asyncio.run(go())


def test_items_come_back_in_the_order_of_writing(tmp_path):
    run = Run(tmp_path)
    written(run, "a", "b")
    written(run, "c")
    assert [i.id for i in run.read("items", Item)] == ["a", "b", "c"]
    assert sorted(p.name for p in (tmp_path / "items").iterdir()) == ["part-00000.jsonl", "part-00001.jsonl"]


def test_a_torn_last_line_is_dropped_and_foreign_lines_are_skipped(tmp_path):
    run = Run(tmp_path)
    written(run, "a")
    with (tmp_path / "items" / "part-00000.jsonl").open("ab") as file:
        file.write(b'not json\n[1]\n\xff\xfe\n{"id": "b"}\n{"id": "torn"')
    assert [i["id"] for i in run.raw("items")] == ["a", "b"]
    written(run, "c")
    assert [i["id"] for i in run.raw("items")] == ["a", "b", "c"]


def test_a_reader_skips_counts_or_names_a_bad_line_as_it_is_asked(tmp_path):
    run = Run(tmp_path)
    written(run, "a")
    part = tmp_path / "items" / "part-00000.jsonl"
    with part.open("ab") as file:
        file.write(b'not json\n{"text": "no id"}\n{"id": "b"}\n{"id": "torn"')
    assert [i.id for i in run.read("items", Item, bad="skip")] == ["a", "b"]
    bad = BadLines()
    assert [i.id for i in run.read("items", Item, bad=bad)] == ["a", "b"]
    assert bad.counts == {"torn": 1, "foreign": 2} and bad.places == [f"{part}:2", f"{part}:3"]
    with pytest.raises(StoreError, match=r"part-00000\.jsonl:2: expected a Item"):
        list(run.read("items", Item))


def test_every_line_is_given_with_its_place(tmp_path):
    run = Run(tmp_path)
    written(run, "a", "b")
    written(run, "c")
    rows = [(line.part.name, line.number, line.offset, line.whole) for line in run.lines("items")]
    size = len(b'{"id":"a"}\n')
    assert rows == [
        ("part-00000.jsonl", 1, 0, True), ("part-00000.jsonl", 2, size, True), ("part-00001.jsonl", 1, 0, True)
    ]  # fmt: skip


def test_text_that_utf8_cannot_hold_is_written_all_the_same(tmp_path):
    run = Run(tmp_path)
    with run.aside("x.txt") as file:
        file.write("\ud800 ok")
    assert (tmp_path / "x.txt").read_text() == "\\ud800 ok"


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path):
    run = Run(tmp_path)
    run.write("report.json", "old")
    with pytest.raises(ZeroDivisionError), run.aside("report.json") as file:
        file.write("new")
        1 / 0  # noqa: B018
    assert (tmp_path / "report.json").read_text() == "old"


def test_two_processes_never_write_to_one_run(tmp_path):
    first, second = Run(tmp_path), Run(tmp_path)
    first.lock()
    with pytest.raises(StoreError, match="another process"):
        second.lock()
    first.unlock()
    second.lock()


def test_a_taken_name_gets_a_number(tmp_path):
    assert [Run.create(tmp_path, "r", "").folder.name for _ in range(3)] == ["r", "r-2", "r-3"]
    with pytest.raises(ConfigError, match="no run here"):
        Run.open(tmp_path / "nothing")


def test_a_write_that_failed_leaves_no_hole_before_the_next(tmp_path, monkeypatch):
    async def go():
        writer = Run(tmp_path).writer("items")
        await writer.append(Item(id="a"))
        with monkeypatch.context() as broken, pytest.raises(StoreError, match="No space left"):
            broken.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            await writer.append(Item(id="b"))
        await writer.append(Item(id="c"))
        await writer.close()

    asyncio.run(go())
    assert (tmp_path / "items" / "part-00000.jsonl").read_text() == '{"id":"a"}\n{"id":"c"}\n'


def test_what_waits_is_written_although_its_writers_are_cancelled(tmp_path):
    async def go():
        writer = Run(tmp_path).writer("items")
        waiting = [asyncio.create_task(writer.append(Item(id=i))) for i in "abc"]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await writer.close()

    asyncio.run(go())
    assert [i["id"] for i in Run(tmp_path).raw("items")] == ["a", "b", "c"]


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from pydantic import BaseModel
from simenv.errors import StoreError
from simenv.runs.store import Run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
class Item(BaseModel):
    id: str
async def go():
    writer = Run(Path(sys.argv[1])).writer("items")
    for n in range(100):
        try:
            await writer.append(Item(id=f"{n:03d}" + "x" * 100))
        except StoreError as e:
            print(n, e)
            return
asyncio.run(go())
"""


def test_a_full_disk_keeps_what_was_finished(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("8 ") and "what was finished is kept" in done.stdout
    part = tmp_path / "items" / "part-00000.jsonl"
    assert part.read_bytes().endswith(b"\n")
    assert [json.loads(line)["id"][:3] for line in lines(part)] == [f"{n:03d}" for n in range(8)]


def test_a_run_killed_again_and_again_holds_every_episode_once(tmp_path):
    """kill -9 at random moments of 200 episodes, resumed each time."""
    chance = random.Random(5)
    words = [
        "environments=[counter]",
        "episodes=200",
        "agent.error_rate=0.3",
        "concurrency=3",
        "counter.world.delay=0.003",
    ]
    folder = tmp_path / "quickstart"
    kills = 0
    for attempt in range(6):
        process = rollout(*(["--resume", folder] if folder.exists() else [f"out={tmp_path}", *words]), wait=False)
        began = time.monotonic()
        while not (folder / "trajectories").exists() and process.poll() is None and time.monotonic() - began < 60:
            time.sleep(0.01)
        if attempt < 5:
            time.sleep(chance.uniform(0, 0.25))
            kills += process.poll() is None
            process.kill()
        process.communicate(timeout=120)
    assert kills >= 3
    status, out, err = rollout("--resume", folder)
    assert status == 0, err
    run = Run(folder)
    ids = [t.id for t in run.trajectories()]
    assert sorted(ids) == [f"counter-0-{n:05d}.0" for n in range(200)]
    assert json.loads((folder / "report.json").read_text())["environments"]["counter"]["episodes"] == 200
    assert "200" in out


def test_a_link_in_a_sent_folder_chooses_nothing_that_is_written(tmp_path):
    run, outside = Run.create(tmp_path, "r", "{}"), tmp_path / "outside"
    outside.write_text("mine")
    for name in (".lock", ".report.json.tmp", "reviews.jsonl"):
        (run.folder / name).symlink_to(outside)
    with pytest.raises(StoreError, match="cannot be written to"):
        run.lock()
    with pytest.raises(StoreError, match="cannot write"):
        run.write("report.json", "{}")
    with pytest.raises(StoreError, match="cannot write"):
        append(run.folder / "reviews.jsonl", Task(id="a", environment="b", instruction="", spec={}, goal={}))
    assert outside.read_text() == "mine"


def test_the_tasks_of_a_run_are_read_and_a_bad_line_is_named(tmp_path):
    run = Run.create(tmp_path, "r", "{}")
    assert list(run.tasks()) == []
    task = Task(id="a", environment="b", instruction="", spec={}, goal={}).model_dump_json()
    run.write("tasks.jsonl", f"{task}\n{'[' * 100_000}\n{task}\n")
    assert len(list(run.tasks("skip"))) == 2
    with pytest.raises(StoreError, match=r"tasks.jsonl:2: expected a Task: .*recursion limit"):
        list(run.tasks())
