# ruff: noqa: E501 (answers read better in one line)
"""Every answer of the servers in full, without a socket: the command's lines, AgentBench's outputs, MCP's tools, refusals."""

import asyncio
import json
import os
import sys
from types import SimpleNamespace

import pytest

from simenv.errors import ConfigError, InvalidAction, SimenvError, WorldError
from simenv.options import read
from simenv.serve import agentbench, asgi, cli, guard, mcp
from simenv.serve.benchmark_task import Bench, Output, Said
from simenv.serve.config import TaskConfig, ToolsConfig, load, overridden
from simenv.serve.guard import Access, Guard
from simenv.serve.sessions import Full, Refused, Sessions
from simenv.serve.task_catalog import Reset, TaskCatalog
from simenv.serve.tool_episodes import Play, Plays
from simenv.source import Rejected
from simenv.types import Action, Grade, Observation, Stop

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def listening(monkeypatch):
    """What would listen, instead of listening."""
    started = []
    monkeypatch.setattr(asgi, "listen", lambda app, on: started.append((app, on)))
    monkeypatch.setenv(guard.TOKEN, TOKEN)
    yield started
    for _, on in started:
        on.close()


def port(started):
    return started[0][1].getsockname()[1]


def test_agentbenchs_address_and_tasks_are_told(listening, capsys, tmp_path):
    lines = [{"id": "a", "environment": "household", "instruction": "x"}, {"id": "b", "nothing": 1}]
    tasks = cli.asyncio.run(_tasks("household", 2))
    (tmp_path / "tasks.jsonl").write_text("".join(f"{t}\n" for t in (*tasks, *map(json.dumps, lines))))
    words = [f"data={tmp_path}", "tasks.t.environment=household", "tasks.t.source=tasks.jsonl", "only=t", "port=0"]
    assert cli.serve(["--agentbench", *words]) == 0
    said = capsys.readouterr()
    assert said.out == "" and said.err.splitlines() == [
        "t: 4 samples, 2 of them cannot be used",
        f"http://127.0.0.1:{port(listening)}/{TOKEN}/api",
    ]
    assert isinstance(listening[0][0], Guard) and listening[0][0].hosts == {"localhost", "127.0.0.1", "::1"}


async def _tasks(name, count):
    catalog = TaskCatalog(name, ToolsConfig())
    return [catalog.task(Reset(seed=n)).model_dump_json() for n in range(count)]


def test_a_server_of_tools_says_its_address(listening, capsys):
    assert cli.serve(["--mcp", "household", "--http", "port=0", "hosts=[Proxy.example]"]) == 0
    assert capsys.readouterr().err == f"http://127.0.0.1:{port(listening)}/mcp?token={TOKEN}\n"
    assert listening[0][0].hosts == {"localhost", "127.0.0.1", "::1", "proxy.example"}


def test_a_server_of_tools_without_a_token_says_that_too(listening, capsys):
    assert cli.serve(["--mcp", "household", "--http", "port=0", "--no-token"]) == 0
    assert (
        capsys.readouterr().err
        == f"no token: whoever reaches the port may act\nhttp://127.0.0.1:{port(listening)}/mcp\n"
    )
    assert listening[0][0].token == ""


def test_without_http_tools_speak_over_the_standard_streams(monkeypatch, capsys):
    spoken = []

    async def stdio(self):
        spoken.append((self.plays.most, self.plays.idle, self.idle))

    monkeypatch.setattr(mcp.EnvironmentServer, "run_stdio_async", stdio)
    assert cli.serve(["--mcp", "household", "sessions=3", "idle=7"]) == 0
    assert spoken == [(3, 7.0, 7.0)] and capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        (KeyboardInterrupt(), 0, ""),
        (ConfigError("a: b"), 2, "simenv serve: a: b\n"),
        (WorldError("it fell"), 1, "simenv serve: it fell\n"),
    ],
)
def test_how_the_command_ends(monkeypatch, capsys, fault, status, says):
    def fail(*words):
        raise fault

    monkeypatch.setattr(cli, "_mcp", fail)
    assert cli.serve(["--mcp", "household"]) == status and capsys.readouterr().err == says


