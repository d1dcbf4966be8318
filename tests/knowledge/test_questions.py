"""Records of data sets as questions in a user's voice, kept beside the raw text, and as tasks of the search environment."""

import asyncio
import json

import pytest

from simenv.__main__ import main
from simenv.errors import ConfigError, ModelError
from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.questions import Questions, QuestionWork
from simenv.knowledge.run import Addition
from simenv.models.clients.scripted import scripted
from simenv.plugins import environment
from simenv.types import Task

EXAM = {
    "question": "A 34-year-old man has had cephalgia and pharyngitis for 2 days. Which drug is best?",
    "options": {"A": "Penicillin", "B": "Paracetamol"},
    "answer_idx": "B",
    "answer": "Paracetamol",
}
OPEN = {"question": "What is the daily dose of zinc for adults?", "answer": "10 mg"}
VOICE = '{"question": "I am 34 and have had headaches and a sore throat for 2 days. Which of these should I take?"}'


@pytest.fixture
def pool(tmp_path):
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, (EXAM, OPEN))))
    (tmp_path / "a.md").write_text("# Pain\n\nParacetamol lowers a fever. It helps against headaches.\n")
    settings = Additions(documents=(str(tmp_path / "a.md"),), sets=[str(tmp_path / "set.jsonl")])
    pool = Pool(tmp_path / "pool")
    Addition(pool, settings).run()
    return pool


def made(pool, *said, **options):
    model = scripted(*said) if said else None
    work = QuestionWork(pool, Questions(out=str(pool.folder.parent / "out"), concurrency=1, **options), model)
    return asyncio.run(work.run()), work, model


def tasks(work):
    return [Task.model_validate_json(line) for line in (work.folder / "tasks.jsonl").read_text().splitlines()]


def test_a_record_in_a_users_voice_is_kept_beside_the_raw_text(pool):
    (choice, _), work, _ = made(pool, VOICE, '{"question": "How much zinc should I take a day?"}')
    assert json.loads(choice.raw) == EXAM and choice.asked == EXAM["question"] and choice.voice.startswith("I am 34")
    first, second = tasks(work)
    assert first.instruction == f"{choice.voice}\nA) Penicillin\nB) Paracetamol"
    assert first.goal["answers"] == ["Paracetamol", "B", "B) Paracetamol"] and second.goal["answers"] == ["10 mg"]
    assert (first.kind, second.kind) == ("choice", "open") and first.source == "set.jsonl:1"


def test_the_tasks_are_played_over_the_passages_of_the_pool(pool):
    _, work, _ = made(pool)
    task, _ = tasks(work)
    world = environment("search").world
    world = world(world.Options(corpora=(pool.merged("passages"),)))

    async def play():
        await world.reset(task)
        from simenv.types import Action

        found = await world.step(Action(name="search", arguments={"query": "headaches"}))
        last = await world.step(Action(name="finish", arguments={"answer": "b"}))
        return found.text, await world.grade(last.answer)

    found, grade = asyncio.run(play())
    assert "It helps against headaches." in found and grade.success


def test_a_voice_that_adds_drops_or_gives_away_is_sent_back(pool):
    bad = [
        '{"question": "I am 35 and have had headaches for 2 days. Which of these?"}',
        '{"question": "I have had headaches and a sore throat. Which of these is best?"}',
    ]
    (choice, _), _, model = made(pool, *bad, VOICE, '{"question": "How much zinc do I need?"}')
    assert choice.voice.startswith("I am 34")
    complaints = [r.messages[-1].content for r in model.requests[1:3]]
    assert "35" in complaints[0] and "34" in complaints[1] and "missing" in complaints[1]


def test_what_cannot_be_voiced_is_named_and_the_rest_is_made(pool):
    given = '{"question": "Should I take Paracetamol at 34 for 2 days?"}'
    (only,), work, _ = made(pool, given, given, given, '{"question": "How much zinc do I need?"}')
    assert only.voice == "How much zinc do I need?"
    assert "set.jsonl:1" in (work.folder / "rejected.jsonl").read_text()


