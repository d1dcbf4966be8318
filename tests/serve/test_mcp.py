"""An environment as MCP tools, used by the SDK's own client over stdio and over streamable HTTP."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from simenv import plugins
from simenv.errors import WorldError
from simenv.plugins.environments.household.world import Household
from simenv.serve.config import ToolsConfig
from simenv.serve.guard import Access
from simenv.serve.mcp import EnvironmentServer, app
from simenv.serve.task_catalog import Reset, TaskCatalog
from simenv.serve.tool_episodes import Plays
from tests import ROOT

from .conftest import TOKEN, running


async def server(name="household", sessions=8, idle=600.0, **settings):
    shelf = TaskCatalog(name, ToolsConfig(**settings))
    await shelf.load()
    return EnvironmentServer(shelf, sessions, idle)


@asynccontextmanager
async def over_http(served):
    with running(app(served, Access(TOKEN))) as port:
        yield f"http://127.0.0.1:{port}/mcp?token={TOKEN}"


def stdio(*words):
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    arguments = ["-m", "simenv.serve", "--mcp", *words]
    return StdioServerParameters(command=sys.executable, args=arguments, env=environment, cwd=str(ROOT))


def text(result):
    return "".join(c.text for c in result.content)


def solution(seed):
    return TaskCatalog("household", ToolsConfig()).task(Reset(seed=seed)).solution


async def solve(client, seed):
    """Play the procedural task of a seed to its end, and grade it."""
    began = await client.call_tool("reset", {"seed": seed})
    assert not began.is_error and began.structured_content["task"] == f"household-{seed}"
    last = None
    for move in solution(seed):
        last = await client.call_tool(move.action.name, move.action.arguments)
        assert not last.is_error, text(last)
    assert "the episode is over: the goal is reached" in text(last)
    return await client.call_tool("grade", {})


async def whole_way(client):
    tools = {t.name: t for t in (await client.list_tools()).tools}
    assert set(tools) == {"take_action", "reset", "grade"}
    spec = plugins.environment("household").world.actions["take_action"]
    assert tools["take_action"].input_schema == spec.schema
    assert tools["take_action"].description == spec.description
    early = await client.call_tool("take_action", {"action": "look"})
    assert early.is_error and "call reset first" in text(early)
    grade = await solve(client, 3)
    assert not grade.is_error and grade.structured_content["success"] is True
    assert json.loads(text(grade)) == grade.structured_content
    late = await client.call_tool("take_action", {"action": "look"})
    assert late.is_error and "episode is over" in text(late)


async def test_the_whole_way_over_stdio():
    async with Client(stdio("household"), read_timeout_seconds=120) as client:
        await whole_way(client)


async def test_the_whole_way_over_http_however_the_client_connects():
    async with over_http(await server()) as url:
        for mode in ("auto", "legacy"):
            async with Client(url, mode=mode, read_timeout_seconds=120) as client:
                await whole_way(client)


async def test_a_client_that_insists_on_requests_without_a_session_is_told_why():
    async with over_http(await server()) as url, Client(url, mode="2026-07-28", read_timeout_seconds=60) as client:
        with pytest.raises(MCPError, match="needs a session"):
            await client.call_tool("reset", {})


async def test_the_token_may_stand_in_a_header_or_before_the_path_and_without_it_nobody_comes_in():
    async with over_http(await server()) as url:
        bare = url.partition("?")[0]
        async with Client(bare.replace("/mcp", f"/{TOKEN}/mcp"), read_timeout_seconds=60) as client:
            assert (await client.list_tools()).tools
        async with (
            httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}) as http,
            Client(streamable_http_client(bare, http_client=http), read_timeout_seconds=60) as client,
        ):
            assert (await client.list_tools()).tools
        with pytest.raises(BaseExceptionGroup):
            async with Client(bare, read_timeout_seconds=30):
                pass


async def test_two_sessions_are_worlds_of_their_own():
    served = await server()
    async with over_http(served) as url, Client(url) as one, Client(url) as two:
        await one.call_tool("reset", {"seed": 3})
        await two.call_tool("reset", {"seed": 3})
        first, *_ = solution(3)
        await one.call_tool(first.action.name, first.action.arguments)
        here = text(await one.call_tool("take_action", {"action": "look"}))
        there = text(await two.call_tool("take_action", {"action": "look"}))
        assert here != there and "middle of a room" in there
        grades = await asyncio.gather(solve(one, 3), solve(two, 4))
        assert all(g.structured_content["success"] for g in grades)
        assert len(served.plays.live) == 2


async def test_a_client_that_leaves_gives_its_place_free():
    served = await server(sessions=1)
    async with over_http(served) as url:
        for _ in range(3):
            async with Client(url) as client:
                assert not (await client.call_tool("reset", {})).is_error
                assert len(served.plays.live) == 1
        assert not served.plays.live
        async with Client(url):
            with pytest.raises(BaseExceptionGroup) as refused:
                async with Client(url, read_timeout_seconds=30):
                    pass
            assert refused.group_contains(MCPError, match="Too many open sessions")


async def test_a_silent_client_loses_its_world_and_is_told():
    served = await server()
    served.plays.idle = 0.4
    async with over_http(served) as url, Client(url) as client:
        await client.call_tool("reset", {})
        for _ in range(600):
            if not served.plays.live:
                break
            await asyncio.sleep(0.05)
        late = await client.call_tool("take_action", {"action": "look"})
        assert late.is_error and "given up after a long silence" in text(late)


async def test_what_the_agent_does_wrong_is_a_tool_error_and_the_episode_goes_on():
    async with over_http(await server()) as url, Client(url) as client:
        await client.call_tool("reset", {"seed": 0})
        for name, arguments, says in (
            ("take_action", {}, "action"),
            ("take_action", {"action": 3}, "action"),
            ("take_action", {"action": "look", "more": 1}, "more"),
            ("fly", {}, "there is no tool 'fly'"),
            ("reset", {"seed": -1}, "seed"),
            ("reset", {"task": "x"}, "no file of tasks"),
            ("reset", {"sed": 1}, "sed"),
        ):
            wrong = await client.call_tool(name, arguments)
            assert wrong.is_error and says in text(wrong), text(wrong)
        assert not (await client.call_tool("take_action", {"action": "look"})).is_error


async def test_a_failing_world_is_an_error_of_the_protocol_and_another_episode_can_begin(monkeypatch):
    served = await server()

    class Broken(Household):
        def choices(self):
            if self.command_count == 2:
                raise WorldError("household: the roof came down")
            return ()

    monkeypatch.setattr(served.plays, "make", Broken)
    async with over_http(served) as url, Client(url) as client:
        await client.call_tool("reset", {})
        await client.call_tool("take_action", {"action": "look"})
        with pytest.raises(MCPError, match="the roof came down"):
            await client.call_tool("take_action", {"action": "look"})
        for name, arguments in (("take_action", {"action": "look"}), ("grade", {})):
            over = await client.call_tool(name, arguments)
            assert over.is_error and "its world failed" in text(over)
        assert not (await client.call_tool("reset", {})).is_error


async def test_grading_ends_the_episode_and_hides_what_the_answer_would_have_been():
    async with over_http(await server("db")) as url, Client(url) as client:
        tools = {t.name for t in (await client.list_tools()).tools}
        assert tools == {"execute_sql", "commit_final_answer", "reset", "grade"}
        await client.call_tool("reset", {"seed": 1})
        grade = await client.call_tool("grade", {})
        assert set(grade.structured_content) == {"success", "progress", "subgoals"}
        assert grade.structured_content["success"] is False
        over = await client.call_tool("commit_final_answer", {"answers": ["x"]})
        assert over.is_error and "it was graded" in text(over)


async def test_tasks_of_a_file_go_by_id_by_number_or_by_seed(tmp_path):
    shelf = TaskCatalog("household", ToolsConfig())
    tasks = [shelf.task(Reset(seed=n)) for n in range(3)]
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(t.model_dump_json() + "\n" for t in tasks))
    async with over_http(await server(source=str(path))) as url, Client(url) as client:
        asked = [{}, {"seed": 4}, {"task": 2}, {"task": "household-1"}]
        got = [(await client.call_tool("reset", a)).structured_content["task"] for a in asked]
        assert got == ["household-0", "household-1", "household-2", "household-1"]
        wrong = [text(await client.call_tool("reset", {"task": t})) for t in (3, "household-9")]
        assert "tasks 0 to 2, not 3" in wrong[0] and "did you mean" in wrong[1]


async def test_plays_are_capped_and_closed_at_the_end():
    closed = []

    class Watched(Household):
        def end(self):
            closed.append(self)

    plays = Plays(Watched, 1, 60)
    async with plays.swept():
        async with plays.turn("a"):
            pass
        with pytest.raises(Exception, match="all 1 places"):
            async with plays.turn("b"):
                pass
        await plays.drop("a")
        async with plays.turn("b"):
            pass
    assert len(closed) == 2 and not plays.live