def test_a_package_that_is_not_there_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "simenv.serve.mcp", None)
    assert cli.serve(["--mcp", "household"]) == 2
    assert capsys.readouterr().err == "simenv serve: serving needs simenv.serve.mcp; install simenv[serve]\n"


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ([], {}), (["a.b=1", "a.c=[x]"], {"a": {"b": 1, "c": ["x"]}}), (["a={b: 1}", "a.b=2"], {"a": {"b": 2}}), (["a="], {"a": None}), (["a=b=c"], {"a": "b=c"}), (["a=", "a.b=1"], {"a": {"b": 1}}),
    ],
)  # fmt: skip
def test_words_are_put_over_the_file(words, data):
    assert overridden(None, words) == data


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["a"], "'a': expected KEY=VALUE, for example port=5000"), (["=1"], "'=1': expected KEY=VALUE, for example port=5000"), (["a=[1"], "a: not a YAML value: '[1'"),
        (["a=1", "a.b=2"], "a.b: a is 1 and has no settings of its own"),
    ],
)  # fmt: skip
def test_words_that_are_none_are_told(words, says):
    with pytest.raises(ConfigError) as told:
        overridden(None, words)
    assert str(told.value) == says


def test_one_name_stands_for_a_list_of_one():
    config = load(None, ["only=household", "hosts=a"])
    assert (config.only, config.hosts) == (("household",), ("a",))
    with pytest.raises(ConfigError, match=r"^only: unknown task 'hous'; available: KnowledgeGraph-dev, .*webshop"):
        load(None, ["only=hous"])


def bench(**settings):
    made = Bench(
        "t",
        read(TaskConfig, {"environment": "household", "episodes": 2} | settings, ""),
        __import__("pathlib").Path("."),
    )
    asyncio.run(made.load())
    return made


def test_samples_come_with_their_place_and_without_one_there_is_no_task(tmp_path):
    assert [s.id for s in bench(seed=3).samples] == [s.id for s in bench(seed=3).samples] and len(bench().samples) == 2
    spoilt = json.loads(asyncio.run(_tasks("household", 1))[0]) | {"spec": {}}
    (tmp_path / "none.jsonl").write_text(json.dumps(spoilt) + "\n")
    with pytest.raises(ConfigError, match=r"^tasks\.t: no sample can be used: household-0: household spec: "):
        bench(source=str(tmp_path / "none.jsonl"))
    with pytest.raises(
        ConfigError, match=r"^tasks\.t\.dialect: tools needs function calls, which this protocol lacks$"
    ):
        bench(dialect="tools")


def test_a_session_is_told_as_it_stands():
    async def run():
        made = Sessions({"t": bench_}, idle=60, most=2)
        id, opened = await made.start("t", 1)
        assert (opened.index, opened.status, opened.result) == (1, "running", None) and made.taken == {"t": 1}
        assert [m["role"] for m in opened.history][-1] == "user" and {m["role"] for m in opened.history} <= {
            "user",
            "agent",
        }
        assert 0 <= id < 2**53
        told = await made.hear(id, Said(content="THOUGHT: look\nACTION: look"))
        assert (told.status, len(told.history)) == ("running", len(opened.history) + 2)
        assert told.history[-2] == {"role": "agent", "content": "THOUGHT: look\nACTION: look"}
        other, _ = await made.start("t", 0)
        with pytest.raises(Full, match=r"^all 2 places of this server are taken$"):
            await made.start("t", 0)
        ended = await made.hear(other, Said(status="cancelled"))
        assert (ended.status, ended.history[-1], other in made.live, made.taken["t"]) == (
            "unknown",
            {"role": "agent", "content": "cancelled"},
            False,
            1,
        )
        full = await made.hear(id, Said(status="agent context limit", content="so long"))
        assert (full.status, full.history[-1]) == ("agent context limit", {"role": "agent", "content": "so long"})
        assert not made.live and made.taken["t"] == 0 and set(full.result) >= {"result"}
        return full.result

    bench_ = bench()
    asyncio.run(run())


@pytest.mark.parametrize("index", [2, -1, "0", None, 1.0])
def test_a_sample_that_is_not_there_is_refused(index):
    made = Sessions({"t": bench_of_none(), "u": None}, idle=60, most=2)
    with pytest.raises(Refused) as told:
        asyncio.run(made.start("t", index))
    assert str(told.value) == f"task 't' has no sample {index!r}; its indices are 0 to 1" and not made.live
    with pytest.raises(Refused, match=r"^unknown task 'x'; available: t, u$"):
        made.bench("x")


