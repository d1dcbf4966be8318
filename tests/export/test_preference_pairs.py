"""Forks become preference pairs: siblings that part at a turn, of which one came out better."""

import json

import pytest

from simenv.errors import ConfigError
from simenv.export.cli import export
from simenv.export.preference_pairs import COLUMNS, Writing, pairs
from simenv.runs.store import Run
from simenv.types import Branch, Grade, Message, Stop, Timing, Trajectory

OPENING = (Message(role="system", content="be brief"), Message(role="user", content="go"))


def episode(id, *said, progress, branch=None):
    chat = [
        Message(role=role, content=text)
        for turn in said
        for role, text in (("assistant", turn), ("user", f"Observation: {turn}"))
    ]
    return Trajectory(
        version="2",
        id=id,
        task="t",
        environment="db",
        seed=0,
        agent="a",
        dialect="react",
        messages=(*OPENING, *chat),
        steps=(),
        stop=Stop.done,
        grade=Grade(success=progress == 1, progress=progress),
        branch=branch,
        timing=Timing(started="2026-01-01T00:00:00+00:00", seconds=0),
    )


def made(folder, *episodes):
    run = Run.create(folder, "forked", "seed: 0\n")
    part = run.folder / "trajectories"
    part.mkdir()
    (part / "part-00000.jsonl").write_text("".join(e.model_dump_json(exclude_defaults=True) + "\n" for e in episodes))
    return run


@pytest.fixture
def run(tmp_path):
    at = {"parent": "t.0", "turn": 1}
    return made(
        tmp_path,
        episode("t.0", "look", "slip", progress=0),
        episode("t.0~teacher", "look", "take", "put", progress=1, branch=Branch(**at, continuation="teacher")),
        episode("t.0~hint", "look", "open", progress=0.5, branch=Branch(**at, continuation="hint")),
        episode("t.0~student", "look", "take", "drop", progress=0, branch=Branch(**at, continuation="student")),
        episode("u.0", "look", progress=0),
        episode("u.0~student", "wait", progress=0, branch=Branch(parent="u.0", turn=0, continuation="student")),
    )


def texts(messages):
    return [m["content"] for m in messages]


def test_the_best_sibling_is_chosen_over_each_that_is_worse_at_the_turn_where_they_part(run):
    found = list(pairs([run]))
    assert {(tuple(texts(p["prompt"])[2:]), *texts(p["chosen"]), *texts(p["rejected"])) for p in found} == {
        (("look", "Observation: look"), "take", "slip"),
        (("look", "Observation: look"), "take", "open"),
        (("look", "Observation: look", "take", "Observation: take"), "put", "drop"),
    }


def test_whole_continuations_can_be_compared(run):
    whole = next(p for p in pairs([run], Writing("episode")) if texts(p["rejected"])[0] == "slip")
    assert texts(whole["chosen"]) == ["take", "Observation: take", "put"]
    assert texts(whole["rejected"]) == ["slip"]


def test_runs_of_the_same_tasks_share_ids_and_each_is_paired_alone(tmp_path):
    at = Branch(parent="t.0", turn=0, continuation="hint")
    runs = [
        made(tmp_path, episode("t.0", "bad", progress=0), episode("t.0~hint", "good", progress=1, branch=at)),
        made(tmp_path, episode("t.0", "right", progress=1), episode("t.0~hint", "wrong", progress=0, branch=at)),
    ]
    assert [(texts(p["chosen"]), texts(p["rejected"])) for p in pairs(runs)] == [
        (["good"], ["bad"]),
        (["right"], ["wrong"]),
    ]


def test_the_command_writes_pairs_or_says_that_there_are_none(run, tmp_path, capsys):
    assert export([str(run.folder), "to=dpo", f"out={tmp_path / 'pairs'}"]) == 0
    rows = [json.loads(line) for line in (tmp_path / "pairs" / "train.jsonl").read_text().splitlines()]
    assert len(rows) == 3 and rows[0].keys() == {"prompt", "chosen", "rejected", "tools", *COLUMNS}
    assert export([str(run.folder), "to=dpo", f"out={tmp_path}"]) == 2
    assert "no earlier export" in capsys.readouterr().err and (run.folder / "config.yaml").is_file()
    (run.folder / "trajectories" / "part-00000.jsonl").write_text("")
    assert export([str(run.folder), "to=dpo", f"out={tmp_path / 'none'}"]) == 2
    assert "no forks whose siblings came out differently" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()
    with pytest.raises(ConfigError, match="no run here"):
        Run.open(tmp_path / "none")
