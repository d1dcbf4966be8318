"""AgentBench's protocol over a real socket: who scores what, and what happens when somebody misbehaves."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from simenv import plugins
from simenv.env import Deadline
from simenv.errors import WorldError
from tests.helpers.agentbench_client import ContextLimit, RequestFailed

from .conftest import data, household, records, serving

DBBENCH = "agentbench/dbbench/dev.jsonl"
GAMES = "alfworld/agentbench_dev20.jsonl"


def dbbench(**settings):
    return {"environment": "db", "source": str(data(DBBENCH)), "world": {"grader": "agentbench-v0.2"}} | settings


def answering(values):
    return f"That is it.\nAction: Answer\nFinal Answer: {json.dumps(values)}"


def operating(sql):
    return f"I do this.\nAction: Operation\n```sql\n{sql}\n```"


def gold_of_dbbench(samples):
    """An agent that knows the gold statement or label of each sample."""

    def agent(index, history):
        sample = samples[index]
        if sample["type"][0] not in ("INSERT", "UPDATE", "DELETE"):
            return answering(sample["label"])
        return operating(sample["label"][0].replace("\n", " ")) if len(history) == 3 else answering(["done"])

    return agent


def test_the_gold_of_dbbench_scores_in_full_but_for_the_table_that_mysql_cannot_make():
    samples = records(DBBENCH)
    with serving(tasks={"dbbench-dev": dbbench()}) as (client, _):
        outcomes, overall = client.run("dbbench-dev", gold_of_dbbench(samples))
    assert overall["total"] == 60
    missed = {i: (o.output["status"], o.output["result"]) for i, o in outcomes.items() if not _right(o)}
    # Record 5 has a column without a name, which CREATE TABLE refuses.
    assert set(missed) == {5} and missed[5][0] == "task error" and "columns[0].name" in missed[5][1]["error"]
    custom = overall["custom"]
    assert custom["overall_cat_accuracy"] == custom["SELECT_accuracy"] == custom["INSERT_accuracy"] == 1.0
    assert custom["UPDATE_accuracy"] == custom["counting_accuracy"] == 1.0
    assert overall["validation"]["completed"] == 59 / 60


def _right(outcome):
    return bool((outcome.output["result"] or {}).get("result"))


def test_an_agent_that_changes_nothing_scores_nothing_where_a_table_is_to_be_changed():
    with serving(tasks={"dbbench-dev": dbbench()}) as (client, _):
        outcomes, overall = client.run("dbbench-dev", lambda index, history: answering(["done"]))
    custom = overall["custom"]
    assert custom["INSERT_accuracy"] == custom["UPDATE_accuracy"] == 0.0
    assert custom["overall_cat_accuracy"] == 0.0
    assert sum(o.output["status"] == "completed" for o in outcomes.values()) == 59


def test_a_dbbench_sample_goes_message_by_message():
    with serving(tasks={"t": dbbench()}) as (client, _):
        sample = records(DBBENCH)[0]
        first = client.start("t", 0)
        instruction, ok, question = first["output"]["history"]
        assert [instruction["role"], ok, question["role"]] == ["user", {"role": "agent", "content": "Ok."}, "user"]
        assert question["content"] == f"{sample['description']}\n{sample['add_description']}"
        seen = client.say(first["session_id"], operating("SELECT 1 + 1, 'a'"))
        assert seen["output"]["history"][-1] == {"role": "user", "content": "[(2, 'a')]"}
        error = client.say(first["session_id"], operating("SELECT * FROM nowhere"))["output"]["history"][-1]["content"]
        assert error.startswith("1146 (42S02): ")
        end = client.say(first["session_id"], answering(sample["label"]))
        assert end["output"]["status"] == "completed" and end["output"]["result"]["result"] is True
        assert len(end["output"]["history"]) == 3 + 4 + 1
        with pytest.raises(RequestFailed) as ended:
            client.say(first["session_id"], "more")
        assert ended.value.status == 400


def test_a_statement_in_the_sixteenth_reply_is_not_run():
    index = next(i for i, s in enumerate(records(DBBENCH)) if s["type"][0] == "UPDATE")
    sample = records(DBBENCH)[index]
    with serving(tasks={"t": dbbench()}) as (client, _):
        said = client.start("t", index)
        for _ in range(15):
            assert said["output"]["status"] == "running"
            said = client.say(said["session_id"], operating("SELECT 1"))
        assert said["output"]["status"] == "running"
        end = client.say(said["session_id"], operating(sample["label"][0]))
        assert end["output"]["status"] == "task limit reached" and end["output"]["result"]["result"] is False


def gold_commands(tasks):
    def agent(index, history):
        moves = tasks[index].solution
        start = next(i for i, item in enumerate(history) if item["content"].startswith("Here is your task. "))
        move = moves[(len(history) - start) // 2]
        return f"THOUGHT: {move.thought}\n ACTION: {move.action.arguments['action']}"

    return agent


def test_the_gold_transcripts_of_alfworld_games_win_every_game():
    task = household(source=str(data(GAMES)))
    task.pop("episodes")
    with serving(tasks={"alfworld-dev": task}) as (client, sessions):
        tasks = sessions.benches["alfworld-dev"].samples
        outcomes, overall = client.run("alfworld-dev", gold_commands(tasks))
    assert overall["custom"]["overall"] == {"total": 20, "pass": 20, "wrong": 0, "acc": 1.0, "success_rate": 1.0}
    assert {o.output["status"] for o in outcomes.values()} == {"completed"}


def test_games_end_as_agentbench_ends_them():
    with serving(tasks={"h": household()}) as (client, _):
        _, overall = client.run("h", lambda index, history: "I would rather not.", range(5))
        assert overall["validation"]["agent invalid action"] == 1.0
        assert overall["custom"]["overall"]["success_rate"] == 0
        repeated, _ = client.run("h", lambda index, history: "ACTION: look", [0])
        assert repeated[0].output["status"] == "agent invalid action"
        assert sum(item["content"] == "ACTION: look" for item in repeated[0].output["history"]) == 4
        turns = iter(["look", "inventory"] * 20)
        long, _ = client.run("h", lambda index, history: f"ACTION: {next(turns)}", [0])
        assert long[0].output["status"] == "task limit reached"


def test_fifty_sessions_at_once_do_not_meet():
    with serving(tasks={"h": household()}) as (client, sessions):
        tasks = sessions.benches["h"].samples
        agent = gold_commands(tasks)
        with ThreadPoolExecutor(50) as pool:
            started = list(pool.map(lambda i: client.start("h", i), range(50)))
            assert len({s["session_id"] for s in started}) == 50 and client.places("h") == 14
            said = {s["session_id"]: s for s in started}
            turns = 0
            while any(s["output"]["status"] == "running" for s in said.values()):
                open_ = [s for s in said.values() if s["output"]["status"] == "running"]
                answers = pool.map(
                    lambda s: client.say(s["session_id"], agent(s["output"]["index"], s["output"]["history"])), open_
                )
                said |= {a["session_id"]: a for a in answers}
                turns += 1
        assert all(s["output"]["status"] == "completed" and s["output"]["result"]["result"] == 1 for s in said.values())
        assert turns == max(len(t.solution) for t in tasks[:50]) and client.places("h") == 64
        assert not sessions.live


def test_a_full_task_answers_406_until_a_place_is_free():
    with serving(tasks={"h": household(capacity=2), "other": household()}) as (client, _):
        first, second = client.start("h", 0), client.start("h", 0)
        assert client.places("h") == 0
        with pytest.raises(RequestFailed) as full:
            client.start("h", 1)
        assert full.value.status == 406
        assert client.sample("h", 1, None).error == "NOT_AVAILABLE"
        client.start("other", 0)
        client.cancel(first["session_id"])
        assert client.places("h") == 1 and client.start("h", 1)["output"]["status"] == "running"
        client.cancel(second["session_id"])
        outcomes, overall = client.run("h", lambda index, history: "no", range(10), at_once=4)
        assert len(outcomes) == 10 and overall["validation"]["agent invalid action"] == 1.0


def test_cancel_ends_a_session_and_only_that():
    with serving(tasks={"h": household()}) as (client, sessions):
        one, two = (client.start("h", 0)["session_id"] for _ in range(2))
        assert client.cancel(one) == {"session_id": one}
        for again in (lambda: client.cancel(one), lambda: client.say(one, "ACTION: look")):
            with pytest.raises(RequestFailed) as gone:
                again()
            assert gone.value.status == 400
        assert client.say(two, "ACTION: look")["output"]["status"] == "running"
        assert set(sessions.live) == {two}


def test_context_limit_and_cancelled_replies_end_a_sample():
    with serving(tasks={"h": household(), "t": dbbench()}) as (client, sessions):

        def agent(history):
            raise ContextLimit

        for task in ("h", "t"):
            output = client.sample(task, 0, agent).output
            assert output["status"] == "agent context limit" and not output["result"]["result"]
            assert output["history"][-1] == {"role": "agent", "content": "agent context limit"}
        said = client.say(client.start("h", 0)["session_id"], None, "cancelled")
        assert said["output"]["status"] == "unknown"
        assert not sessions.live


def test_silent_sessions_lose_their_place():
    with serving(tasks={"h": household(capacity=1)}, idle=0.4) as (client, sessions):
        silent = client.start("h", 0)["session_id"]
        deadline = time.monotonic() + 30
        while sessions.live and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(RequestFailed) as gone:
            client.say(silent, "ACTION: look")
        assert gone.value.status == 400 and "silent" in gone.value.text
        assert client.start("h", 0)["output"]["status"] == "running"


def test_a_sample_has_so_much_time_in_all():
    with serving(tasks={"h": household(limits={"seconds": 5000})}) as (client, sessions):
        session = client.start("h", 0)["session_id"]
        assert client.say(session, "ACTION: look")["output"]["status"] == "running"
        sessions.live[session].deadline = Deadline(0)
        assert client.say(session, "ACTION: look")["output"]["status"] == "task limit reached"


def test_an_engine_that_fails_and_a_bug_are_task_errors_and_both_free_the_place():
    with serving(tasks={"h": household(capacity=1)}) as (client, sessions):
        for error, check in ((WorldError("the roof came down"), _is_task_error), (RuntimeError("secret"), _is_bug)):
            session = client.start("h", 0)["session_id"]
            sessions.live[session].env.world.choices = partial(_fail, error)
            check(lambda id=session: client.say(id, "ACTION: look"))
            assert not sessions.live and client.places("h") == 1


def _fail(error):
    raise error


def _is_task_error(say):
    output = say()["output"]
    assert output["status"] == "task error" and "the roof came down" in output["result"]["error"]


def _is_bug(say):
    output = say()["output"]
    assert output["status"] == "task error"
    assert output["result"]["error"].endswith("choices: RuntimeError"), "what a bug says is for the log alone"


def test_a_session_that_is_cancelled_while_it_acts_ends_afterwards():
    with serving(tasks={"h": household()}) as (client, sessions):
        session = client.start("h", 0)["session_id"]
        world, begun, go_on = sessions.live[session].env.world, threading.Event(), threading.Event()
        world.blocking = True

        def wait(*_, **__):
            begun.set()
            go_on.wait(60)
            return "You wait."

        world.take_action = wait
        with ThreadPoolExecutor(1) as pool:
            said = pool.submit(client.say, session, "ACTION: look")
            assert begun.wait(60)
            with pytest.raises(RequestFailed) as busy:
                client.say(session, "ACTION: inventory")
            assert busy.value.status == 400 and "still acts" in busy.value.text
            client.cancel(session)
            assert session in sessions.live
            go_on.set()
            said.result()
        assert session not in sessions.live and client.places("h") == 64


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff\xfe", b"null", b"[]", b"{", b'"x"', b"[" * 50_000, b'{"session_id": 1}', b'{"name": "h"}',
        b'{"name": "h", "index": 1.5}', b'{"name": "h", "index": null}', b'{"name": 3, "index": 0}',
        b'{"name": "h", "index": true}', b'{"name": "h", "index": 99999}', b'{"name": "h", "index": -1}',
        b'{"name": "h", "index": "0"}', b'{"name": "nope", "index": 0}', b'{"name": "h", "results": 3}',
        b'{"name": "nope", "results": []}', b'{"session_id": "1", "agent_response": {"status": "normal"}}',
        b'{"session_id": 1, "agent_response": {"status": "well"}}', b'{"session_id": 1, "agent_response": "hi"}',
        b'{"session_id": 777, "agent_response": {"status": "normal", "content": "x"}}',
        b'{"session_id": 99999999999999999999999999, "agent_response": {"status": "normal"}}',
    ],
)  # fmt: skip
def test_garbage_is_answered_with_400_and_one_line(shared, raw):
    client, _ = shared
    for path in ("start_sample", "interact", "cancel", "calculate_overall"):
        with pytest.raises(RequestFailed) as refused:
            client.ask(path, raw=raw)
        assert refused.value.status == 400, (path, raw[:80])
        said = json.loads(refused.value.text)
        assert set(said) == {"detail"} and "\n" not in said["detail"] and "Traceback" not in said["detail"]


@pytest.fixture(scope="module")
def shared():
    with serving(tasks={"h": household()}) as pair:
        yield pair


def test_unknown_tasks_and_ways_are_refused(shared):
    client, sessions = shared
    for name in ("nope", "", "h\x00"):
        with pytest.raises(RequestFailed) as refused:
            client.indices(name)
        assert refused.value.status == 400
    with pytest.raises(RequestFailed) as wrong:
        client.ask("start_sample")
    assert wrong.value.status == 405
    with pytest.raises(RequestFailed) as nowhere:
        client.ask("nothing")
    assert nowhere.value.status == 404
    assert client.indices("h") == list(range(60)) and not sessions.live


def test_odd_replies_are_played_like_any_other(shared):
    client, sessions = shared
    for content in ("", "\ud800", "ACTION: \x00", "ACTION: " + "go " * 100_000, "ACTION:" * 1000, None):
        said = client.start("h", 0)
        end = client.say(said["session_id"], content)
        assert end["output"]["status"] in ("running", "agent invalid action")
        if end["output"]["status"] == "running":
            client.cancel(said["session_id"])
    assert not sessions.live


def test_keys_that_newer_clients_send_are_let_pass(shared):
    client, _ = shared
    session = client.ask("start_sample", {"name": "h", "index": 0, "more": 1})["session_id"]
    response = {"status": "normal", "content": "ACTION: look", "length": 0}
    said = client.ask("interact", {"session_id": session, "agent_response": response, "more": 1})
    assert said["output"]["status"] == "running"
    client.cancel(session)


def test_a_request_beyond_all_measure_is_refused(shared):
    client, _ = shared
    with pytest.raises(RequestFailed) as large:
        client.ask("start_sample", raw=b'{"name": "' + b"x" * (17 * 2**20))
    assert large.value.status == 413


def test_results_that_make_no_sense_count_as_failures(shared):
    client, _ = shared
    odd = [{"result": x} for x in (None, 3, "x", {"result": "1"}, {"result": 1, "metrics": 7}, [], {"result": 1})]
    overall = client.ask("calculate_overall", {"name": "h", "results": odd})["overall"]
    assert (overall["total"], overall["pass"]) == (7, 2)
    assert client.ask("calculate_overall", {"name": "h", "results": []})["overall"]["success_rate"] == 0


NAMES = [
    n for n in plugins.names("environments") if any(d.name == "agentbench" for d in plugins.environment(n).dialects)
]


@pytest.mark.parametrize("name", NAMES)
def test_every_environment_with_the_dialect_can_be_served(name):
    if plugins.environment(name).procedural is None:
        pytest.skip(f"{name} has no procedural teacher")
    with serving(tasks={name: {"environment": name, "episodes": 2}}) as (client, _):
        said = client.start(name, 0)
        if said["output"]["status"] == "task error":
            pytest.skip(f"{name} does not run here: {said['output']['result']['error']}")
        assert said["output"]["status"] == "running" and said["output"]["history"][0]["role"] == "user"
        client.cancel(said["session_id"])
        assert isinstance(client.ask("calculate_overall", {"name": name, "results": []}), dict)