def bench_of_none(capacity=1):
    lost = Rejected(where="f:1", reason="it is none")
    config = SimpleNamespace(capacity=capacity)
    return SimpleNamespace(indices=range(2), sample=lambda index: lost, config=config)


def test_a_sample_that_cannot_be_used_is_a_task_error_and_takes_no_place():
    made = Sessions({"t": bench_of_none()}, idle=60, most=2)
    _, told = asyncio.run(made.start("t", 1))
    assert told == Output(index=1, status="task error", result={"error": "f:1: it is none"})
    assert not made.live and not made.taken
    made.taken["t"] = 1
    with pytest.raises(Full, match=r"^all 1 places of task 't' are taken$"):
        asyncio.run(made.start("t", 1))


def test_a_session_that_is_not_there_or_is_at_work_is_refused():
    async def run():
        made = Sessions({}, idle=60, most=2)
        for ask in (lambda: made.hear(7, Said()), lambda: made.cancel(7)):
            with pytest.raises(
                Refused, match=r"^session 7 does not exist; it has ended, was cancelled, or was silent for too long$"
            ):
                await ask()
        made.live[7] = SimpleNamespace(busy=True, cancelled=False)
        with pytest.raises(Refused, match=r"^session 7 still acts on another reply$"):
            await made.hear(7, Said())
        await made.cancel(7)
        assert made.live[7].cancelled

    asyncio.run(run())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "body: no JSON: JSONDecodeError: "), (b'{"session_id": NaN}', "body: no JSON: ValueError: NaN is no JSON"), (b"[" * 100_000, "body: no JSON: RecursionError: "),
        (b'{"session_id": "7"}', "session_id: "), (b"{}", "session_id: "), (b"\xff", "body: no JSON: UnicodeDecodeError: "),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_told(content, says):
    async def body():
        return content

    with pytest.raises(agentbench.HTTPException) as told:
        asyncio.run(agentbench._body(SimpleNamespace(body=body), agentbench.Cancel))
    assert told.value.status_code == 400 and told.value.detail.startswith(says)


class Still:
    """A world that does what it is told to."""

    name = "still"

    def __init__(self, seen=(), grade=None):
        self.seen, self.graded, self.closed, self.asked = list(seen), grade, False, []

    async def reset(self, task, seed):
        self.asked.append((task, seed))
        return Observation(text="begun")

    async def step(self, action):
        seen = self.seen.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    async def grade(self, answer):
        self.asked.append(answer)
        return Grade(success=True, progress=1.0)

    async def close(self):
        self.closed = True


UNBEGUN = "no episode has begun, or it was given up after a long silence; call reset first"


@pytest.mark.parametrize(
    ("end", "over"),
    [
        (
            Observation(text="", stop=Stop.submitted, answer="7"),
            "the episode is over: the answer was given; call grade, or reset for another one",
        ),
        (
            Observation(text="", stop=Stop.done),
            "the episode is over: the goal is reached; call grade, or reset for another one",
        ),
        (
            Observation(text="", stop=Stop.timeout),
            f"the episode is over: {Stop.timeout}; call grade, or reset for another one",
        ),
    ],
)
def test_a_play_has_a_beginning_and_an_end(end, over):
    async def run():
        world = Still([Observation(text="a"), end])
        play = Play(world)
        for early in (play.act(Action(name="x")), play.grade()):
            with pytest.raises(InvalidAction) as told:
                await early
            assert str(told.value) == UNBEGUN
        assert (await play.reset("task", 7)).text == "begun" and play.over == "" and not play.busy
        assert (await play.act(Action(name="x"))).text == "a"
        await play.act(Action(name="x"))
        assert play.over == over
        with pytest.raises(InvalidAction) as told:
            await play.act(Action(name="x"))
        assert str(told.value) == over
        assert (await play.grade()).success and play.over == over
        assert world.asked == [("task", 7), end.answer]

    asyncio.run(run())


