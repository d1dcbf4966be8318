"""From a folder of documents to a set for training, by the commands of docs/mimir.md in short."""

import json

import pytest

from simenv.__main__ import main
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
