"""Gold in the formats that users bring is read with its loss flags; wrong lines are named."""

import gzip
import json

import pytest

from simenv.curate.dropped import Dropped
from simenv.curate.gold import Gold
from simenv.curate.samples import samples
from simenv.data.chat_formats import FORMATS
from simenv.data.records import DatasetRef, records
from simenv.errors import ConfigError
from simenv.reasoning import inline
from simenv.types import Sample
from tests import DATA
from tests.helpers.trajectories import GOOD, trajectory

REAL = [*sorted(DATA.glob("agentinstruct/*.json")), *sorted(DATA.glob("chat/*.json")), DATA / "fireact/first100.jsonl"]


def read(path, role="gold", **options):
    return list(samples(DatasetRef(path=path, **options), role))


def put(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def texts(record):
    """All that was said in a record of turns, or of Alpaca's keys."""
    turns = record.get("conversations") or record.get("messages")
    if turns is None:
        return [record["output"]]
    turns = json.loads(turns) if isinstance(turns, str) else turns
    return [t.get("value", t.get("content")) for t in turns]


@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name)
def test_real_files_are_read_as_gold_with_all_that_was_said(path):
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    found = [r.value for r in records(DatasetRef(path=path))]
    for sample, record in zip(read(path), found, strict=True):
        said = [inline(m.content, m.reasoning) for m in sample.messages if not m.calls and m.role != "system"]
        calls = [json.loads(c.arguments) for m in sample.messages for c in m.calls]
        expected = texts(record)[-1:] if "output" in record else texts(record)
        assert set(said) >= {t for t in expected if '"arguments"' not in t} - {texts(record)[0]}
        assert len(calls) == sum('"arguments"' in t for t in expected)


CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}
RECORDS = {
    "agentinstruct": {
        "id": "db_7",
        "conversations": [
            {"from": "human", "loss": None, "value": "Hello"},
            {"from": "gpt", "loss": False, "value": "Ok."},
            {"from": "human", "loss": None, "value": "1+1?"},
            {"from": "gpt", "loss": True, "value": "2"},
        ],
    },
    "agenttraj": {
        "item_id": "alfworld_0",
        "conversations": [
            {"from": "human", "loss": None, "value": "Go"},
            {"from": "gpt", "loss": False, "value": "OK"},
            {"from": "gpt", "loss": True, "value": "go"},
        ],
    },
    "openai": {
        "messages": [
            {"role": "system", "content": "Sum."},
            {"role": "user", "content": "1+1?"},
            {"role": "assistant", "content": "I add.", "tool_calls": [CALL], "weight": 0},
            {"role": "tool", "content": "2", "tool_call_id": "call_1"},
            {"role": "assistant", "content": "2", "weight": 1},
        ],
        "tools": [TOOL],
    },
    "axolotl": {
        "messages": [
            {"role": "user", "content": "Hi", "train": False},
            {"role": "assistant", "content": "Ho", "train": False},
            {"role": "user", "content": "Hi", "train": False},
            {"role": "assistant", "content": "Hey", "train": True},
        ],
        "tools": [],
    },
    "glaive": {
        "conversations": [
            {"from": "system", "value": "Sum."},
            {"from": "human", "value": "1+1?"},
            {
                "from": "function_call",
                "value": '[{"name": "add", "arguments": {"a": 1}}, {"name": "add", "arguments": {}}]',
            },
            {"from": "observation", "value": "2"},
            {"from": "gpt", "value": "2"},
        ],
        "tools": '[{"name": "add"}]',
    },
    "alpaca": {
        "instruction": "Sum.",
        "input": "1+1",
        "output": "2",
        "system": "You sum.",
        "history": [["a", "b"]],
    },
}


