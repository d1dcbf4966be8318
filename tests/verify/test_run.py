"""Runs and curated sets are verified, reported by round, role and source, and acted on; what was begun goes on."""

import json

import pytest

from simenv.knowledge.cli import knowledge
from simenv.runs import review
from simenv.runs.store import Run
from simenv.runs.writer import append
from simenv.types import Message, Sample
from simenv.verify.cli import verify
from simenv.verify.subjects import samples
from tests.helpers.trajectories import trajectory
from tests.verify.planted import DOCUMENTS

GOOD = "The deposit must not exceed 5 weeks of rent."
BAD = "The landlord must give 9 months notice."
UNKNOWN = "Tenants may keep one small dog in the garden."


def chat(*answers):
    messages = [Message(role="system", content="You advise tenants.")]
    for number, text in enumerate(answers, 1):
        messages.append(Message(role="user", content=f"What about case {number}?"))
        messages.append(Message(role="assistant", content=text, train=True))
    return tuple(messages)


CHATS = {"a": chat(f"Certainly! {GOOD}", f"{GOOD} {BAD}", UNKNOWN), "b": chat(GOOD)}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert knowledge(["add", f"documents={DOCUMENTS}", "out=pool"]) == 0
    return tmp_path


@pytest.fixture
def run(home):
    run = Run.create(home / "runs", "ward", "name: ward\n")
    (run.folder / "trajectories").mkdir()
    for id, messages in CHATS.items():
        append(run.folder / "trajectories" / "part-1.jsonl", trajectory(id=id, task=id, messages=messages, steps=()))
    return run.folder


@pytest.fixture
def curated(home):
    folder = home / "curated"
    folder.mkdir()
    for id, messages in CHATS.items():
        sample = Sample(id=id, task=id, environment="chat", source="run", messages=messages)
        append(folder / ("train.jsonl" if id == "a" else "validation.jsonl"), sample)
    return folder


def report(folder):
    return json.loads((folder / "report.json").read_text())


def state(run, id):
    return review.states(review.read(run)).get(id, review.ReviewState())


def test_the_report_counts_by_round_role_and_source(run, home):
    assert verify([str(run), "pool=pool"]) == 0
    figures = report(home / "verified/verification")
    rounds = {turn: (f["supported"], f["contradicted"], f["not found"]) for turn, f in figures["by_turn"].items()}
    assert rounds == {"1": (2, 0, 0), "2": (1, 1, 0), "3": (0, 0, 1)}
    assert (
        figures["all"]["hallucination_ratio"]["ratio"] == 0.4 and figures["all"]["contradicted_ratio"]["ratio"] == 0.2
    )
    assert 0.1 < figures["all"]["hallucination_ratio"]["low"] < 0.4
    sources = {name: f["claims"] for name, f in figures["by_source"].items()}
    assert sources == {"documents/tenancy.md": 4, "no source": 1} and list(figures["by_role"]) == ["assistant"]
    assert (
        state(run, "a").labels == ("hallucination",)
        and "says “The landlord must give 6 months" in state(run, "a").comments[0]
    )
    assert state(run, "b") == review.ReviewState()


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        (["action=drop"], (False, [], ())),
        (["action=mask"], (None, [], (4,))),
        (["action=repair"], (None, [f"{GOOD} The landlord must give 6 months notice."], ())),
        (
            ["action=repair", "counts=[contradicted, not found]"],
            (None, [f"{GOOD} The landlord must give 6 months notice."], (6,)),
        ),
    ],
)
def test_acts_on_a_run_are_reviews(run, words, outcome):
    before = (run / "trajectories/part-1.jsonl").read_bytes()
    assert verify([str(run), "pool=pool", *words]) == 0
    made = state(run, "a")
    changed = [m.content for m in made.messages if m.author == "filter"]
    assert (made.approved, changed, made.mask) == outcome
    assert (run / "trajectories/part-1.jsonl").read_bytes() == before and state(run, "b") == review.ReviewState()


def test_a_verification_goes_on_without_judging_or_acting_twice(run, home):
    assert verify([str(run), "pool=pool", "action=repair"]) == 0
    folder = home / "verified/verification"
    part = folder / "judgements/part-1.jsonl"
    part = next((folder / "judgements").glob("*.jsonl"))
    lines, reviews = part.read_bytes().splitlines(keepends=True), (run / "reviews.jsonl").read_bytes()
    part.write_bytes(lines[0] + b'{"torn')
    assert verify(["--resume", str(folder), "--trust", str(run), "--trust", "pool"]) == 0
    assert report(folder)["samples"] == 2 and (run / "reviews.jsonl").read_bytes() == reviews
    assert verify(["--resume", str(folder), "judge=model"]) == 2


@pytest.mark.parametrize(
    ("action", "texts", "trained"),
    [
        ("drop", [], 0),
        ("mask", [f"{GOOD} {BAD}"], 2),
        ("repair", [f"{GOOD} The landlord must give 6 months notice."], 3),
        ("flag", [f"{GOOD} {BAD}"], 3),
    ],
)
def test_a_curated_set_is_written_anew_and_the_old_one_stays(curated, home, action, texts, trained):
    before = (curated / "train.jsonl").read_bytes()
    assert verify([str(curated), "pool=pool", f"action={action}"]) == 0
    made = list(samples(home / "verified/verification/set/train.jsonl"))
    assert [s.messages[4].content for s in made] == texts
    assert sum(m.carries_loss for s in made for m in s.messages) == trained
    assert all(s.extra["verification"]["action"] == action for s in made)
    assert action != "repair" or BAD in made[0].extra["verification"]["before"]
    assert (curated / "train.jsonl").read_bytes() == before
    assert [s.id for s in samples(home / "verified/verification/set/validation.jsonl")] == ["b"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "expected a run or a curated set"),
        (["pool=pool"], "expected a run or a curated set"),
        (["curated"], "pool: none given"),
        (["curated", "pool=nowhere"], "nowhere: no passages"),
        (["curated", "pool=pool", "judge=model"], "judge=model needs one"),
        (["pool", "pool=pool"], "expected a run folder"),
        (["curated", "pool", "pool=pool"], "expected one run or curated set"),
    ],
)
def test_what_leads_nowhere_is_said_and_nothing_is_written(curated, home, capsys, words, told):
    assert verify(words) == 2
    assert told in " ".join(capsys.readouterr().err.split()) and not (home / "verified").exists()


def test_a_model_that_cannot_be_read_leaves_the_sample_to_be_asked_again(run, home, capsys):
    words = [str(run), "pool=pool", "judge=model", "model=scripted", "model.replies=[nonsense]", "model.repeat=true"]
    assert verify(words) == 1
    assert "2 could not be judged; `simenv verify --resume" in " ".join(capsys.readouterr().err.split())
