"""Going on with a stored episode: by a person, by its agent with a hint, by a teacher; and its states, forks and gold."""

import json
import subprocess
import sys

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content import forks
from simenv.plugins.viewer.episodes import branching, episode_engine, solutions
from simenv.plugins.viewer.episodes.branching import Play
from simenv.plugins.viewer.episodes.state_history import replay_states
from simenv.plugins.viewer.forms import action_fields
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run
from simenv.types import Branch, Turn

LONG = 120.0


def one(runs, environment, success=None):
    index = Index(runs / "first")
    row = index.page(EpisodeQuery(environment=environment, success=success), 0, 1)[0]
    return index, index.read(row)


def over(live):
    live._thread.join(LONG)
    assert live.over
    return live


def typed(move):
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in move.action.arguments.items()}


@pytest.mark.parametrize("environment", ["db", "household"])
def test_a_person_branches_to_success_and_the_sibling_is_in_the_run(runs, environment):
    index, t = one(runs, environment)
    live = Play(index.folder, t, 0)
    assert live.wait(LONG) and live.messages == t.messages[:2]
    live.say(Turn(text="I wonder what to do."))
    for move in episode_engine.task(index.folder, t.task).solution:
        assert live.wait(LONG)
        live.say(action_fields.write_turn(live.dialect, live.view.turn, move.action.name, typed(move), "because"))
    over(live)
    assert live.error == "" and live.saved.grade.success
    index.refresh()
    row = index.find(live.saved.id)
    assert (row.parent, row.continuation, row.authors, row.success, row.agent) == (
        t.id,
        "human",
        "human",
        True,
        "human",
    )
    assert index.read(row) == live.saved
    assert live.saved.branch == Branch(parent=t.id, turn=0, continuation="human")
    assert [m.name for m in forks.family(index, live.saved)] == [t.id, f"└ {live.saved.id}"]


HOLDER = """
import sys, time
from pathlib import Path
from simenv.runs.store import Run
run = Run(Path(sys.argv[1]))
run.lock()
print("held", flush=True)
time.sleep(600)
"""


def test_a_run_that_another_process_holds_takes_a_sibling(runs):
    index, t = one(runs, "db")
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(index.folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n" and Run(index.folder).busy()
        before = sorted((index.folder / "trajectories").glob("*"))
        live = over(Play(index.folder, t, 0, "teacher"))
    finally:
        holder.kill()
        holder.wait()
    assert live.error == "" and live.saved.grade.success and live.saved.agent == "expert"
    assert all(m.author == "teacher" for m in live.saved.messages if m.role == "assistant")
    assert len(sorted((index.folder / "trajectories").glob("*"))) == len(before) + 1
    index.refresh()
    assert index.find(live.saved.id).continuation == "teacher"


def test_the_agent_goes_on_with_a_hint_that_is_recorded_and_not_kept_in_the_chat(runs):
    index, t = one(runs, "household")
    live = over(Play(index.folder, t, 1, "student", "Look into the fridge."))
    assert live.error == ""
    [note] = live.saved.interventions
    assert (note.author, note.text, note.step) == ("human", "Look into the fridge.", 1)
    assert not any("fridge." in m.content for m in live.saved.messages if m.author == "human")
    first_message = next(m for m in live.saved.messages[4:] if m.role == "assistant")
    assert "Look into the fridge." in str(first_message.sent)


def test_a_hint_that_gives_the_answer_away_is_noticed(runs):
    index, t = one(runs, "db")
    task = episode_engine.task(index.folder, t.task)
    answer = str(task.solution[-1].action.arguments)
    assert branching.given_away(task, t, 0, f"Say {answer}.")
    assert branching.given_away(task, t, 0, "Look at the columns once more.") == ""


def test_who_leaves_saves_nothing_and_the_world_is_released(runs, monkeypatch):
    index, t = one(runs, "db")
    live = Play(index.folder, t, 0)
    assert live.wait(LONG)
    live.close()
    live.close()
    assert "nothing was saved" in over(live).error and live.saved is None
    monkeypatch.setattr(branching, "IDLE", 0.05)
    assert "nobody acted" in over(Play(index.folder, t, 0)).error
    assert index.refresh() == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"simulator": {"name": "naive"}}, "a model played this environment"),
        ({"environment": "os.path"}, "unknown environment"),
        ({"task": "none"}, "no task 'none'"),
    ],
)
def test_what_cannot_be_gone_on_with_says_why(runs, change, message):
    index, t = one(runs, "db")
    assert message in over(Play(index.folder, t.model_copy(update=change), 0)).error