def test_loss_flags_are_kept_exactly_and_stand_for_the_assistant_where_there_are_none(tmp_path):
    trained = {}
    for name, record in RECORDS.items():
        [sample] = read(put(tmp_path / f"{name}.json", record))
        trained[name] = [m.train for m in sample.messages if m.role == "assistant"]
        assert not any(m.train for m in sample.messages if m.role != "assistant")
    assert trained == {
        "agentinstruct": [False, True],
        "agenttraj": [False, True],
        "openai": [False, True],
        "axolotl": [False, True],
        "glaive": [True, True],
        "alpaca": [True, True],
    }


def test_agentinstruct_s_ids_say_the_task_and_the_environment(tmp_path):
    both = [RECORDS["agentinstruct"], RECORDS["agenttraj"]]
    found = read(put(tmp_path / "gold.json", both))
    assert [(s.task, s.environment) for s in found] == [("db_7", "db"), ("alfworld_0", "household")]
    [chat, _] = read(tmp_path / "gold.json", "chat")
    assert (chat.environment, chat.source) == ("chat", "chat")
    assert read(tmp_path / "gold.json", environment="os", kind="k", limit=1)[0].kind == "k"


def test_runs_curated_sets_and_compressed_lines_are_gold(tmp_path):
    run = tmp_path / "run"
    (run / "trajectories").mkdir(parents=True)
    lost = trajectory(id="lost", success=False)
    lines = "".join(t.model_dump_json(exclude_defaults=True) + "\n" for t in (GOOD, lost))
    put(run / "trajectories" / "part-00000.jsonl", lines)
    [sample] = read(run)
    assert (sample.id, sample.task, sample.messages) == ("run/t-1.0", "t-1", GOOD.messages)
    curated = tmp_path / "set"
    curated.mkdir()
    put(curated / "train.jsonl", sample.model_dump_json(exclude_defaults=True) + "\n")
    assert [s.messages for s in read(curated)] == [sample.messages]
    with gzip.open(tmp_path / "gold.jsonl.gz", "wt") as file:
        file.write(json.dumps(RECORDS["alpaca"]) + "\n")
    assert len(read(tmp_path / "gold.jsonl.gz")) == 1


