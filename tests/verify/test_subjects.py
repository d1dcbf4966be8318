"""What is judged of a chat: the messages of the chosen roles and rounds; of an agent its thoughts and its answer."""

import asyncio
import json

import pytest

from simenv.errors import BudgetSpent, ConfigError, StoreError
from simenv.knowledge.cli import knowledge
from simenv.knowledge.passage import Source
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from simenv.runs.writer import append
from simenv.types import Action, Message, Observation, Sample, Step
from simenv.verify.cli import verify
from simenv.verify.config import Verification
from simenv.verify.library import Evidence
from simenv.verify.model_judge import _quoted
from simenv.verify.run import Verifier, judgements
from simenv.verify.subjects import Subject, is_set, samples
from tests.verify.planted import DOCUMENTS

FEVER, DOSE = "Paracetamol lowers a fever.", "The daily dose is 10 mg."


def chat(*texts, id="a"):
    pairs = [
        m for t in texts for m in (Message(role="user", content=f"{FEVER} Why?"), Message(role="assistant", content=t))
    ]
    return Subject(id, tuple(pairs))


def claimed(subject, roles=("assistant",), turns=()):
    return [(r.message, r.turn, r.role, [c.text for c in r.claims]) for r in subject.rounds(roles, turns)]


def test_rounds_count_from_one_and_roles_and_turns_choose_among_them():
    subject = chat(FEVER, "Why do you ask?", DOSE)
    assert claimed(subject) == [(1, 1, "assistant", [FEVER]), (5, 3, "assistant", [DOSE])]
    assert claimed(subject, turns=(3,)) == [(5, 3, "assistant", [DOSE])]
    assert [(m, t) for m, t, *_ in claimed(subject, roles=("user", "assistant"), turns=(1,))] == [(0, 1), (1, 1)]


def test_of_a_message_that_acts_its_thought_and_answer_are_judged_where_they_stand():
    content = f"Thought: {FEVER}\nAction: finish [{DOSE} It stands in the leaflet.]"
    step = Step(
        message=0,
        thought=FEVER,
        action=Action(name="finish", arguments={}),
        observation=Observation(text="The page holds 300 words.", answer=DOSE),
    )
    found = next(Subject("a", (Message(role="assistant", content=content),), (step,)).rounds(["assistant"]))
    assert [c.text for c in found.claims] == [FEVER, DOSE]
    assert [content[c.start : c.end] for c in found.claims] == [FEVER, DOSE]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert knowledge(["add", f"documents={DOCUMENTS}", "out=pool"]) == 0
    folder = tmp_path / "curated"
    folder.mkdir()
    for id in "abc":
        sample = Sample(id=id, task=id, environment="chat", source="run", messages=chat(DOSE).messages)
        append(folder / "train.jsonl", sample)
    return tmp_path


def test_a_folder_is_a_set_or_a_run_or_refused(home):
    assert is_set(home / "curated")
    assert not is_set(Run.create(home / "runs", "r", "name: r\n").folder)
    with pytest.raises(ConfigError, match=r"pool: expected a run folder"):
        is_set(home / "pool")


def test_a_set_without_its_second_split_is_read_and_a_damaged_line_is_named(home):
    path = home / "curated" / "train.jsonl"
    assert list(samples(home / "curated" / "validation.jsonl")) == []
    for line, told in (("{", r"train\.jsonl:4"), ('{"id": 7}', r"train\.jsonl:4: expected a sample")):
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:3]) + line + "\n")
        with pytest.raises(StoreError, match=told):
            list(samples(path))


def test_a_set_written_anew_takes_its_other_files_along(home):
    (home / "curated" / "README.md").write_text("whose it is")
    assert verify(["curated", "pool=pool", "action=drop"]) == 0
    assert (home / "verified/verification/set/README.md").read_text() == "whose it is"


def test_a_spent_budget_ends_after_the_report_and_the_rest_is_judged_later(home):
    verdict = json.dumps({"verdict": "supported", "passage": 1, "quote": "", "reason": "so"})

    def once(request):
        if len(model.requests) > 1:
            raise BudgetSpent("no more")
        return verdict

    model = scripted(once)
    run = Run.create(home / "verified", "v", "{}")
    work = Verifier(Verification(folder="curated", pool="pool", judge="model", concurrency=1), model)
    with pytest.raises(BudgetSpent, match="no more"):
        asyncio.run(work.run(run))
    done = [j.sample for j in judgements(run)]
    assert len(done) <= 1 and (work.judged, work.failed, work.stopping) == (len(done), 0, False)
    assert json.loads((run.folder / "report.json").read_text())["samples"] == len(done)
    later = Verifier(Verification(folder="curated", pool="pool"))
    asyncio.run(later.run(run))
    assert sorted(j.sample for j in judgements(run)) == ["a", "b", "c"]


def test_a_resumed_verification_may_not_change_what_is_judged(home, capsys):
    assert verify(["curated", "pool=pool"]) == 0
    folder = str(home / "verified/verification")
    trusted = ["--trust", "curated", "--trust", "pool"]
    assert verify(["--resume", folder, "concurrency=2", *trusted]) == 0
    capsys.readouterr()
    assert verify(["--resume", folder, "passages=2", *trusted]) == 2
    assert "'passages=2' would change what is judged; only concurrency, budget, action" in " ".join(
        capsys.readouterr().err.split()
    )


def test_evidence_is_cut_to_words_that_stand_in_it_letter_by_letter():
    source = Source(file="a.md", sha256="0" * 64, start=100, end=100 + len(FEVER))
    whole = Evidence(text=FEVER, source=source)
    cut = _quoted(whole, "lowers a fever")
    assert (cut.text, cut.source.start, cut.source.end) == ("lowers a fever", 112, 126)
    assert _quoted(whole, "lowers the fever") == whole == _quoted(whole, "")