def test_a_grade_ends_a_play_and_a_fault_too():
    async def run():
        play = Play(Still([WorldError("it fell"), ValueError("odd")]))
        await play.reset("task", 0)
        await play.grade()
        assert play.over == "the episode is over: it was graded; call reset for another one"
        for kind in (WorldError, SimenvError):
            await play.reset("task", 0)
            with pytest.raises(kind):
                await play.act(Action(name="x"))
            assert play.over == "the episode is over: its world failed; call reset for another one"
            with pytest.raises(InvalidAction, match="its world failed"):
                await play.grade()

    asyncio.run(run())


def test_plays_have_places_and_are_closed():
    async def run():
        worlds = []
        plays = Plays(lambda: worlds.append(Still()) or worlds[-1], 1, 60)
        async with plays.turn("a") as first:
            assert first.busy
        async with plays.turn("a") as again:
            assert again is first
        with pytest.raises(ConfigError, match=r"^all 1 places of this server are taken; try again later$"):
            async with plays.turn("b"):
                pass
        await plays.drop("b")
        async with plays.swept():
            assert "a" in plays.live
        assert not plays.live and worlds[0].closed and len(worlds) == 1

    asyncio.run(run())


def test_a_catalog_makes_a_task_of_every_seed():
    catalog = TaskCatalog("household", ToolsConfig())
    asyncio.run(catalog.load())
    assert catalog.told == "Every seed is a task of its own."
    assert catalog.task(Reset()) == catalog.task(Reset(seed=0)) != catalog.task(Reset(seed=1))
    assert catalog.task(Reset(seed=1)).id == "household-1"
    with pytest.raises(InvalidAction, match=r"^reset: this server has no file of tasks; give a seed instead$"):
        catalog.task(Reset(task=0))


def test_a_catalog_of_a_file_has_its_tasks_by_name_and_number(tmp_path):
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(f"{t}\n" for t in asyncio.run(_tasks("household", 3))))
    catalog = TaskCatalog("household", ToolsConfig(source=str(path)))
    asyncio.run(catalog.load())
    names = [f"household-{n}" for n in range(3)]
    assert catalog.told == "There are 3 tasks, from 'household-0' on."
    assert [catalog.task(Reset(seed=n)).id for n in (0, 1, 2, 3, 4)] == [*names, *names[:2]]
    assert [catalog.task(Reset(task=n)).id for n in (0, 2, "household-1")] == [
        "household-0",
        "household-2",
        "household-1",
    ]
    for wrong, says in (
        (3, "there are tasks 0 to 2, not 3"),
        (-1, "there are tasks 0 to 2, not -1"),
        ("household-9", "unknown task 'household-9'"),
    ):
        with pytest.raises(InvalidAction, match=f"^reset: {says}"):
            catalog.task(Reset(task=wrong))
    path.write_text(asyncio.run(_tasks("kg", 1))[0] + "\n")
    with pytest.raises(ConfigError, match=rf"^source: {path} has no task for household$"):
        asyncio.run(TaskCatalog("household", ToolsConfig(source=str(path))).load())


def tools(name="household"):
    catalog = TaskCatalog(name, ToolsConfig())
    return mcp.EnvironmentServer(catalog, 2, 60)


def test_tools_are_the_actions_with_reset_and_grade():
    listed = {t.name: t for t in asyncio.run(tools("kg").list_tools())}
    assert list(listed)[-2:] == ["reset", "grade"] and len(listed) > 6
    assert (
        listed["reset"].description
        == "Begin a new episode; what came before is lost. Answers with the task. Every seed is a task of its own."
    )
    assert (
        listed["grade"].description
        == "End the episode and tell how well the task was done: success, and progress from 0 to 1."
    )
    assert listed["grade"].input_schema == {"type": "object", "properties": {}, "additionalProperties": False}
    assert sorted(listed["grade"].output_schema["properties"]) == ["progress", "subgoals", "success"]
    assert set(listed["reset"].input_schema["properties"]) == {"seed", "task"}
    spec = mcp.EnvironmentServer(TaskCatalog("kg", ToolsConfig()), 1, 1).shelf.environment.world.actions
    assert [(t.name, t.description, t.input_schema) for t in list(listed.values())[:-2]] == [
        (s.name, s.description, s.schema) for s in spec.values()
    ]


