"""FireAct's trajectories as tasks, replayed on pages made from what their searches showed."""

import asyncio
import json
from collections import Counter

import pytest

from simenv.plugins import environment
from simenv.source import Rejected
from tests import DATA

READER = environment("search").sources[0]


def chat(*turns):
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(turns)]}


SEARCHED = chat(
    "Question: Who wrote Emma?", "Thought: I search.\nAction: search[author of Emma]", "Observation: Jane Austen",
    "Thought: Found.\nAction: finish[Jane Austen]", "Observation: Episode finished, reward = 1",
)  # fmt: skip
LOST = chat("Q", "Action: finish[x]", "Observation: Episode finished, reward = False")


def read(path):
    return list(READER().tasks(path))


def replayed(task):
    """How many searches found first what they showed then, and whether the answer counts."""
    world = environment("search").world()
    asyncio.run(world.reset(task))
    titles = {p["id"]: p["title"] for p in task.spec["passages"]}
    found = 0
    for move in task.solution:
        last = asyncio.run(world.step(move.action))
        query = " ".join(move.action.arguments.get("query", "").split())
        found += bool(query) and titles.get(last.text.partition("]")[0][1:]) == query
    return found, asyncio.run(world.grade(last.answer)).success


def test_a_trajectory_becomes_a_task_and_what_is_none_is_refused_with_its_place(tmp_path):
    path = tmp_path / "fireact.jsonl"
    bad = [
        "{",
        "7",
        json.dumps({"messages": []}),
        json.dumps(LOST),
        json.dumps(chat("Q", "no action", "O")),
        json.dumps({"x": 1}),
    ]
    path.write_text("\n".join([json.dumps(SEARCHED), *bad]))
    assert READER.accepts(path) and not READER.accepts(tmp_path / "other.jsonl")
    task, *rejected = read(path)
    assert (
        task.instruction == "Who wrote Emma?"
        and task.goal["answers"] == ["Jane Austen"]
        and replayed(task) == (1, True)
    )
    assert all(isinstance(r, Rejected) and f":{n}" in r.where for n, r in enumerate(rejected, 2)) and len(rejected) == 6
    assert "reward 'False'" in rejected[3].reason


def test_the_100_trajectories_load_and_replay():
    path = DATA / "fireact" / "first100.jsonl"
    if not path.is_file():
        pytest.skip("no data beside the checkout")
    counts = Counter()
    for task in read(path):
        if isinstance(task, Rejected):
            counts["lost"] += 1
            continue
        found, success = replayed(task)
        searches = sum(m.action.name == "search" for m in task.solution)
        counts += Counter(loaded=1, searches=searches, found=found, success=success, searched=searches > 0)
    print(dict(counts))
    assert counts == {"loaded": 98, "lost": 2, "searches": 78, "found": 77, "success": 98, "searched": 44}
