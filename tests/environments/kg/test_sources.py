"""Questions that others wrote: AgentBench's twenty, and all of PathQuestion's along their gold paths."""

import asyncio
import json
from pathlib import Path

import pytest

from simenv import plugins
from simenv.plugins.environments.kg.dialects import AgentBench as Protocol
from simenv.plugins.environments.kg.engine import tool_calls
from simenv.plugins.environments.kg.world import KG
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.types import Reply, Stop

ENVIRONMENT = plugins.environment("kg")


@pytest.fixture(scope="session")
def pathquestion(data):
    path = data / "pathquestion" / "PQ-2H.txt"
    return list(task_reader(ENVIRONMENT, path).tasks(path))


@pytest.fixture(scope="session")
def agentbench(data):
    path = data / "agentbench" / "knowledgegraph" / "dev.json"
    return list(task_reader(ENVIRONMENT, path).tasks(path)), json.loads(path.read_text())


def test_every_gold_path_of_pathquestion_gives_the_exact_answers(pathquestion):
    async def go():
        world, right = KG(), 0
        for task in pathquestion:
            await world.reset(task)
            for move in task.solution:
                seen = await world.step(move.action)
                assert not seen.invalid
            grade = await world.grade(seen.answer)
            right += grade.success and sorted(seen.answer) == task.goal["answers"]
        return right

    assert len(pathquestion) == 1908
    assert asyncio.run(go()) == 1908


def test_the_tasks_of_one_file_share_one_graph(pathquestion):
    assert len({id(task.spec["graph"]) for task in pathquestion}) == 1
    assert len({task.id for task in pathquestion}) == 1908
    assert {task.kind for task in pathquestion} == {"2-hop"}


def test_all_of_agentbenchs_gold_calls_are_read(agentbench):
    tasks, records = agentbench
    assert len(tasks) == 20 and not any(isinstance(t, Rejected) for t in tasks)
    for task, record in zip(tasks, records, strict=True):
        assert len(task.solution) == len(record["actions"]) + 1
        assert [tool_calls.parse_call(c) for c in record["actions"]]
        assert task.spec["mentions"] == record["entities"]
        assert task.goal["answers"] == sorted({a["answer_argument"] for a in record["answer"]})
        assert task.solution[-1].action.name == "answer"


def test_agentbenchs_gold_moves_survive_its_own_protocol(agentbench):
    protocol = Protocol(KG.actions)
    for task in agentbench[0]:
        for turn, move in enumerate(task.solution):
            assert protocol.parse(protocol.render(move, turn)).spoken[0].action == move.action


def test_agentbenchs_tasks_need_an_endpoint(agentbench, data):
    from simenv.teach.admission import admit

    turned_away = asyncio.run(admit(KG(), ENVIRONMENT, agentbench[0][0]))
    assert isinstance(turned_away, Rejected) and "kg.world.endpoint" in turned_away.reason


def test_recorded_conversations_are_read(data):
    path = data / "agentinstruct" / "kg.json"
    if not path.is_file():
        pytest.skip(f"no {path}")
    protocol = Protocol(KG.actions)
    for record in json.loads(path.read_text()):
        said = [c["content"] for c in record["conversations"][18:] if c["role"] == "assistant"]
        read = [protocol.parse(Reply(text=text)).spoken[0] for text in said]
        assert all(s.action is not None for s in read), [s.error for s in read]
        assert read[-1].action.name == "answer"


def test_a_bad_record_does_not_end_a_file(tmp_path):
    good = {
        "qid": "1", "question": "q?", "source": "grailqa", "entities": {"Ann": "m.a"},
        "actions": ["get_relations(m.a)", "get_neighbors(m.a,x.y)", "count(#0)"],
        "answer": [{"answer_type": "Value", "answer_argument": "3.0"}],
    }  # fmt: skip
    broken = [
        good | {"actions": ["get_relations m.a"]},
        good | {"actions": ["get_neighbors(#4,x.y)"]},
        good | {"actions": ["fly(m.a)"]},
        good | {"answer": []},
        good | {"entities": {"Ann": "a b"}},
        {k: v for k, v in good.items() if k != "question"},
        7,
    ]
    path = tmp_path / "std.json"
    path.write_text(json.dumps([*broken, good]))
    *rejected, task = task_reader(ENVIRONMENT, path).tasks(path)
    assert [type(r) for r in rejected] == [Rejected] * len(broken)
    assert [f"[{i}]" in r.where for i, r in enumerate(rejected)] == [True] * len(broken)
    assert task.goal == {"answers": ["3"], "expression": "(COUNT (JOIN (R x.y) m.a))"}
    assert [m.action.arguments["variable"] for m in task.solution] == ["Ann", "Ann", "#0", "#1"]


def test_bad_lines_of_pathquestion_are_turned_away(tmp_path):
    (tmp_path / "2H-kb.txt").write_text("a\tp\tb\nb\tq\tc\nb\tq\td\n")
    lines = [
        "what ?\tc(c/d/)\ta#p#b#q#c#<end>#c",
        "what ?\tc\ta#p#b#q#c#<end>#c",
        "what ?\tc(c/d/)\ta#p#b",
        "what ?\tc(c/d/)",
        "what ?\tb(b/)\ta#p#b#<end>#b",
    ]
    path = tmp_path / "PQ-2H.txt"
    path.write_text("\n".join(lines))
    first, *broken, last = task_reader(ENVIRONMENT, path).tasks(path)
    assert first.goal["answers"] == ["c", "d"] and last.kind == "1-hop"
    assert all(isinstance(b, Rejected) and f":{n}" in b.where for n, b in enumerate(broken, 2))
    (tmp_path / "2H-kb.txt").unlink()
    assert "expected one file of triples" in next(iter(task_reader(ENVIRONMENT, path).tasks(path))).reason


@pytest.mark.parametrize("call", ["", "count", "count(", "(#0)", "fly(#0)", "count(#0, #1)", "count(#0) x"])
def test_what_is_no_call_is_refused(call):
    with pytest.raises(ValueError):
        tool_calls.parse_call(call)


def test_submitted_is_how_a_solution_ends(agentbench):
    assert Stop.submitted.terminal and Path(agentbench[0][0].source.partition(":")[0]).is_file()
