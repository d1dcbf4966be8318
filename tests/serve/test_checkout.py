"""A checkout of AgentBench as its repository lays it out, served under the names of its unmodified configuration."""

import asyncio

import pytest

from simenv.options import read
from simenv.plugins.environments.os.sources import AgentBench
from simenv.plugins.environments.os.teacher import OSExpert
from simenv.plugins.environments.os.world import OS
from simenv.serve import cli
from simenv.serve.config import ServeConfig, load
from simenv.types import Task
from tests.helpers.agentbench_checkout import RECORDS, write_checkout
from tests.helpers.agentbench_client import RequestFailed
from tests.serve.conftest import serving


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return write_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def served(checkout):
    config = load(None, [f"data={checkout}"])
    tasks = {n: t.model_dump(exclude_unset=True) for n, t in config.tasks.items() if "-" in n}
    with serving(data=str(checkout), tasks=tasks) as pair:
        yield pair


@pytest.mark.parametrize(
    ("name", "indices"),
    [
        ("os-std", range(11)),
        ("os-dev", range(1)),
        ("os-env_train", range(1)),
        ("alfworld-std", range(2)),
        ("alfworld-dev", range(1)),
        ("alfworld-new_std", range(3)),
        ("dbbench-std", range(1)),
        ("dbbench-dev", range(1)),
        ("KnowledgeGraph-std", range(2)),
        ("KnowledgeGraph-dev", range(2)),
        ("webshop-std", range(200)),
        ("webshop-dev", range(200, 280)),
        ("Mind2Web-std", range(100)),
        ("Mind2Web-dev", range(100, 200)),
    ],
)
def test_every_name_of_its_configuration_has_its_samples(served, name, indices):
    client, _ = served
    assert client.indices(name) == list(indices)
    started = client.ask("start_sample", {"name": name, "index": indices[-1]})
    if name.startswith("KnowledgeGraph"):
        assert started["output"]["status"] == "task error" and "endpoint" in started["output"]["result"]["error"]
    else:
        assert started["output"]["status"] == "running"
        client.ask("cancel", {"session_id": started["session_id"]})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ltp-std", "no environment for lateral thinking puzzles yet"),
        ("CardGame-std", "no environment for the card game yet"),
        ("os-standard", "did you mean 'os-std'"),
        ("", "available: "),
    ],
)
def test_a_wrong_name_is_told_with_the_names_that_there_are(served, name, says):
    client, _ = served
    with pytest.raises(RequestFailed) as refused:
        client.indices(name)
    assert refused.value.status == 400 and says in refused.value.text and "Mind2Web-std" in refused.value.text


def test_what_cannot_be_played_is_told_at_the_start(checkout, capsys):
    config = load(None, [f"data={checkout}", "only=[KnowledgeGraph-std, webshop-std]"])
    benches = asyncio.run(cli.gather(config))
    assert benches["KnowledgeGraph-std"].told.startswith("2 samples, none of them can be played: kg: ")
    assert "made by the procedural teacher, as there is no " in benches["webshop-std"].told


def test_a_task_without_its_file_is_told_by_the_name_that_is_asked_for(tmp_path):
    missing = {"environment": "db", "source": "dbbench/standard.jsonl"}
    tasks = {"dbbench-std": missing, "h": {"environment": "household", "episodes": 1}}
    config = read(ServeConfig, {"data": str(tmp_path), "tasks": tasks}, "")
    left_out = {}
    assert list(asyncio.run(cli.gather(config, left_out))) == ["h"]
    assert "dbbench/standard.jsonl does not exist" in left_out["dbbench-std"]


async def judge(task):
    """Whether no answer, a wrong one, and the expert's pass."""
    world = OS()
    try:
        await world.reset(task)
        moves = OSExpert().plan(world, task)
        nothing, wrong = (await world.grade(None)).success, (await world.grade("7463")).success
        for move in moves or ():
            observation = await world.step(move.action)
        return nothing, wrong, bool(moves) and (await world.grade(observation.answer)).success
    finally:
        await world.close()


def test_every_form_of_record_is_read_and_judged(checkout):
    folder = checkout / "os_interaction"
    files = [folder / "data", folder / "data" / "dev.json", folder / "train_0317" / "training.json"]
    tasks = [task for file in files for task in AgentBench().tasks(file)]
    assert all(isinstance(task, Task) for task in tasks), tasks
    old = len(RECORDS["data/6-backup.json"])
    assert len(tasks) == sum(len(r) if isinstance(r, list) else 1 for r in RECORDS.values()) - old
    for task in tasks:
        if "regex" not in task.goal.get("answer", {}):
            assert asyncio.run(judge(task)) == (False, False, True), task.id


def test_an_os_sample_has_the_fields_of_agentbenchs_tables(served, checkout):
    client, _ = served
    started = client.ask("start_sample", {"name": "os-std", "index": 7})
    reply = {
        "session_id": started["session_id"],
        "agent_response": {"content": "Think: I know it.\n\nAct: answer(a3b0)"},
    }
    output = client.ask("interact", reply)["output"]
    assert output["status"] == "completed" and output["result"]["result"] == 1
    assert output["result"]["file"].endswith("data/6/new.json") and output["result"]["index_in_file"] == 0
    overall = client.ask("calculate_overall", {"name": "os-std", "results": [output]})
    assert overall["overall"]["acc"] == 1.0 and overall["overall"]["pass"] == 1


def test_a_sample_of_alfworld_has_a_line_in_its_log_for_each_round(served):
    client, _ = served
    started = client.ask("start_sample", {"name": "alfworld-std", "index": 0})["session_id"]
    for command in ("go to drawer 1", "take pen 1 from drawer 1", "go to desk 1", "put pen 1 in/on desk 1"):
        reply = {"session_id": started, "agent_response": {"content": f"THOUGHT: on\nACTION: {command}"}}
        output = client.ask("interact", reply)["output"]
    result = output["result"]
    assert output["status"] == "completed" and result["result"] == 1
    assert [line["round"] for line in result["log"]] == [1, 2, 3, 4] and result["log"][-1]["done"]
    assert result["log"][0]["action"] == "go to drawer 1" and "AVAILABLE" in result["init_prompt"]


def test_a_sample_of_webshop_has_its_reward(served):
    client, _ = served
    started = client.ask("start_sample", {"name": "webshop-std", "index": 3})["session_id"]
    reply = {"session_id": started, "agent_response": {"content": "no action at all"}}
    output = client.ask("interact", reply)["output"]
    assert output["result"]["reward"] == 0 and len(output["result"]["history"]) == 1
    assert client.ask("calculate_overall", {"name": "webshop-std", "results": [output]})["reward"] == 0
