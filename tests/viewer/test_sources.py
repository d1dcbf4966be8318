"""What people bring: read whole before it is taken in, under a name that leads nowhere."""

import io
import json

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content import data_files
from simenv.plugins.viewer.content.data_files import brought_files, identify, safe_name, take_upload, workspace_data
from simenv.plugins.viewer.workspace import Workspace

CHAT = {"conversations": [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "hi"}]}
GOLD = {
    "id": "db_1",
    "conversations": [{"from": "human", "value": "count"}, {"from": "gpt", "value": "Action: answer"}],
}
TASK = {"id": "t", "environment": "db", "instruction": "count them", "spec": {}, "goal": {}}
DBBENCH = {
    "description": "How many?",
    "type": ["counting"],
    "label": ["1"],
    "table": {"table_name": "t", "table_info": {"columns": [{"name": "a", "type": "TEXT"}], "rows": [["x"]]}},
}


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "runs")


def lines(*records):
    return io.BytesIO("".join(json.dumps(r) + "\n" for r in records).encode())


@pytest.mark.parametrize(
    ("records", "kind", "form", "environment", "count"),
    [
        ([CHAT, CHAT], "chat", "chats, sharegpt", "", 2),
        ([GOLD], "gold", "chats, sharegpt", "db", 1),
        ([TASK], "tasks", "tasks, tasks", "db", 1),
        ([DBBENCH], "tasks", "tasks, dbbench", "db", 1),
    ],
)
def test_an_upload_is_known_by_what_is_in_it(workspace, records, kind, form, environment, count):
    upload = take_upload(workspace, "my file (1).jsonl", lines(*records))
    assert upload.item == (f"data/{data_files.safe_name('my file (1).jsonl')}", kind, form, environment)
    assert upload.records == count
    assert [identify(p, workspace.relative(p)) for p in brought_files(workspace)] == [upload.item]


def test_tasks_that_cannot_be_used_are_counted_and_named(workspace):
    upload = take_upload(workspace, "t.jsonl", lines(TASK, TASK | {"goal": "none"}))
    assert (upload.records, upload.rejected) == (1, 1) and "goal" in upload.reason


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"\x89PNG\r\n\x1a\n\x00\xff", "UTF-8"),
        ("a.jsonl", b'{"conversations": [{"from": "human"', "no JSON"),
        ("a.json", json.dumps([CHAT, 5]).encode(), "expected a JSON object"),
        ("a.jsonl", json.dumps(CHAT).encode() + b"\n" + json.dumps({"conversations": 5}).encode(), "a.jsonl:2"),
        ("a.jsonl", b'{"odd": 1}\n', "unknown shape"),
        ("a.jsonl", b"", "empty"),
        ("a.parquet", b"PAR1", "ends in"),
        ("a.jsonl.gz", b"\x1f\x8b", "ends in"),
        ("a.html", b"<script>", "ends in"),
    ],
)
def test_what_is_no_data_is_refused_and_nothing_is_left_of_it(workspace, name, content, message):
    with pytest.raises(ConfigError, match=message) as error:
        take_upload(workspace, name, io.BytesIO(content))
    assert ".upload" not in str(error.value)
    assert not list(workspace.data.glob("*")) and not list(workspace.data.glob(".*"))


def test_too_large_an_upload_is_refused(workspace, monkeypatch):
    monkeypatch.setattr(data_files, "MAX_UPLOAD", 1)
    with pytest.raises(ConfigError, match="at most 1 MB"):
        take_upload(workspace, "a.jsonl", io.BytesIO(b"x" * 1_000_001))
    assert not list(workspace.data.iterdir())


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/cron.d/x.jsonl", "x.jsonl"),
        ("..\\..\\boot.json", "boot.json"),
        (".hidden.jsonl", "hidden.jsonl"),
        ("a b;rm -rf $HOME.jsonl", "a_b_rm_-rf_HOME.jsonl"),
        ("-rf.JSONL", "rf.jsonl"),
        ("x" * 300 + ".json", "x" * 60 + ".json"),
        ("\u202egnp.json", "gnp.json"),
    ],
)
def test_names_are_made_safe(name, safe):
    assert safe_name(name) == safe


def test_a_name_that_is_taken_is_numbered(workspace):
    assert [take_upload(workspace, "a.jsonl", lines(CHAT)).item.path for _ in range(2)] == [
        "data/a.jsonl",
        "data/a-2.jsonl",
    ]


def test_links_out_of_the_folder_are_not_followed(workspace, tmp_path):
    workspace.data.mkdir(parents=True)
    (tmp_path / "secret.json").write_text(json.dumps(CHAT))
    (workspace.data / "link.json").symlink_to(tmp_path / "secret.json")
    assert brought_files(workspace) == []


def test_runs_and_sets_offer_their_tasks_and_their_gold(workspace):
    for file in ("runs/a/tasks.jsonl", "curated/s/train.jsonl"):
        (workspace.root / file).parent.mkdir(parents=True)
        (workspace.root / file).write_text("")
    (workspace.runs / "a/config.yaml").write_text("environments: {db: {}, kg: {}}\n")
    assert [tuple(d) for d in workspace_data(workspace)] == [
        ("runs/a/tasks.jsonl", "tasks", "tasks of a run", "db, kg"),
        ("runs/a", "gold", "successes of a run", "db, kg"),
        ("curated/s", "gold", "curated set", ""),
    ]