def test_parquet_is_read(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    parquet.write_table(pa.table({"messages": [turns, turns]}), tmp_path / "chat.parquet")
    assert [s.messages[1].content for s in read(tmp_path / "chat.parquet", "chat")] == ["Ho", "Ho"]


WRONG = [
    ("gold.jsonl", '{"messages": []}\n{"messages": \n', "gold.jsonl:1: expected a turn of the assistant, got none"),
    ("gold.jsonl", '\n{"a": \n', "gold.jsonl:2: no JSON: EOF"),
    ("gold.jsonl", "[1]\n", "gold.jsonl:1: expected a JSON object, got list"),
    (
        "gold.json",
        '[\n{"output": "x", "instruction": "y"},\n {"text": "x"}]',
        "gold.json:3: unknown shape with keys 'text'",
    ),
    ("gold.json", '[{"instruction": "a", "output": "b"},\n{"instr', "gold.json:2: no JSON"),
    ("gold.json", '[{"instruction": "a", "output": "b"}', "gold.json:1: the array does not end"),
    (
        "gold.json",
        '{"conversations": [{"from": "robot", "value": "x"}]}',
        "gold.json:1: conversations[0].from: expected one of",
    ),
    ("gold.json", '{"conversations": [{"from": "gpt", "value": 3}]}', "conversations[0].value: expected a text, got 3"),
    (
        "gold.json",
        '{"conversations": [{"from": "gpt", "value": "", "loss": "yes"}]}',
        "expected true or false for the loss",
    ),
    (
        "gold.json",
        '{"conversations": [{"from": "function_call", "value": "{}"}]}',
        "expected a call with name and arguments",
    ),
    (
        "gold.json",
        '{"messages": [{"role": "user", "content": "x"}], "tools": "{"}',
        "tools: expected a list or its JSON text",
    ),
    ("gold.json", '{"instruction": 1, "output": "b"}', "gold.json:1: instruction: expected a text, got 1"),
    ("gold.json", '{"steps": [], "messages": []}', "gold.json:1: expected a Trajectory"),
    ("gold.parquet", "x", "no Parquet file"),
    ("gold.json.gz", "x", "damaged gzip file"),
]


@pytest.mark.parametrize(("name", "text", "error"), WRONG)
def test_a_file_of_the_wrong_shape_is_named_by_line_and_expectation(tmp_path, name, text, error):
    with pytest.raises(ConfigError) as e:
        read(put(tmp_path / name, text))
    assert error in str(e.value)


def test_every_known_shape_is_shown_where_none_fits(tmp_path):
    with pytest.raises(ConfigError) as e:
        read(put(tmp_path / "gold.json", {"text": "x"}))
    assert all(f.shape in str(e.value) for f in FORMATS)


def test_an_array_longer_than_a_chunk_is_read_piece_by_piece(tmp_path):
    many = [{"instruction": "é" * 3000, "output": str(i)} for i in range(1000)]
    put(tmp_path / "long.json", json.dumps(many, indent=1, ensure_ascii=False))
    assert [s.messages[1].content for s in read(tmp_path / "long.json")] == [str(i) for i in range(1000)]


def gold(tmp_path, reuse, *tasks):
    store = Gold(tmp_path, 0, reuse)
    made = (
        Sample(id=f"g{i}", task=task, environment=e, kind=kind, source="gold", messages=GOOD.messages)
        for i, (task, e, kind) in enumerate(tasks)
    )
    assert len(list(store.add(made))) == len(tasks)
    return store


def taken(store, levels, *lost):
    made = [Dropped(f"l{i}", e, kind, task) for i, (task, e, kind) in enumerate(lost)]
    return {item.trajectory: (s.id if s else None, level) for item, s, level in store.match(made, levels)}


def test_gold_of_the_same_task_is_matched_before_any_other(tmp_path):
    store = gold(tmp_path, False, ("a", "db", "INSERT"), ("b", "kg", "1-hop"))
    assert taken(store, ("task", "kind"), ("x", "db", "INSERT"), ("a", "db", "INSERT"), ("b", "kg", "2-hop")) == {
        "l1": ("g0", "task"), "l2": ("g1", "task"), "l0": (None, "left_out")
    }  # fmt: skip
    assert dict(store.counts) == {"read": 2, "task": 2, "left_out": 1}


def test_each_gold_takes_one_place_unless_it_may_take_more(tmp_path):
    lost = (("x", "db", "INSERT"), ("y", "db", "INSERT"), ("z", "db", "UPDATE"))
    once = taken(gold(tmp_path, False, ("a", "db", "INSERT")), ("task", "kind"), *lost)
    assert once == {"l0": ("g0", "kind"), "l1": (None, "left_out"), "l2": (None, "left_out")}
    often = taken(gold(tmp_path, True, ("a", "db", "INSERT")), ("task", "kind", "environment"), *lost)
    assert often == {"l0": ("g0", "kind"), "l1": ("g0", "kind"), "l2": ("g0", "environment")}


def test_the_same_task_of_another_environment_is_no_match(tmp_path):
    assert taken(gold(tmp_path, False, ("a", "kg", "")), ("task",), ("a", "db", "")) == {"l0": (None, "left_out")}


def test_a_dataset_is_read_as_it_streams(tmp_path):
    pytest.importorskip("datasets")
    put(tmp_path / "train.jsonl", "".join(json.dumps({"instruction": str(i), "output": "x"}) + "\n" for i in range(5)))
    found = list(samples(DatasetRef(dataset=str(tmp_path), limit=3), "chat"))
    assert [s.messages[0].content for s in found] == ["0", "1", "2"]
    with pytest.raises(ConfigError, match="cannot be loaded"):
        list(samples(DatasetRef(dataset=str(tmp_path / "nowhere")), "chat"))
