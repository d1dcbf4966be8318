"""Limits of the servers, a byte and a second to either side."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from simenv.errors import ConfigError, InvalidAction, WorldError
from simenv.serve import agentbench
from simenv.serve.asgi import bind, server
from simenv.serve.bodies import Bodies
from simenv.serve.guard import Access
from simenv.serve.sessions import Sessions
from simenv.serve.tool_episodes import Play, Plays, swept
from simenv.types import Action, Grade, Observation, Stop, Task
from simenv.world import World
from tests.helpers.clock import at_once


async def echo(scope, receive, send):
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(len(message["body"])).encode()})


async def asked(parts, wait=0.0, largest=10):
    """Status and body of what is answered to a body that comes in parts, each after a wait."""
    sent, left = [], list(parts)

    async def receive():
        await asyncio.sleep(wait)
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": "/p", "method": "POST", "headers": []}
    await Bodies(echo, lambda path: largest if path == "/p" else 0)(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("parts", "status"),
    [([b"0123456789"], 200), ([b"01234", b"56789"], 200), ([b"01234", b"567890"], 413), ([b""], 200)],
)
def test_a_body_may_be_as_large_as_is_allowed(parts, status):
    (answered, body), _ = at_once(asked(parts))
    assert answered == status and (status == 413) == (b"more than 10 bytes" in body)
    assert status == 413 or body == str(sum(map(len, parts))).encode()


@pytest.mark.parametrize(("wait", "status"), [(59.9, 200), (60.1, 408)])
def test_a_body_has_a_minute(wait, status):
    (answered, body), seconds = at_once(asked([b"x"], wait))
    assert answered == status and seconds == pytest.approx(min(wait, 60), abs=0.2)
    assert status == 200 or b"60 seconds" in body


def test_what_is_no_request_is_passed_on():
    async def app(scope, receive, send):
        return scope["type"]

    assert at_once(Bodies(app, lambda path: 0)({"type": "lifespan"}, None, None))[0] == "lifespan"


@contextmanager
def listening():
    on = bind("127.0.0.1", 0)
    served = server(echo)
    thread = threading.Thread(target=served.run, kwargs={"sockets": [on]}, daemon=True)
    thread.start()
    for _ in range(500):
        if served.started:
            break
        time.sleep(0.02)
    try:
        yield on.getsockname()[1]
    finally:
        served.should_exit = True
        thread.join(20)


@pytest.mark.parametrize(("size", "status"), [(30 * 1024, b"200"), (34 * 1024, b"400")])
def test_headers_may_have_32_kib(size, status):
    with listening() as port, socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * size)
        time.sleep(1)
        client.sendall(b"\r\n\r\n")
        assert client.recv(4096).split()[1] == status


def test_a_port_that_is_taken_is_named():
    with bind("127.0.0.1", 0) as taken, pytest.raises(ConfigError, match=r"cannot listen at 127\.0\.0\.1:\d+: "):
        bind("127.0.0.1", taken.getsockname()[1])


async def answered(app, path, size):
    """The status of a JSON body of a size."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b" " * size, "more_body": False}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "path": path, "raw_path": path.encode(), "method": "POST", "headers": headers, "query_string": b"",
        "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("127.0.0.1", 5000), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"]


@pytest.mark.parametrize(
    ("path", "most"), [("/api/start_sample", 16 * 2**20), ("/api/calculate_overall", 16 * 16 * 2**20)]
)
def test_agentbenchs_requests_may_have_so_many_bytes(path, most):
    app = agentbench.app(Sessions({}, 60, 1), Access(""))
    assert at_once(answered(app, path, most))[0] != 413
    assert at_once(answered(app, path, most + 1))[0] == 413


class Client:
    """Somebody who was heard from so many seconds ago."""

    def __init__(self, ago, busy=False):
        self.touched, self.busy = time.monotonic() - ago, busy


async def test_only_who_is_silent_and_idle_for_too_long_loses_its_place():
    live = {"new": Client(0), "old": Client(60), "busy": Client(60, busy=True), "almost": Client(20)}
    dropped = []

    async def drop(key):
        dropped.append(key)
        del live[key]

    async with swept(live, 40, drop):
        await asyncio.sleep(0)
    assert dropped == ["new", "old", "busy", "almost"]  # at the end, all
    live, dropped = {"new": Client(0), "old": Client(60), "busy": Client(60, busy=True)}, []
    async with swept(live, 0.4, drop):
        live["new"].touched += 30
        await asyncio.sleep(0.2)
        assert dropped == ["old"]


class Slow(World):
    """A world that fails when it is told to."""

    name = "slow"

    def __init__(self):
        self.fails, self.closed = False, 0

    async def reset(self, task, seed):
        if self.fails:
            raise WorldError("no more")
        return Observation(text="begun")

    async def step(self, action):
        if self.fails:
            raise WorldError("no more")
        return Observation(text="done", stop=Stop.done if action.name == "end" else None, answer="a")

    async def grade(self, answer):
        return Grade(success=answer == "a", progress=0.0)

    async def state(self):
        return {}

    async def snapshot(self):
        return b""

    async def restore(self, blob):
        pass

    async def close(self):
        self.closed += 1


TASK = Task(id="t", environment="slow", instruction="", spec={}, goal={})


async def test_a_play_says_why_it_takes_no_action():
    play = Play(Slow())
    for wrong in (play.act(Action(name="x", arguments={})), play.grade()):
        with pytest.raises(InvalidAction, match=r"no episode has begun.*call reset first"):
            await wrong
    await play.reset(TASK, 0)
    assert (await play.act(Action(name="x", arguments={}))).text == "done"
    await play.act(Action(name="end", arguments={}))
    with pytest.raises(InvalidAction, match="the episode is over: the goal is reached; call grade, or reset"):
        await play.act(Action(name="x", arguments={}))
    assert (await play.grade()).success and (await play.grade()).success
    await play.reset(TASK, 0)
    assert not (await play.grade()).success  # the answer of the last episode is forgotten
    with pytest.raises(InvalidAction, match="it was graded; call reset for another one"):
        await play.act(Action(name="x", arguments={}))


async def test_a_world_that_fails_ends_its_episode_alone():
    play = Play(Slow())
    await play.reset(TASK, 0)
    play.world.fails = True
    with pytest.raises(WorldError):
        await play.act(Action(name="x", arguments={}))
    for wrong in (play.act(Action(name="x", arguments={})), play.grade()):
        with pytest.raises(InvalidAction, match="its world failed; call reset for another one"):
            await wrong
    play.world.fails = False
    assert (await play.reset(TASK, 0)).text == "begun" and (
        await play.act(Action(name="x", arguments={}))
    ).text == "done"


async def test_so_many_plays_at_once_and_a_client_keeps_its_own():
    plays = Plays(Slow, 2, 60)
    for key in ("a", "b", "a"):
        async with plays.turn(key) as play:
            assert play.busy
    with pytest.raises(ConfigError, match="all 2 places of this server are taken; try again later"):
        async with plays.turn("c"):
            pass
    first = plays.live["a"]
    await plays.drop("a")
    await plays.drop("a")
    assert first.world.closed == 1 and not first.busy
    async with plays.turn("c") as play:
        assert play is not first
    async with plays.swept():
        pass
    assert not plays.live
