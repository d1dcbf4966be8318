"""From a folder of documents to a set for training, by the commands of docs/mimir.md in short."""

import json
import re
from pathlib import Path

import pytest

from simenv.__main__ import main
from simenv.knowledge.passage import document_text
from simenv.runs.store import Run
from tests.knowledge.handbook import write


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "handbook")
    return tmp_path


def rollout(name, *words):
    passages = "pools/ward/passages.jsonl"
    corpus = [f"search.teacher.corpus={passages}", f"search.world.corpora=[{passages}]"]
    kinds = "search.teacher.kinds=[one-hop,two-hop,comparison,unanswerable]"
    return main(
        ["rollout", "environments=search", "episodes=16", f"name={name}", "dialect=brackets", *corpus, kinds, *words]
    )


def test_documents_become_trajectories_and_a_set_that_lead_back_to_them(here):
    assert main(["knowledge", "add", "documents=handbook/", "out=pools/ward"]) == 0
    assert not (here / "pools/ward/rejected.jsonl").read_text()
    assert rollout("gold", "agent=expert", "agent.error_rate=0") == 0
    assert rollout("slips", "agent=expert", "agent.error_rate=0.3", "seed=1") == 0
    trust = ["--trust", "pools/ward/passages.jsonl"]
    assert main(["curate", "runs/gold", "runs/slips", "gold.expert=true", "name=ward", *trust]) == 0
    assert main(["export", "curated/ward", "to=openai"]) == 0
    tasks = [json.loads(line) for line in (here / "runs/gold/tasks.jsonl").read_text().splitlines()]
    assert all(t["grade"]["success"] for t in Run(here / "runs/gold").raw("trajectories"))
    assert {t["kind"] for t in tasks} >= {"two-hop", "comparison", "unanswerable"}
    passages = {p["id"]: p for p in map(json.loads, (here / "pools/ward/passages.jsonl").read_text().splitlines())}
    for task in tasks:
        for support in task["goal"]["support"]:
            assert passages[support["page"]]["source"]["file"].startswith("handbook/")


QUOTE = re.compile(r"“(?P<said>[^”]+)”\n\[(?P<file>[^\]:]+):(?P<start>\d+)–(?P<end>\d+)\]")


def read(path):
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def span(source, start=0, end=None):
    """The characters of a document that a source means, or a part of them."""
    whole = document_text(Path(source["file"]))[source.get("start", 0) : source["end"]]
    return whole[start:end]


def test_every_sample_leads_back_to_its_span_in_the_text_of_its_document(here):
    assert main(["knowledge", "add", "documents=handbook/", "out=pools/ward"]) == 0
    assert rollout("gold", "agent=expert", "agent.error_rate=0.2") == 0
    assert main(["curate", "runs/gold", "gold.expert=true", "name=ward", "--trust", "pools/ward/passages.jsonl"]) == 0
    passages = {p["id"]: p for p in read("pools/ward/passages.jsonl")}
    for p in passages.values():
        assert span(p["source"]) == p["text"]
    tasks = {t["id"]: t for t in read("runs/gold/tasks.jsonl")}
    samples = read("curated/ward/train.jsonl")
    assert len(samples) > 8
    for sample in samples:
        supports = tasks[sample["task"]]["goal"]["support"]
        said = [span(passages[s["page"]]["source"], s.get("start", 0), s["end"]) for s in supports]
        shown = " ".join(" ".join(m["content"].split()) for m in sample["messages"][2:])
        assert said and all(" ".join(text.split()) in shown for text in said)

    assert main(["instruct", "pool=pools/ward", "dialogues=24", "rounds=3", "name=talks"]) == 0
    assert main(["curate", "runs/talks", "name=talks"]) == 0
    talks = {t["id"]: t for t in read("runs/talks/tasks.jsonl")}
    for sample in read("curated/talks/train.jsonl"):
        answers = [m["content"] for m in sample["messages"] if m["role"] == "assistant"]
        quotes = [q for text in answers for q in QUOTE.finditer(text)]
        assert len(quotes) == len(answers) == 3
        grounds = [p["source"] for p in talks[sample["task"]]["spec"]["passages"]]
        for q in quotes:
            start, end = int(q["start"]), int(q["end"])
            assert document_text(Path(q["file"]))[start:end] == q["said"]
            assert any(s["file"] == q["file"] and s.get("start", 0) <= start and end <= s["end"] for s in grounds)


def test_from_documents_to_a_model_that_is_evaluated_on_questions_it_has_not_seen(here):
    pytest.importorskip("peft")
    assert main(["knowledge", "add", "documents=handbook/", "out=pools/ward"]) == 0
    assert rollout("gold", "agent=expert", "agent.error_rate=0") == 0
    assert main(["verify", "runs/gold", "pool=pools/ward", "name=gold"]) == 0
    found = json.loads(Path("verified/gold/report.json").read_text())
    assert "contradicted" in json.dumps(found)
    assert main(["curate", "runs/gold", "name=ward", "--trust", "pools/ward/passages.jsonl"]) == 0
    assert main(["tiny", "runs/gold", "context=2048", "practice.steps=5", "width=32", "heads=2"]) == 0
    assert main(["finetune", "curated/ward", "model=models/tiny", "method=full", "steps=3", "name=ward"]) == 0
    passages = "pools/ward/passages.jsonl"
    corpus = [f"search.teacher.corpus={passages}", f"search.world.corpora=[{passages}]"]
    model = [
        "agent=react",
        "model=transformers",
        "model.model=models/ward",
        "model.max_tokens=40",
        "limits.max_turns=2",
    ]
    held_out = ["trained_on=[curated/ward]", "held_out=true", "episodes=6", "seed=5", "name=after", "dialect=brackets"]
    done = main(["evaluate", "environments=search", *corpus, *model, *held_out])
    assert done in (0, 1), "three steps teach nothing: where all that the model says is blank, nothing was measured"
    asked = {t["instruction"] for t in read("runs/after/tasks.jsonl")}
    assert asked and asked.isdisjoint(t["instruction"] for t in read("runs/gold/tasks.jsonl"))
