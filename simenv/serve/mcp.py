"""One environment as MCP tools: its actions, with `reset` before them and `grade` after them.

A client is known by its MCP session, over stdio by being the only one. Protocol 2026-07-28 has no sessions over HTTP, so
there clients are sent back to the handshake of the versions before; the SDK's own client does that by itself.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.context import CallNext, HandlerResult
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, UNSUPPORTED_PROTOCOL_VERSION, CallToolResult, TextContent, Tool
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError

from simenv.errors import InvalidAction, SimenvError
from simenv.options import explain_validation
from simenv.serve.bodies import Bodies
from simenv.serve.guard import Access, App, Guard
from simenv.serve.task_catalog import Reset, TaskCatalog
from simenv.serve.tool_episodes import Play, Plays
from simenv.types import Action, Grade
from simenv.world import ActionSpec

_SESSION = "mcp-session-id"
_LARGEST = 4 * 2**20
"""Bytes of a request."""
Call = Callable[[Play, dict[str, Any]], Awaitable[CallToolResult]]


class EnvironmentServer(MCPServer[None]):
    """The tools of one environment; `plays` holds the clients' worlds."""

    def __init__(self, shelf: TaskCatalog, most: int, idle: float) -> None:
        self.shelf, self.idle = shelf, idle
        self.plays = Plays(shelf.world, most, idle)
        world = shelf.environment.world
        own: dict[str, Call] = {"reset": self._reset, "grade": self._grade}
        self.calls = {name: self._act(name) for name in world.actions} | own
        self.tools = [*map(_tool, world.actions.values()), _reset_tool(shelf), _grade_tool()]
        super().__init__(
            f"simenv {shelf.environment.name}",
            instructions=f"{world.overview}\n\nCall reset first; it tells the task.",
            log_level="WARNING",
            lifespan=self._lifespan,
            middleware=[_sessions_only],
        )

    @asynccontextmanager
    async def _lifespan(self, _: MCPServer[None]) -> AsyncIterator[None]:
        async with self.plays.swept():
            yield

    async def list_tools(self) -> list[Tool]:
        return self.tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult:
        """What the agent did wrong comes back as a tool error; MCPError is the world's failure."""
        if name not in self.calls:
            return _wrong(f"there is no tool {name!r}; there are: {', '.join(self.calls)}")
        try:
            async with self.plays.turn(_client(context)) as play:
                return await self.calls[name](play, arguments)
        except InvalidAction as e:
            return _wrong(str(e))
        except SimenvError as e:
            raise MCPError(INTERNAL_ERROR, f"{type(e).__name__}: {e}") from e

    def _act(self, name: str) -> Call:
        async def act(play: Play, arguments: dict[str, Any]) -> CallToolResult:
            seen = await play.act(Action(name=name, arguments=arguments))
            if seen.invalid:
                return _wrong(seen.text)
            return _right("\n\n".join(filter(None, [seen.text, play.over])))

        return act

    async def _reset(self, play: Play, arguments: dict[str, Any]) -> CallToolResult:
        try:
            request = Reset.model_validate(arguments)
        except ValidationError as e:
            raise InvalidAction(explain_validation(e, "reset", whole="arguments")) from e
        task = self.shelf.task(request)
        observation = await play.reset(task, request.seed or 0)
        return _right("\n\n".join(filter(None, [task.instruction, observation.text])), {"task": task.id})

    async def _grade(self, play: Play, arguments: dict[str, Any]) -> CallToolResult:
        grade = (await play.grade()).model_dump(include={"success", "progress", "subgoals"})
        return _right(json.dumps(grade), grade)


def app(server: EnvironmentServer, access: Access) -> App:
    """The ASGI application of streamable HTTP at /mcp, for those who have access.

    A client that says good-bye has its world closed.
    """
    inner = server.streamable_http_app(
        session_idle_timeout=server.idle,
        max_sessions=server.plays.most,
        max_request_body_size=_LARGEST,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # Guard sees to it
    )

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)
        if scope["type"] == "http" and scope["method"] == "DELETE":
            await server.plays.drop(dict(scope["headers"]).get(_SESSION.encode(), b"").decode("latin-1"))

    return Guard(Bodies(outer, lambda path: _LARGEST), access)


async def _sessions_only(ctx: Any, call_next: CallNext) -> HandlerResult:
    """Over HTTP, only versions whose requests belong to a session."""
    if ctx.request is not None and ctx.protocol_version not in HANDSHAKE_PROTOCOL_VERSIONS:
        data = {"supported": list(HANDSHAKE_PROTOCOL_VERSIONS), "requested": ctx.protocol_version}
        raise MCPError(UNSUPPORTED_PROTOCOL_VERSION, "an episode needs a session; begin with initialize", data)
    return await call_next(ctx)


def _client(context: Context[None, Any] | None) -> str:
    request = context.request_context.request if context is not None else None
    return str(request.headers.get(_SESSION, "")) if request is not None else ""


def _tool(spec: ActionSpec) -> Tool:
    return Tool(name=spec.name, description=spec.description, input_schema=spec.schema)


def _reset_tool(shelf: TaskCatalog) -> Tool:
    says = f"Begin a new episode; what came before is lost. Answers with the task. {shelf.told}"
    return Tool(name="reset", description=says, input_schema=Reset.model_json_schema())


def _grade_tool() -> Tool:
    fields = Grade.model_json_schema()["properties"]
    shown = {name: fields[name] for name in ("success", "progress", "subgoals")}
    return Tool(
        name="grade",
        description="End the episode and tell how well the task was done: success, and progress from 0 to 1.",
        input_schema={"type": "object", "properties": {}, "additionalProperties": False},
        output_schema={"type": "object", "properties": shown},
    )


def _right(text: str, structured: dict[str, Any] | None = None) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=structured)


def _wrong(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
