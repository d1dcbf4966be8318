"""From a pool to a training set: dialogues held, resumed, curated, exported and withdrawn like any other run."""

import asyncio
import json
import re

import pytest

from simenv.curate.cli import curate
from simenv.errors import BudgetSpent
from simenv.export.cli import export
from simenv.instruct.cli import instruct
from simenv.instruct.config import Dialogues
from simenv.instruct.plan import Plan
from simenv.instruct.run import Conversations
from simenv.instruct.scene import Scene
from simenv.knowledge.cli import knowledge
from simenv.knowledge.passage import document_text
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from simenv.types import Reply, Stop
from simenv.verify.cli import verify

_PLACE = re.compile(r"“(.*)”\n\[(.+):(\d+)–(\d+)\]\Z", re.DOTALL)


def held(tmp_path, pool, model=None, user=None, **settings):
    """The run of dialogues that models hold."""
    dialogues = Dialogues(pool=str(pool), **{"dialogues": 4, "rounds": 2, **settings})
    plan = Plan(dialogues.model_copy(update={"model": None}))
    run = Run.create(tmp_path / "runs", "dialogues", "name: dialogues\n")
    live = Conversations(dialogues, model, user)
    live.prepare(run, plan)
    asyncio.run(live.run(run))
    return run


@pytest.fixture
def run(tmp_path, pool):
    assert instruct([f"pool={pool}", f"out={tmp_path / 'runs'}"]) == 0
    return Run(tmp_path / "runs" / "dialogues")


def test_the_scripted_speaker_holds_sixty_dialogues_and_every_answer_leads_back_to_its_span(run, tmp_path):
    found = list(run.trajectories())
    assert len(found) == 60
    for t in found:
        assert [m.role for m in t.messages] == ["system", *["user", "assistant"] * 5]
        for message in t.messages:
            assert message.carries_loss == (message.role == "assistant")
        for message in t.messages[2::2]:
            quote, file, start, end = _PLACE.search(message.content).groups()
            text = document_text(tmp_path / file)
            assert text[int(start) : int(end)] == quote


def test_what_the_scripted_speaker_says_is_supported_by_its_sources(run, tmp_path, pool):
    assert verify([str(run.folder), f"pool={pool}", f"out={tmp_path / 'verified'}"]) == 0
    [report] = (tmp_path / "verified").rglob("report.json")
    found = json.loads(report.read_text())["all"]
    assert found["supported"] == found["claims"] == 300


def test_the_command_names_what_goes_on(run, tmp_path, pool, capsys):
    assert instruct([f"pool={pool}", f"out={tmp_path / 'more'}", "dialogues=1"]) == 0
    assert f"next: simenv curate {tmp_path / 'more' / 'dialogues'}" in capsys.readouterr().err


def test_curate_and_export_take_dialogues_as_they_are(run, tmp_path):
    curated = tmp_path / "curated"
    assert (
        curate([str(run.folder), f"out={curated.parent}", f"name={curated.name}", "filters.near_duplicates=false"]) == 0
    )
    assert export([str(curated), "to=openai"]) == 0
    lines = (curated / "export" / "openai" / "train.jsonl").read_text().splitlines()
    assert len(lines) > 50
    for line in lines:
        for message in json.loads(line)["messages"]:
            assert message.get("weight", 1) == 1
            assert message["role"] in ("system", "user", "assistant")


def test_chat_beside_lost_agent_data_is_still_no_set(run, tmp_path):
    chat = tmp_path / "chat.jsonl"
    chat.write_text('{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n')
    drop = 'filters.too_long={"tokens": 1}'
    assert curate([str(run.folder), f"out={tmp_path}", "name=c", drop, f"mix.chat=[{chat}]"]) == 2


def test_a_withdrawn_source_takes_its_dialogues_along(run, tmp_path, pool):
    folders = f"folders=[{run.folder}]"
    assert knowledge(["withdraw", str(pool), "library/leases.txt", folders]) == 0
    text = "".join(p.read_text() for p in run.folder.rglob("*.jsonl"))
    assert "deposit" not in text
    assert 0 < len(list(run.trajectories())) == len(list(run.tasks())) < 60


def test_a_run_goes_on_where_it_ended_and_doubles_nothing(run):
    part = run.parts("trajectories")[0]
    lines = part.read_bytes().splitlines(keepends=True)
    part.write_bytes(b"".join(lines[:20]) + lines[20][:50])
    assert instruct(["--resume", str(run.folder), "concurrency=3"]) == 0
    ids = [t.id for t in run.trajectories()]
    assert len(ids) == len(set(ids)) == 60
    assert instruct(["--resume", str(run.folder), "rounds=3"]) == 2


