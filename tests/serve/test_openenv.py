"""OpenEnv's protocol over a real socket, without OpenEnv's client: sessions, their ends, and who is let in."""

import asyncio
import json
import time
from contextlib import contextmanager

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from simenv.errors import WorldError
from simenv.plugins.environments.household.world import Household
from simenv.serve.config import OpenEnvConfig
from simenv.serve.guard import Access, Guard
from simenv.serve.openenv import Doors, application
from simenv.serve.task_catalog import Reset, TaskCatalog
from tests.serve.conftest import TOKEN, running


@contextmanager
def served(**settings):
    """An address, the doors behind it, and their tasks."""
    config = OpenEnvConfig(**settings)
    shelf = TaskCatalog("household", config)
    asyncio.run(shelf.load())
    doors = Doors(shelf, config)
    with running(Guard(application(doors), Access(TOKEN))) as port:
        yield f"127.0.0.1:{port}", doors, shelf


def ask(socket, kind, data=None):
    socket.send(json.dumps({"type": kind, "data": data} if data is not None else {"type": kind}))
    return json.loads(socket.recv(timeout=30))


def acted(move):
    return move.action.model_dump(include={"name", "arguments"})


def soon(true):
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_an_episode_is_reset_by_seed_stepped_looked_at_and_graded_at_its_end():
    with served() as (at, doors, shelf), connect(f"ws://{at}/{TOKEN}/ws") as socket:
        task = shelf.task(Reset(seed=3))
        began = ask(socket, "reset", {"seed": 3, "episode_id": "mine"})["data"]
        assert began["reward"] is None and not began["done"] and task.instruction in began["observation"]["text"]
        assert began["observation"]["choices"] and began["metadata"] == {"task": "household-3", "stop": None}
        told = [ask(socket, "step", acted(move))["data"] for move in task.solution]
        assert [t["reward"] for t in told] == [0.0] * (len(told) - 1) + [1.0] and told[-1]["done"]
        assert told[-1]["metadata"]["grade"]["success"] and told[-1]["metadata"]["stop"] == "done"
        state = ask(socket, "state")
        assert state["type"] == "state" and state["data"]["step_count"] == len(told)
        assert state["data"]["episode_id"] == "mine" and state["data"]["done"]
        late = ask(socket, "step", acted(task.solution[0]))
        assert late["type"] == "error" and "the episode is over" in late["data"]["message"]
        assert ask(socket, "reset", {"seed": 3})["data"]["observation"] == began["observation"]
        socket.send('{"type": "close"}')
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
        assert soon(lambda: not doors.live)


def test_progress_is_paid_step_by_step_and_sums_to_that_of_the_grade():
    with served(reward="progress") as (at, _, shelf), connect(f"ws://{at}/{TOKEN}/ws") as socket:
        ask(socket, "reset", {"seed": 5})
        told = [ask(socket, "step", acted(move))["data"] for move in shelf.task(Reset(seed=5)).solution]
        assert sum(t["reward"] for t in told) == pytest.approx(1) and sum(t["reward"] > 0 for t in told) > 1


def test_an_episode_ends_after_its_turns_and_a_wrong_action_is_an_observation():
    with served(max_turns=2) as (at, _, _), connect(f"ws://{at}/{TOKEN}/ws") as socket:
        ask(socket, "reset", {})
        first = ask(socket, "step", {"name": "fly"})["data"]
        assert first["observation"]["invalid"] and not first["done"] and first["reward"] == 0
        second = ask(socket, "step", {"name": "take_action", "arguments": {"action": "look"}})["data"]
        assert second["done"] and second["metadata"]["stop"] == "max_steps" and second["reward"] == 0


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        ("{", "INVALID_JSON", "no JSON"),
        ("[1]", "VALIDATION_ERROR", "expected an object with a type"),
        ('{"type": "fly"}', "UNKNOWN_TYPE", "there are: reset, step, state, close"),
        ('{"type": "reset", "data": {"seed": -1}}', "VALIDATION_ERROR", "seed"),
        ('{"type": "reset", "data": {"task": "no-such"}}', "VALIDATION_ERROR", "no file of tasks"),
        ('{"type": "step", "data": {"nam": "look"}}', "VALIDATION_ERROR", "name"),
        ('{"type": "step", "data": {"name": "take_action"}}', "EXECUTION_ERROR", "call reset first"),
    ],
)
def test_what_makes_no_sense_is_told_and_the_session_goes_on(sent, code, says):
    with served() as (at, _, _), connect(f"ws://{at}/{TOKEN}/ws") as socket:
        socket.send(sent)
        told = json.loads(socket.recv(timeout=10))
        assert told["type"] == "error" and told["data"]["code"] == code and says in told["data"]["message"]
        assert ask(socket, "reset", {})["type"] == "observation"


