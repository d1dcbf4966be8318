"""The index of a run: what it finds, that it keeps up with a run that is written, and that it is never the truth."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from simenv.errors import StoreError
from simenv.runs import index as index_module
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.types import (
    Action,
    Branch,
    Call,
    Grade,
    Message,
    Mistake,
    Observation,
    Step,
    StepCheck,
    Stop,
    Timing,
    Trajectory,
    Usage,
)


def episode(id, said="hello", *, drift=None, shown="engine", calls=(), **changes):
    check = (
        None
        if drift is None
        else StepCheck(label="drift" if drift else "match", error="invented" if drift else None, shown=shown)
    )
    seen = Observation(text="x", invalid=bool(changes.pop("invalid", False)), check=check)
    fields = {
        "version": "2", "id": id, "task": id.partition(".")[0], "environment": "counter", "seed": 0, "agent": "expert",
        "dialect": "react", "stop": Stop.submitted, "timing": Timing(started="now", seconds=1.5),
        "messages": (
            Message(role="system", content="secretword"), Message(role="user", content="go"),
            Message(role="assistant", content=said, calls=calls, author="agent"),
        ),
        "steps": (Step(message=2, action=Action(name="add"), observation=seen),),
        "grade": Grade(success=True, progress=1.0), "usage": Usage(input_tokens=7, output_tokens=3, cost=0.5),
    }  # fmt: skip
    return Trajectory(**{**fields, **changes})


MANY = [
    episode("a.0", "the red mug", drift=False),
    episode("b.0", "a blue mug", drift=True, grade=Grade(success=False, progress=0.5)),
    episode(
        "c.0", "nothing", drift=True, shown="model", environment="db", kind="INSERT", stop=Stop.max_steps, grade=None
    ),
    episode(
        "d.0", "see", calls=(Call(id="1", name="f", arguments='{"q": "zebra"}'),), mistake=Mistake(step=0, by="expert")
    ),
    episode("d.0~1", "again", branch=Branch(parent="d.0", turn=0, continuation="teacher"), agent="react"),
]


@pytest.fixture
def index(tmp_path):
    write(tmp_path, MANY)
    found = Index(tmp_path)
    assert found.refresh() == len(MANY)
    return found


def write(folder, items, kind="trajectories", part=0, mode="a"):
    (folder / kind).mkdir(parents=True, exist_ok=True)
    with (folder / kind / f"part-{part:05d}.jsonl").open(mode) as file:
        file.writelines(t.model_dump_json(exclude_defaults=True) + "\n" for t in items)


def ids(index, **where):
    return [row.id for row in index.page(EpisodeQuery(**where))]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({}, ["a.0", "b.0", "c.0", "d.0", "d.0~1"]),
        ({"environment": "db"}, ["c.0"]),
        ({"kind": "INSERT", "stop": "max_steps"}, ["c.0"]),
        ({"success": False}, ["b.0"]),
        ({"progress": (0.2, 0.9)}, ["b.0"]),
        ({"drift": True}, ["b.0", "c.0"]),
        ({"corrected": True}, ["b.0"]),
        ({"drift": True, "corrected": False}, ["c.0"]),
        ({"mistake": True}, ["d.0"]),
        ({"branch": True}, ["d.0~1"]),
        ({"branch": False, "agent": "expert", "text": "mug"}, ["a.0", "b.0"]),
        ({"text": "MUG red"}, ["a.0"]),
        ({"text": "zebra"}, ["d.0"]),
        ({"text": "secretword"}, []),
        ({"text": 'mug" OR "nothing'}, []),
        ({"text": "* NEAR( ^ - \x00"}, []),
        ({"author": "agent"}, ["a.0", "b.0", "c.0", "d.0", "d.0~1"]),
        ({"author": "age"}, []),
        ({"ids": ("b.0", "x", "d.0")}, ["b.0", "d.0"]),
        ({"environment": "' or 1=1 --"}, []),
        ({"tokens": (11, 20)}, []),
    ],
)
def test_what_a_filter_finds(index, where, found):
    assert ids(index, **where) == found and index.count(EpisodeQuery(**where)) == len(found)


def test_pages_orders_and_neighbours(index):
    assert [r.id for r in index.page(EpisodeQuery(), 1, 2)] == ["b.0", "c.0"]
    assert next(r.id for r in index.page(EpisodeQuery(), order="id", down=True)) == "d.0~1"
    assert index.neighbours(EpisodeQuery(), index.find("b.0").number) == ("a.0", "c.0")
    assert index.neighbours(EpisodeQuery(drift=True), index.find("b.0").number) == (None, "c.0")
    assert index.values("environment") == {"counter": 4, "db": 1}
    assert [r.id for r in index.branches("d.0")] == ["d.0~1"]
    with pytest.raises(ValueError, match="order 'id; drop'"):
        index.page(EpisodeQuery(), order="id; drop")


def test_a_row_leads_to_its_trajectory(index):
    assert [index.read(row) for row in index.page(EpisodeQuery())] == MANY
    row = index.find("c.0")
    assert (row.success, row.progress, row.drift, row.corrected, row.tokens) == (None, None, 1, 0, 10)
    assert index.find("nobody") is None


def test_it_keeps_up_with_a_run_that_is_written(index):
    assert index.refresh() == 0
    write(index.folder, [episode("e.0")])
    write(index.folder, [episode("f.0")], part=1)
    torn = index.folder / "trajectories" / "part-00001.jsonl"
    with torn.open("a") as file:
        file.write('{"id": "g.0", "ta')
    assert index.refresh() == 2 and ids(index)[-2:] == ["e.0", "f.0"]
    with torn.open("a") as file:
        file.write("\n[1, 2]\nno json\n")
    assert index.refresh() == 0
    write(index.folder, [episode("h.0")], part=1)
    assert index.refresh() == 1 and index.read(index.find("h.0")).id == "h.0"


def test_errors_are_there_and_give_way_to_a_later_success(index):
    write(index.folder, [episode("z.0", stop=Stop.error, grade=None, error="WorldError: lost")], kind="errors")
    index.refresh()
    assert ids(index, error=True) == ["z.0"] and index.find("z.0").error == "WorldError: lost"
    write(index.folder, [episode("z.0")], part=7)
    index.refresh()
    assert index.find("z.0").stop == "submitted"


def test_a_part_that_was_rewritten_is_indexed_anew(index):
    write(index.folder, MANY[:1], mode="w")
    assert index.refresh() == 1 and ids(index) == ["a.0"] and ids(index, text="blue") == []


def test_an_index_of_another_version_is_made_anew(index):
    with sqlite3.connect(index.path) as db:
        db.execute("pragma user_version = 999")
    assert index.refresh() == len(MANY) and len(ids(index)) == len(MANY)


def test_two_who_index_at_once_index_once(tmp_path):
    write(tmp_path, [episode(f"t{n}.0") for n in range(3000)])
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: Index(tmp_path).refresh(), range(4)))
    index = Index(tmp_path)
    assert index.count(EpisodeQuery()) == 3000 and index.count(EpisodeQuery(text="hello")) == 3000
    assert len({r.id for r in index.page(EpisodeQuery(), 0, 5000)}) == 3000


def test_progress_is_told_in_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(index_module, "BATCH", 1000)
    write(tmp_path, [episode(f"t{n}.0") for n in range(2500)])
    told = []
    Index(tmp_path).refresh(lambda done, total: told.append((done, total)))
    size = (tmp_path / "trajectories" / "part-00000.jsonl").stat().st_size
    assert len(told) == 3 and told[-1] == (size, size)


def test_a_batch_holds_no_more_than_so_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(index_module, "BYTES", 1000)
    write(tmp_path, MANY)
    told = []
    assert Index(tmp_path).refresh(lambda done, total: told.append(done)) == len(MANY)
    assert len(told) > 1


def test_some_are_left_out_by_id(tmp_path):
    write(tmp_path, MANY)
    index = Index(tmp_path)
    index.refresh()
    assert [r.id for r in index.page(EpisodeQuery(without=("a.0", "d.0", "none")))] == ["b.0", "c.0", "d.0~1"]


def test_a_run_that_cannot_be_indexed_says_so(tmp_path):
    (tmp_path / "index.sqlite").mkdir()
    write(tmp_path, MANY)
    with pytest.raises(StoreError, match="cannot index this run"):
        Index(tmp_path).refresh()


def test_a_line_that_is_gone_is_named(index):
    row = index.find("a.0")
    (index.folder / "trajectories" / "part-00000.jsonl").write_text("x\n")
    with pytest.raises(StoreError, match=r"no trajectory a\.0 at byte 0"):
        index.read(row)


@pytest.mark.parametrize("data", [b"no database" * 500, b"SQLite format 3\0" + b"\xff" * 5000, b""])
def test_a_damaged_index_is_made_anew(index, data):
    index.refresh()
    rows = index.count(EpisodeQuery())
    for ending in ("-wal", "-shm"):
        index.path.with_name(index.path.name + ending).unlink(missing_ok=True)
    index.path.write_bytes(data)
    index.refresh()
    assert index.count(EpisodeQuery()) == rows > 0


@pytest.mark.parametrize("size", ["many", b"\xff", 1.5])
def test_an_index_whose_parts_have_no_sizes_is_made_anew(index, size):
    index.refresh()
    rows = index.count(EpisodeQuery())
    with closing(sqlite3.connect(index.path)) as db, db:
        db.execute("update part set size = ?", (size,))
    index.refresh()
    assert index.count(EpisodeQuery()) == rows > 0


def test_an_index_that_simenv_did_not_make_is_made_anew_and_no_link_is_followed(index, tmp_path):
    index.refresh()
    rows = index.count(EpisodeQuery())
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as db:
        db.executescript("create table part (name text); insert into part values ('mine'); pragma user_version = 2")
    before = other.read_bytes()
    index.path.unlink()
    index.path.symlink_to(other)
    index.refresh()
    assert index.count(EpisodeQuery()) == rows and other.read_bytes() == before
    index.path.unlink()
    index.path.write_bytes(before)
    index.refresh()
    assert index.count(EpisodeQuery()) == rows


def test_lines_whose_fields_are_of_other_types_have_no_row(index):
    good = json.loads(next(index.folder.glob("trajectories/part-*")).read_bytes().splitlines()[0])
    write(index.folder, [], part=9)
    path = index.folder / "trajectories" / "part-00009.jsonl"
    for change in (
        {"id": []},
        {"steps": 3},
        {"messages": [1]},
        {"attempt": 10**30},
        {"usage": {"cost": "x"}},
        {"grade": 1},
    ):
        with path.open("a") as file:
            file.write(json.dumps(good | {"id": "bad"} | change) + "\n")
    before = index.count(EpisodeQuery())
    assert index.refresh() >= 0 and index.find("bad") is None and index.count(EpisodeQuery()) >= before