def test_a_run_that_was_killed_before_its_plan_was_there_is_planned(tmp_path, pool, run):
    (run.folder / "tasks.jsonl").unlink()
    for part in run.parts("trajectories"):
        part.unlink()
    assert instruct(["--resume", str(run.folder), "--trust", str(pool)]) == 0
    assert len(list(run.trajectories())) == 60


def test_each_side_sees_the_passages_and_only_what_was_said(tmp_path, pool):
    user, expert = scripted("Question?", repeat=True), scripted("Pharmacist: Answer.", repeat=True)
    run = held(tmp_path, pool, expert, user, experts=["Pharmacist"], dialogues=1)
    [t] = run.trajectories()
    assert [m.content for m in t.messages[1:]] == ["Question?", "Answer."] * 2
    assert [m.role for m in expert.requests[1].messages] == ["system", "user", "assistant", "user"]
    assert [m.role for m in user.requests[1].messages] == ["system", "user", "assistant", "user"]
    scene = Scene.model_validate(next(run.tasks()).spec)
    for request in (*user.requests, *expert.requests):
        assert scene.passages[0].text in request.messages[0].content
    assert t.messages[4].sent[0] == expert.requests[1].messages[0]
    assert t.messages[4].sent[1:] == (1, 2, 3)
    assert scene.passages[0].text not in t.messages[0].content
    assert t.usage.calls == 4


def test_the_users_turns_may_carry_the_loss(tmp_path, pool):
    run = held(tmp_path, pool, scripted("Answer.", repeat=True), scripted("Question?", repeat=True), loss="user")
    for t in run.trajectories():
        assert [m.content for m in t.messages if m.carries_loss] == ["Question?"] * 2
        assert t.messages[1].role == "user"
        assert [m.content for m in t.messages if m.role == "user"][1:] == ["Answer."]


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(text="half", finish="length"), "length"),
        (Reply(text="x", finish="content_filter"), "took the answer away"),
        (Reply(text="no", finish="refusal"), "refusal"),
        (Reply(text="  \n"), "empty"),
    ],
)
def test_a_failure_of_the_model_ends_its_dialogue_as_an_error(tmp_path, pool, reply, message):
    expert = scripted("Fine.", "Fine.", reply, *["Fine."] * 9)
    run = held(tmp_path, pool, expert, scripted("Question?", repeat=True), concurrency=1)
    [failed] = run.errors()
    assert failed.stop is Stop.error
    assert message in failed.error
    assert failed.usage.calls
    assert len(list(run.trajectories())) == 3
    report = json.loads((run.folder / "report.json").read_text())["environments"]["all"]
    assert (report["episodes"], report["errors"]) == (3, 1)


def test_where_nothing_worked_the_status_is_1_and_the_cause_is_told(tmp_path, pool, capsys):
    words = [f"pool={pool}", f"out={tmp_path / 'runs'}", "model=scripted", "model.replies=['']", "model.repeat=true"]
    assert instruct([*words, "dialogues=3"]) == 1
    told = capsys.readouterr().err
    assert "3 × a turn is empty" in told.replace("ModelError: ", "")
    assert "next:" not in told


def test_a_budget_ends_the_run_and_more_of_it_goes_on(tmp_path, pool):
    price = ["model.usd_per_million_in=0", "model.usd_per_million_out=1000000", "model.max_tokens=1"]
    usage = ["model.usage={output_tokens: 1, cost: 1.0}", "model.replies=['Well.']", "model.repeat=true"]
    words = [f"pool={pool}", f"out={tmp_path / 'runs'}", "model=scripted", *price, *usage, "concurrency=1"]
    assert instruct([*words, "dialogues=3", "rounds=1", "budget=3"]) == 1
    run = Run(tmp_path / "runs" / "dialogues")
    assert len(list(run.trajectories())) == 1
    assert instruct(["--resume", str(run.folder), "budget=20"]) == 0
    assert len({t.id for t in run.trajectories()}) == 3


def test_spent_budgets_are_no_error_of_a_dialogue(tmp_path, pool):
    def spend(request):
        raise BudgetSpent("no more")

    with pytest.raises(BudgetSpent):
        held(tmp_path, pool, scripted(spend), dialogues=1)


def test_text_of_a_source_is_never_a_template(tmp_path, pool):
    model = scripted("Well.", repeat=True)
    library = tmp_path / "hostile"
    library.mkdir()
    (library / "a.txt").write_text(
        "{{ 7 * 7 }} {% for x in range(9) %} stands here as it is, whatever a reader makes of it."
    )
    assert knowledge(["add", f"documents={library}", f"out={tmp_path / 'other'}"]) == 0
    held(tmp_path, tmp_path / "other", model, topics=["{{ 7 * 7 }} {% for %}"], dialogues=1)
    assert "{{ 7 * 7 }} {% for x in range(9) %}" in model.requests[0].messages[0].content
