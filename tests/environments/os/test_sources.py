"""AgentBench's records, in all the shapes they have, and the bundled ones with gold, no and wrong answers."""

import asyncio
import json
import os

import pytest

from simenv.plugins.environments.os.sources import AgentBench
from simenv.plugins.environments.os.teacher import OSExpert
from simenv.plugins.environments.os.world import OS
from simenv.source import Rejected
from simenv.types import Task

SAME = {"language": "python", "code": "from sys import argv\nexit(int(argv[1]) != int(argv[2]))"}
BROKEN = {
    "dev": {8: "the checker takes whole numbers only, and du -h writes 4.0K"},
    "train300": {390: "the checker takes whole numbers only, and du -h writes 8.0K"},
}
FULL = os.environ.get("SIMENV_FULL_TESTS")


def read(folder, *records):
    path = folder / "records.json"
    path.write_text(json.dumps(list(records)))
    assert AgentBench.accepts(path)
    return list(AgentBench().tasks(path))


def test_every_shape_of_record(tmp_path):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "same.py").write_text(SAME["code"])
    check = [None, {"language": "python", "file": "same.py"}]
    tasks = read(
        tmp_path,
        {"description": "A", "evaluation": {"match": "1"}, "start": "sleep 1 &", "labels": ["x", "y"]},
        {"description": "B", "evaluation": {"match": {"answer": "1", "strip": False}}, "create": {"init": "touch /a"}},
        {
            "description": "C",
            "evaluation": {"match": {"regex": "1+"}},
            "create": {"init": [{"language": "python", "code": "1"}]},
        },
        {"description": "D", "evaluation": {"check": check, "example": "echo 1"}, "_index": 77},
        {"description": "E", "evaluation": {"check": {"code": "true"}, "example": {"code": "true"}}},
    )
    assert all(isinstance(t, Task) for t in tasks), tasks
    assert [t.id for t in tasks] == ["os-records-0", "os-records-1", "os-records-2", "os-records-77", "os-records-4"]
    assert tasks[0].kind == "x" and tasks[0].spec == {"files": [], "cwd": "/", "start": "sleep 1 &"}
    assert tasks[1].goal == {"answer": {"equals": "1", "strip": False}}
    assert tasks[1].spec["init"] == [{"language": "bash", "code": "touch /a"}]
    assert tasks[3].goal["checks"] == [None, SAME]
    assert [len(t.solution) for t in tasks] == [1, 1, 0, 0, 0]


def test_bad_records_come_out_with_place_and_reason(tmp_path):
    records = [
        {"description": "ok", "evaluation": {"match": "1"}},
        "x",
        {"evaluation": {"match": "1"}},
        {"description": "x", "evaluation": {}},
        {"description": "x", "evaluation": {"check": [None]}},
        {"description": "x", "evaluation": {"check": {"language": "c", "code": ""}}},
        {"description": "x", "evaluation": {"check": {"file": "../../secret"}}},
        {"description": "x", "evaluation": {"check": {"file": "missing.py"}}},
        {"description": "x", "evaluation": {"match": {"regex": "("}}},
        {"description": "x", "evaluation": {"match": "1"}, "create": {"init": 7}},
    ]
    tasks = read(tmp_path, *records)
    assert isinstance(tasks[0], Task) and all(isinstance(t, Rejected) for t in tasks[1:])
    assert [t.where.partition(": ")[2] for t in tasks[1:8]] == [
        "[1].$", "[2].description", "[3].evaluation", "[4].evaluation.check", "[5].evaluation.check[0].language",
        "[6].evaluation.check[0]", "[7].evaluation.check[0].file",
    ]  # fmt: skip
    assert "supported" in tasks[5].reason and "regular expression" in tasks[8].reason


def test_foreign_files_are_left_alone(tmp_path):
    for name, text in {"a.json": "[1]", "b.json": "{", "c.txt": "[]", "d.json": '[{"description": "x"}]'}.items():
        (tmp_path / name).write_text(text)
        assert not AgentBench.accepts(tmp_path / name)


async def judge(task):
    """Whether no answer, a wrong one and the gold one pass."""
    world = OS()
    try:
        await world.reset(task)
        nothing = (await world.grade(None)).success
        moves = OSExpert().plan(world, task)
        wrong = False
        if moves[-1].action.name == "answer":
            gold = moves[-1].action.arguments["answer"]
            wrong = (await world.grade(str(int(gold) + 1) if gold.isdigit() else gold + "x")).success
        for move in moves:
            observation = await world.step(move.action)
        return nothing, wrong, (await world.grade(observation.answer)).success
    finally:
        await world.close()


async def judged(path, every=1):
    """What is judged wrongly, by the record's number."""
    tasks, gate = list(AgentBench().tasks(path)), asyncio.Semaphore(4)

    async def one(task):
        async with gate:
            return await judge(task)

    selection = tasks[::every]
    assert not [t for t in tasks if isinstance(t, Rejected)]
    result = await asyncio.gather(*map(one, selection))
    return {
        int(t.id.rsplit("-", 1)[1])
        for t, verdict in zip(selection, result, strict=True)
        if verdict != (False, False, True)
    }


@pytest.mark.parametrize(("name", "every"), [("dev", 1), ("train300", 1 if FULL else 15)])
def test_agentbenchs_own_tasks_are_judged_rightly(agentbench, name, every):
    wrong = asyncio.run(judged(agentbench / f"{name}.json", every))
    assert wrong <= BROKEN[name].keys()