def test_an_episode_by_tools():
    async def run():
        server = tools()
        call = lambda name, **words: server.call_tool(name, words)  # noqa: E731
        said = [
            await call("take_action", action="look"),
            await call("fly"),
            await call("reset", seed=-1),
            await call("reset", seeds=1),
            await call("reset", task="x"),
        ]
        assert all(s.is_error for s in said)
        texts = [s.content[0].text for s in said]
        assert (
            texts[0] == UNBEGUN
            and texts[1].startswith("there is no tool 'fly'; there are: ")
            and texts[1].endswith(", reset, grade")
        )
        assert (
            texts[2].startswith("reset: seed: Input should be greater")
            and "seeds" in texts[3]
            and texts[4] == "reset: this server has no file of tasks; give a seed instead"
        )
        begun = await call("reset", seed=4)
        task = server.shelf.task(Reset(seed=4))
        assert begun.structured_content == {"task": "household-4"} and not begun.is_error
        assert begun.content[0].text.startswith(f"{task.instruction}\n\n")
        for move in task.solution:
            seen = await server.call_tool(move.action.name, dict(move.action.arguments))
            assert not seen.is_error
        assert seen.content[0].text.endswith("call grade, or reset for another one")
        graded = await call("grade")
        assert graded.structured_content["success"] is True and graded.structured_content["progress"] == 1.0
        assert json.loads(graded.content[0].text) == graded.structured_content and set(graded.structured_content) == {
            "success",
            "progress",
            "subgoals",
        }
        await server.plays.drop("")
        full = tools()
        full.plays.most = 0
        with pytest.raises(mcp.MCPError, match="ConfigError: all 0 places of this server are taken"):
            await full.call_tool("reset", {})

    asyncio.run(run())


async def answered(door, path="/a", headers=(), method="GET", query=b"", kind="http", server=("127.0.0.1", 5000)):
    sent, passed = [], []

    async def app(scope, receive, send):
        passed.append(scope["path"])

    async def send(message):
        sent.append(message)

    given = [(b"host", b"localhost"), *headers]
    scope = {"type": kind, "path": path, "method": method, "headers": given, "query_string": query, "server": server}
    door.app = app
    await door(scope, None, send)
    return passed[0] if passed else sent


BEARER = (b"authorization", f"Bearer {TOKEN}".encode())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"path": f"/{TOKEN}/a/b"}, "/a/b"), ({"path": f"/{TOKEN}"}, "/"), ({"headers": [BEARER]}, "/a"), ({"headers": [(b"Authorization", b"bEaReR  " + TOKEN.encode() + b" ")]}, "/a"),
        ({"query": f"x=1&token={TOKEN}".encode()}, "/a"), ({"kind": "lifespan"}, "/a"), ({"headers": [BEARER, (b"origin", b"http://localhost")]}, "/a"),
        ({"headers": [BEARER, (b"content-type", b"Application/JSON; charset=utf-8")], "method": "POST"}, "/a"), ({"headers": [BEARER], "method": "DELETE"}, "/a"),
    ],
)  # fmt: skip
def test_who_comes_in(words, told):
    assert asyncio.run(answered(Guard(None, Access(TOKEN)), **words)) == told


NEEDED = "a token is needed, as the server printed it when it started: in the path (/TOKEN/…), as ?token=TOKEN, or in the header `Authorization: Bearer TOKEN`"
FORM = "Content-Type: expected application/json, got "


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ({}, 401, NEEDED), ({"headers": [(b"authorization", b"Basic x")]}, 401, NEEDED), ({"path": f"/x{TOKEN}/a"}, 401, NEEDED), ({"query": b"token="}, 401, NEEDED), ({"path": "/\udcff"}, 401, NEEDED),
        ({"headers": [(b"host", b"localhost")]}, 400, "expected one Host header, and at most one Origin"),
        ({"headers": [BEARER, (b"origin", b"null")]}, 403, "Origin 'null' is another site than 'localhost'; its pages may not use this server"),
        ({"headers": [BEARER, (b"origin", b"http://localhost:1")]}, 403, "Origin 'http://localhost:1' is another site than 'localhost'; its pages may not use this server"),
        ({"headers": [BEARER], "method": "POST"}, 415, FORM + "''"), ({"headers": [BEARER, (b"content-type", b"text/plain")], "method": "PUT"}, 415, FORM + "'text/plain'"),
        ({"headers": [BEARER, (b"content-type", b"application/jsonl")], "method": "PATCH"}, 415, FORM + "'application/jsonl'"),
    ],
)  # fmt: skip
def test_who_does_not_and_why(words, status, told):
    start, body = asyncio.run(answered(Guard(None, Access(TOKEN)), **words))
    headers = dict(start["headers"])
    assert (start["status"], json.loads(body["body"])) == (status, {"detail": told})
    assert (
        headers[b"content-length"] == str(len(body["body"])).encode()
        and headers[b"content-type"] == b"application/json"
    )
    assert headers[b"connection"] == b"close" and headers.get(b"www-authenticate") == (
        b"Bearer" if status == 401 else None
    )