def test_a_run_that_ended_early_goes_on_without_asking_again(pool):
    with pytest.raises(ModelError):
        made(pool, VOICE)
    questions, _, model = made(pool, '{"question": "How much zinc do I need?"}')
    assert len(questions) == 2 and len(model.requests) == 1
    questions, _, _ = made(pool, "never asked")
    assert [bool(q.voice) for q in questions] == [True, True]


def test_without_passages_a_record_brings_its_own(tmp_path):
    (tmp_path / "set.jsonl").write_text(json.dumps({**OPEN, "context": "Adults need 10 mg of zinc a day."}))
    pool = Pool(tmp_path / "pool")
    Addition(pool, Additions(sets=[str(tmp_path / "set.jsonl")])).run()
    _, work, _ = made(pool)
    [task] = tasks(work)
    assert task.spec["passages"][0]["text"] == "Adults need 10 mg of zinc a day."


def test_the_command_says_what_it_made(pool, tmp_path, capsys):
    out = tmp_path / "by-command"
    assert main(["knowledge", "questions", str(pool.folder), f"out={out}", "most=1"]) == 0
    assert len((out / "tasks.jsonl").read_text().splitlines()) == 1
    assert main(["knowledge", "questions"]) == 2


def test_the_longest_of_what_a_record_says_beside_its_question_is_its_page(tmp_path):
    told = {"context": "Read this.", "exp": "Because."}
    rows = [{**OPEN, **told}, {**OPEN, "question": "Why?", "exp": "Because."}, {**OPEN, "question": "So?"}]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, rows)))
    pool = Pool(tmp_path / "pool")
    Addition(pool, Additions(sets=[str(tmp_path / "set.jsonl")])).run()
    _, work, _ = made(pool)
    pages = [t.spec["passages"][0] for t in tasks(work)]
    assert [p["text"] for p in pages] == ["Read this.", "Because.", "So?"]
    assert [(p["title"], p["source"]["end"]) for p in pages] == [(OPEN["question"], 10), ("Why?", 8), ("So?", 3)]


def test_a_pool_without_records_says_how_to_add_some(tmp_path):
    (tmp_path / "a.md").write_text("Paracetamol lowers a fever.")
    pool = Pool(tmp_path / "pool")
    Addition(pool, Additions(documents=(str(tmp_path / "a.md"),))).run()
    with pytest.raises(ConfigError, match=r"holds no records; `simenv knowledge add sets="):
        made(pool)
    assert not (tmp_path / "out").exists()


def test_a_torn_line_is_passed_over_and_a_line_of_something_else_is_named(pool, tmp_path):
    made(pool)
    path = tmp_path / "out" / "questions.jsonl"
    lines = path.read_bytes()
    path.write_bytes(lines[:-20])
    questions, work, _ = made(pool)
    assert len(questions) == len(tasks(work)) == 2 and path.read_bytes().count(b"\n") == 3
    path.write_text('{"record": 7}\n')
    with pytest.raises(ConfigError, match=r"questions\.jsonl:1: no question"):
        made(pool)


def test_questions_with_and_without_a_voice_are_kept_apart(pool):
    made(pool)
    said, _, model = made(pool, VOICE, '{"question": "How much zinc do I need?"}')
    assert [q.voice for q in said][1] == "How much zinc do I need?" and len(model.requests) == 2
    plain, _, _ = made(pool)
    assert [q.voice for q in plain] == ["", ""]


def test_the_command_counts_what_was_made_and_what_it_took(pool, tmp_path, capsys):
    model = ["model=scripted", f"model.replies=['{VOICE}', 'nonsense']", "model.repeat=true"]
    usage = ["model.usage={input_tokens: 5, output_tokens: 2}", "concurrency=1"]
    words = ["knowledge", "questions", str(pool.folder), f"out={tmp_path / 'o'}"]
    assert main([*words, *model, *usage]) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "1 questions in" in told and "1 could not be made; 28 tokens" in told
    assert main([*words, "most=1"]) == 0
    assert "tokens" not in capsys.readouterr().err
