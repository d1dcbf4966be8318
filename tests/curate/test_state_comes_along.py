"""What a trajectory says of itself goes with it through samples, curated sets read again, and every export."""

import json

import pytest

from simenv.curate.samples import sample, samples
from simenv.data.records import DatasetRef
from simenv.export import Export, export
from simenv.types import Message, Usage
from tests.helpers.trajectories import GOOD

TOOLS = ({"type": "function", "function": {"name": "query", "description": "Asks.", "parameters": {"type": "object"}}},)
USAGE = Usage(input_tokens=7, output_tokens=3, cost=0.5, calls=1)
MESSAGES = (
    Message(role="system", content="You work."),
    Message(role="user", content="Count the books."),
    Message(role="assistant", content="One.", train=True, usage=USAGE),
    Message(role="user", content="Right."),
    Message(
        role="assistant", content="Done.", train=False, sent=(Message(role="user", content="What the model saw."),)
    ),
)
EPISODE = GOOD.model_copy(update={"kind": "counting", "tools": TOOLS, "messages": MESSAGES})


def test_a_sample_keeps_task_environment_kind_and_tools_but_no_usage():
    s = sample(EPISODE, "a/1", "runs/a")
    assert (s.id, s.task, s.environment, s.kind, s.source, s.origin) == (
        "a/1",
        "t-1",
        "db",
        "counting",
        "run",
        "runs/a",
    )
    assert s.tools == TOOLS
    assert [(m.usage, m.sent) for m in s.messages] == [(None, None)] * 5
    assert [(m.role, m.content, m.train) for m in s.messages] == [(m.role, m.content, m.train) for m in MESSAGES]


@pytest.fixture
def curated(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    line = sample(EPISODE, "a/1", "runs/a").model_dump_json()
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").write_text(line + "\n")
    return folder


@pytest.mark.parametrize("role", ["gold", "chat"])
@pytest.mark.parametrize("place", ["set", "set/train.jsonl"])
def test_a_curated_set_read_again_keeps_what_its_samples_are_of(curated, role, place):
    (s,) = samples(DatasetRef(path=curated.parent / place), role)
    assert (s.task, s.environment, s.kind, s.tools) == ("t-1", "db", "counting", TOOLS)
    assert s.source == role and s.origin.endswith("set/train.jsonl")


def test_a_file_of_trajectories_keeps_what_they_are_of(tmp_path):
    file = tmp_path / "some.jsonl"
    file.write_text(EPISODE.model_dump_json() + "\n")
    (s,) = samples(DatasetRef(path=file), "gold")
    assert (s.id, s.task, s.environment, s.kind, s.tools) == (f"some/{EPISODE.id}", "t-1", "db", "counting", TOOLS)
    assert all(m.usage is None and m.sent is None for m in s.messages)


@pytest.mark.parametrize("format", ["agentinstruct", "openai", "sharegpt", "trl"])
def test_every_export_holds_the_tools(curated, format):
    export(Export(data=str(curated), to=format))
    rows = [json.loads(line) for line in (curated / "export" / format / "train.jsonl").read_text().splitlines()]
    assert rows
    for row in rows:
        tools = row["tools"]
        assert (json.loads(tools) if isinstance(tools, str) else tools) == [*TOOLS]