def test_a_websocket_that_may_not_come_in_is_closed():
    (closed,) = asyncio.run(answered(Guard(None, Access(TOKEN)), kind="websocket"))
    assert closed == {"type": "websocket.close", "code": 1008, "reason": NEEDED[:100]}


def test_a_cookie_stands_for_the_token_at_its_own_port():
    door = Guard(None, Access(TOKEN), json_only=False, cookie="c")
    start, body = asyncio.run(answered(door, path="//evil/a", query=f"x=1&token={TOKEN}&y=".encode()))
    headers = dict(start["headers"])
    assert start["status"] == 303 and body["body"] == b"" and headers[b"location"] == b"/evil/a?x=1&y="
    assert headers[b"set-cookie"] == f"c-5000={door.pass_}; Path=/; HttpOnly; SameSite=Lax".encode()
    assert headers[b"referrer-policy"] == b"no-referrer" and headers[b"cache-control"] == b"no-store"
    crumb = [(b"cookie", f"a=b; c-5000={door.pass_}".encode())]
    assert (
        asyncio.run(answered(door, headers=crumb)) == "/a"
        and asyncio.run(answered(door, headers=crumb, method="POST")) == "/a"
    )
    assert asyncio.run(answered(door, headers=crumb, server=("127.0.0.1", 5001)))[0]["status"] == 401
    assert asyncio.run(answered(Guard(None, Access(TOKEN)), headers=crumb))[0]["status"] == 401
    open_ = Guard(None, Access(""), cookie="c")
    assert asyncio.run(answered(open_, query=b"token=x")) == "/a"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "[::1]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_host_as_it_stands_in_an_address(host, name):
    assert guard.name_of(host) == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("a", "a"),
        ("a:80", "a"),
        ("[::1]", "::1"),
        ("[::1]:80", "::1"),
        ("a:x", ""),
        ("a:80:90", ""),
        ("a/b", ""),
        ("u@a", ""),
        ("a?b", ""),
        ("", ""),
        ("[::1", ""),
        ("a:", "a"),
        (":80", ""),
    ],
)
def test_the_name_in_a_host_header(header, name):
    assert guard._hostname(header) == name


def test_an_access_is_handed_to_a_process(monkeypatch):
    for access in (Access(TOKEN, ("a", "b")), Access("", ())):
        for name, value in guard.environment(access).items():
            monkeypatch.setenv(name, value)
        assert guard.granted(os.environ) == access
    assert guard.environment(Access("", ("a", "b"))) == {"SIMENV_TOKEN": "none", "SIMENV_HOSTS": "a,b"}


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        ("x" * 15, False),
        ("x" * 16, True),
        ("x" * 200, True),
        ("x" * 201, False),
        ("a b" * 9, False),
        (f" {TOKEN} ", True),
    ],
)
def test_a_token_of_ones_own_has_16_to_200_letters(monkeypatch, own, kept):
    monkeypatch.setenv(guard.TOKEN, own)
    if kept:
        assert guard.new_token("random") == own.strip()
        return
    with pytest.raises(
        ConfigError, match=r"^SIMENV_TOKEN: expected 16 to 200 letters, digits, - or _; it is not shown$"
    ):
        guard.new_token("random")


def test_without_one_of_ones_own_a_token_is_new(monkeypatch):
    monkeypatch.delenv(guard.TOKEN, raising=False)
    assert (
        guard.new_token("none") == ""
        and len(guard.new_token("random")) == 43
        and guard.new_token("random") != guard.new_token("random")
    )