def test_a_client_that_vanishes_or_falls_silent_loses_its_world(monkeypatch):
    ended = []
    monkeypatch.setattr(Household, "end", lambda self: ended.append(self))
    with served(idle=0.3) as (at, doors, _):
        gone = connect(f"ws://{at}/{TOKEN}/ws")
        ask(gone, "reset", {})
        world = next(iter(doors.live)).play.world
        gone.socket.close()  # no good-bye
        assert soon(lambda: not doors.live) and soon(lambda: world in ended)
        with connect(f"ws://{at}/{TOKEN}/ws") as silent:
            told = json.loads(silent.recv(timeout=10))
            assert told["data"]["code"] == "SESSION_ERROR" and "0.3 seconds" in told["data"]["message"]
        assert soon(lambda: len(ended) == 2)


def test_places_are_counted_and_a_failing_world_ends_its_episode_alone(monkeypatch):
    with served(sessions=1) as (at, doors, _):
        with connect(f"ws://{at}/{TOKEN}/ws") as socket:
            ask(socket, "reset", {})
            with connect(f"ws://{at}/{TOKEN}/ws") as other:
                assert json.loads(other.recv(timeout=10))["data"]["code"] == "CAPACITY_REACHED"

            async def fail(self, action):
                raise WorldError("it broke")

            with monkeypatch.context() as patched:
                patched.setattr(Household, "step", fail)
                broken = ask(socket, "step", {"name": "take_action", "arguments": {"action": "look"}})
            assert broken["data"] == {"message": "WorldError: it broke", "code": "EXECUTION_ERROR"}
            assert "its world failed" in ask(socket, "step", {"name": "take_action"})["data"]["message"]
            assert ask(socket, "reset", {})["type"] == "observation"
        assert soon(lambda: not doors.live)


def test_a_socket_needs_the_token_the_host_and_no_other_site():
    with served() as (at, _, _):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        refused = (
            ({}, "/ws"),
            (bearer | {"Origin": "http://elsewhere.example"}, "/ws"),
            ({}, "/wrong-token-of-all/ws"),
        )
        for headers, path in refused:
            with pytest.raises(InvalidStatus) as told:
                connect(f"ws://{at}{path}", additional_headers=headers)
            assert told.value.response.status_code == 403
        foreign = httpx2.get(f"http://{at}/health", headers=bearer | {"Host": "elsewhere.example"})
        assert foreign.status_code == 403
        with connect(f"ws://{at}/ws", additional_headers=bearer) as socket:
            assert ask(socket, "reset", {})["type"] == "observation"


def test_plain_http_tells_what_there_is_and_sends_episodes_to_the_socket():
    with served() as (at, _, shelf):
        there = httpx2.Client(base_url=f"http://{at}/{TOKEN}")
        assert there.get("/health").json() == {"status": "healthy"}
        assert there.get("/metadata").json()["name"] == "household"
        told = there.get("/schema").json()
        action = told["action"]["oneOf"][0]["properties"]
        assert action["name"] == {"const": "take_action"}
        assert action["arguments"] == shelf.environment.world.actions["take_action"].schema
        assert set(told) == {"action", "observation", "state"}
        assert there.post("/reset", json={}).status_code == 409 and there.get("/state").status_code == 409
        assert there.post("/mcp", json={}).json()["error"]["code"] == -32601
