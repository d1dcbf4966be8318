"""A dry run prints the settings of the work, which say the same when they are read again, and writes nothing."""

import json

import pytest

from simenv.__main__ import main
from simenv.knowledge.cli import knowledge
from simenv.runs.writer import append
from simenv.types import Message, Sample

MODEL = ["model=scripted", "model.replies=[good]"]
WORDS = {
    "rollout": ["environments=[household]", "episodes=3"],
    "evaluate": ["environments=[household]", "episodes=3"],
    "fidelity": ["environments=[household]", "episodes=3", "simulator=naive", *MODEL],
    "teach": ["environments=[household]", *MODEL],
    "instruct": ["pool=pool", "dialogues=3"],
    "comparison": ["sets=[set.json]", "items=1", *MODEL],
    "verify": ["folder=curated", "pool=pool"],
    "knowledge": ["documents=[a.txt]", "out=pool", "licence=mine"],
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("A lease of a flat runs for three years and may be renewed once.")
    (tmp_path / "set.json").write_text(json.dumps([{"question": "How long?", "answer": "Three years."}]))
    assert knowledge(["add", "documents=[a.txt]", "out=pool"]) == 0
    said = (Message(role="user", content="How long?"), Message(role="assistant", content="Three years.", train=True))
    (tmp_path / "curated").mkdir()
    append(tmp_path / "curated/train.jsonl", Sample(id="a", task="a", environment="chat", source="run", messages=said))
    return tmp_path


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", WORDS)
def test_a_dry_run_prints_what_reads_back_to_the_same_and_writes_nothing(home, name, capsys):
    command = [name, *(["add"] if name == "knowledge" else [])]
    before = content(home)
    capsys.readouterr()
    assert main([*command, *WORDS[name], "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert content(home) == before
    (home / "settings.yaml").write_text(told)
    assert main([*command, "settings.yaml", "--dry-run"]) == 0
    assert capsys.readouterr().out == told
    assert all(word.partition("=")[0].partition(".")[0] in told for word in WORDS[name])