def test_a_runs_config_makes_this_machine_load_nothing(runs, tmp_path):
    index, t = one(runs, "db")
    (tmp_path / "evil" / "agents").mkdir(parents=True)
    (tmp_path / "evil" / "agents" / "evil.py").write_text("raise SystemExit('ran')")
    config = {"plugins": [str(tmp_path / "evil")], "environments": {"db": {}}, "agent": {"name": "evil"}, "k": [1]}
    (index.folder / "config.yaml").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="a folder whose plugins would be run"):
        episode_engine.rollout(index.folder, t, "student")
    assert episode_engine.rollout(index.folder, t, "human").sites.keys() == {"db"}


def test_who_would_go_on_is_told_without_secrets(runs):
    folder = runs / "first"
    model = {"name": "openai", "model": "m", "base_url": "https://me:secret@host/v1"}
    (folder / "config.yaml").write_text(json.dumps({"agent": {"name": "react"}, "model": model}))
    with pytest.raises(ConfigError, match="an address with a password") as refused:
        episode_engine.plays(folder, "db", "student", ["https://host/v1"])
    assert "me:secret" not in str(refused.value)
    model["base_url"] = "https://host/v1"
    (folder / "config.yaml").write_text(json.dumps({"agent": {"name": "react"}, "model": model}))
    assert episode_engine.plays(folder, "db", "student", ["https://host/v1"]) == "react, asking m at https://host/v1"
    assert episode_engine.plays(folder, "db", "teacher") == "expert, without a model"


@pytest.mark.parametrize("environment", ["db", "household"])
def test_states_and_gold_are_played_in_the_engine(runs, environment):
    index, t = one(runs, environment)
    history = replay_states(index.folder, t)
    assert history.note == "" and len(history.panels) == len(t.steps) + 1 and all(history.panels)
    twin = solutions.solution(index.folder, t)
    assert twin.grade.success and twin.task == t.task and twin.dialect == t.dialect


def test_states_that_cannot_be_had_here_say_why(runs, monkeypatch):
    index, t = one(runs, "db")
    monkeypatch.setenv("PATH", "/nowhere")
    history = replay_states(index.folder, t.model_copy(update={"environment": "os"}))
    assert history.panels == [] and history.note.startswith("os: ") and "bubblewrap" in history.note
    history = replay_states(index.folder, t.model_copy(update={"simulator": {"name": "naive"}}))
    assert history.panels and "a model played this environment" in history.note


def test_a_family_is_a_tree_even_where_a_parent_is_missing_or_its_own(runs):
    index, t = one(runs, "db")
    members = [
        t.model_copy(update={"id": id, "branch": Branch(parent=parent, turn=0, continuation="x")})
        for id, parent in (("b", t.id), ("c", "b"), ("lost1", "gone"), ("lost2", "gone"), ("loop", "loop"))
    ]
    part = index.folder / "trajectories" / "part-09999.jsonl"
    part.write_text("".join(m.model_dump_json(exclude_defaults=True) + "\n" for m in members))
    index.refresh()
    assert [(m.depth, m.row.id) for m in forks.family(index, members[1])] == [(0, t.id), (1, "b"), (2, "c")]
    assert [m.row.id for m in forks.family(index, members[2])] == ["lost1", "lost2"]
    assert [m.row.id for m in forks.family(index, members[4])] == ["loop"]


def test_fields_come_from_an_actions_schema_and_go_back_as_json():
    schema = {
        "properties": {
            "a": {"type": "string"}, "b": {"type": "integer", "default": 2}, "c": {"enum": ["x", "y"]},
            "d": {"items": {"type": "string"}, "type": "array"}, "e": {"type": "boolean"}, "f": {"anyOf": []},
        },
        "required": ["a", "d"],
    }  # fmt: skip
    fields = action_fields.action_fields(schema)
    assert [f.kind for f in fields] == ["text", "whole", "choice", "json", "flag", "json"]
    assert [f.name for f in fields if f.required] == ["a", "d"] and fields[2].options == ("x", "y")
    assert (
        action_fields.parse_value(fields[3], '["1"]') == ["1"]
        and action_fields.parse_value(fields[5], "go") == "go"
        and action_fields.parse_value(fields[1], 3) == 3
    )
    with pytest.raises(ConfigError, match="d: no JSON"):
        action_fields.parse_value(fields[3], '["1"')
    [only] = action_fields.action_fields({"properties": {"a": {"type": "string"}}}, ("go", "look"))
    assert only.options == ("go", "look")
