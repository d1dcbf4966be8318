"""HTTP bodies for the two servers, in process and without a socket: any answer but 500 will do."""

from __future__ import annotations

import asyncio
import atexit
import json
from contextlib import AsyncExitStack
from typing import Any

from simenv.options import read
from simenv.serve import agentbench, cli, mcp
from simenv.serve.config import ServeConfig, ToolsConfig
from simenv.serve.guard import Access
from simenv.serve.sessions import Sessions
from simenv.serve.task_catalog import TaskCatalog

TOKEN = "a-token-of-the-tests"
_ROUTES = {b"results": "calculate_overall", b"agent_response": "interact", b"name": "start_sample", b"": "cancel"}
"""Routes by a word in the body."""
SESSION = 1234567
"""Stands for the session that is open."""


_INITIALIZE = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
     "clientInfo": {"name": "x", "version": "1"}}}
).encode()  # fmt: skip


class Failed(Exception):
    """The server failed, or did not answer."""


class Application:
    """An ASGI application with its lifespan, in an event loop of its own."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self.loop.run_until_complete(self._begin())
        atexit.register(self.close)

    async def _begin(self) -> None:
        started = asyncio.Event()

        async def send(message: Any) -> None:
            started.set()

        self._life = asyncio.ensure_future(
            self.app({"type": "lifespan", "asgi": {"version": "3.0"}}, self._events.get, send)
        )
        await self._events.put({"type": "lifespan.startup"})
        await asyncio.wait_for(started.wait(), 20)

    def send(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a POST."""
        return self.loop.run_until_complete(asyncio.wait_for(self._post(path, body, headers), 20))

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        answer: list[Any] = []
        bodies = iter([{"type": "http.request", "body": body, "more_body": False}])
        gone = asyncio.Event()

        async def receive() -> Any:
            if (message := next(bodies, None)) is not None:
                return message
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            answer.append(message)

        all_headers = {
            "host": "127.0.0.1",
            "content-type": "application/json",
            "authorization": f"Bearer {TOKEN}",
        } | headers
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 9),
            "headers": [(k.encode(), v.encode()) for k, v in all_headers.items()], "state": {},
        }  # fmt: skip
        async with AsyncExitStack() as stack:
            stack.callback(gone.set)
            await self.app(scope, receive, send)
        if not answer:
            raise Failed("no answer")
        headers = {k.decode().lower(): v.decode() for k, v in answer[0].get("headers", [])}
        content = b"".join(m.get("body", b"") for m in answer[1:])
        if answer[0]["status"] >= 500:
            raise Failed(f"{answer[0]['status']}: {content[:200]!r}")
        return answer[0]["status"], headers, content

    def close(self) -> None:
        """End the application and its loop."""
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _end(self) -> None:
        await self._events.put({"type": "lifespan.shutdown"})
        await asyncio.wait([self._life], timeout=10)


class AgentBench:
    """AgentBench's server over a household, with a session that a body may speak to."""

    def __init__(self) -> None:
        config = read(ServeConfig, {"tasks": {"t": {"environment": "household", "episodes": 2}}}, "")
        sessions = Sessions(asyncio.run(cli.gather(config)), config.idle, config.sessions)
        self.application = Application(agentbench.app(sessions, Access(TOKEN)))
        self._session: int | None = None

    def post(self, body: bytes) -> str | None:
        """Post a body to the route that it is for."""
        if self._session is None:
            self._session = json.loads(self._send("start_sample", b'{"name": "t", "index": 0}')[2])["session_id"]
        body = body.replace(str(SESSION).encode(), str(self._session).encode())
        route = next(route for word, route in _ROUTES.items() if word in body)
        status, _, answer = self._send(route, body)
        if status == 200 and str(self._session).encode() in answer and b'"running"' not in answer:
            self._session = None  # it has ended
        if status == 200 and route == "start_sample":
            session = json.loads(answer)["session_id"]
            self._send("cancel", json.dumps({"session_id": session}).encode())
        return None if status == 200 else "refused"

    def _send(self, route: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        return self.application.send(f"/api/{route}", body, {})


class Mcp:
    """A household as MCP tools over HTTP, with a session begun."""

    def __init__(self) -> None:
        shelf = TaskCatalog("household", ToolsConfig())
        asyncio.run(shelf.load())
        self.application = Application(mcp.app(mcp.EnvironmentServer(shelf, 1000, 600.0), Access(TOKEN)))
        self._session = ""

    def post(self, body: bytes) -> str | None:
        """Post a body as a client of the session that takes JSON and events."""
        self._session = self._session or self._send(_INITIALIZE, "")[1]["mcp-session-id"]
        status, _, answer = self._send(body, self._session)
        if status == 404:
            self._session = ""
        return None if status < 300 and b'"error"' not in answer and b'"isError":true' not in answer else "refused"

    def _send(self, body: bytes, session: str) -> tuple[int, dict[str, str], bytes]:
        headers = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}
        return self.application.send("/mcp", body, headers | ({"mcp-session-id": session} if session else {}))
