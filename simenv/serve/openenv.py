"""OpenEnv's protocol, spoken to by its own client: a websocket at /ws is a session with a world of its own.

Messages are `reset` (task, seed, episode_id), `step` (name and arguments of an action), `state` and `close`. A client that
vanishes or falls silent loses its world. Over plain HTTP stand /health, /metadata, /schema and /openapi.json; there are no
sessions over it, so /reset, /step and /state point to /ws. Of a state a client learns how far the episode is and never
what is true in the world.
"""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from simenv.errors import InvalidAction, SimenvError
from simenv.options import Options, explain_validation
from simenv.serve.bodies import Bodies
from simenv.serve.config import OpenEnvConfig
from simenv.serve.guard import Access, App, Guard
from simenv.serve.task_catalog import Reset, TaskCatalog
from simenv.serve.tool_episodes import Play
from simenv.types import Action, Grade, Observation, Stop

log = logging.getLogger(__name__)
_LARGEST = 4 * 2**20
"""Bytes of a request."""
_VERSION = "1.0.0"
"""Of the protocol that /openapi.json tells."""


class Begin(Reset):
    """The data of a `reset`."""

    episode_id: str | None = Field(default=None, max_length=255)
    """a name for the episode; None: a new one"""


class Act(Options):
    """The data of a `step`."""

    name: str
    """of an action"""
    arguments: dict[str, Any] = {}
    """its input"""
    metadata: dict[str, Any] = {}
    """of the client, not read"""


class Fault(Exception):
    """A message that is answered with an error; the session goes on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OpenEpisodes:
    """The episodes of one client, one after another, each graded at its end."""

    def __init__(self, shelf: TaskCatalog, config: OpenEnvConfig) -> None:
        self.shelf, self.config = shelf, config
        self.play = Play(shelf.world())
        self.most = config.max_turns or self.play.world.max_turns
        self.state: dict[str, Any] = {"episode_id": None, "step_count": 0}
        self._progress = 0.0

    async def reset(self, data: dict[str, Any]) -> dict[str, Any]:
        """A new episode; what came before is lost. Fault where there is no such task."""
        request = _read(Begin, data, "reset")
        try:
            task = self.shelf.task(request)
        except InvalidAction as e:
            raise Fault("VALIDATION_ERROR", str(e)) from e
        seen = await self.play.reset(task, request.seed or 0)
        self.state = {
            "episode_id": request.episode_id or uuid4().hex,
            "step_count": 0,
            "task": task.id,
            "instruction": task.instruction,
            "max_turns": self.most,
            "done": False,
            "stop": None,
        }
        self._progress = (await self.play.judge()).progress if self.config.reward == "progress" else 0.0
        text = "\n\n".join(filter(None, [task.instruction, seen.text]))
        return self._answer(seen, text, None)

    async def step(self, data: dict[str, Any]) -> dict[str, Any]:
        """One action; at the end of the episode its grade. What the agent did wrong is an observation, marked invalid."""
        action = _read(Act, data, "step")
        try:
            seen = await self.play.act(Action(name=action.name, arguments=action.arguments))
        except InvalidAction as e:
            raise Fault("EXECUTION_ERROR", str(e)) from e
        self.state["step_count"] += 1
        stop = seen.stop or (Stop.max_steps if self.state["step_count"] >= self.most else None)
        grade = await self.play.grade() if stop else None
        self.state |= {"done": stop is not None, "stop": stop}
        return self._answer(seen, seen.text, await self._reward(grade), grade)

    async def _reward(self, grade: Grade | None) -> float:
        if self.config.reward == "success":
            return float(grade.success) if grade else 0.0
        now = (grade or await self.play.judge()).progress
        gain, self._progress = now - self._progress, now
        return gain

    def _answer(self, seen: Observation, text: str, reward: float | None, grade: Grade | None = None) -> dict[str, Any]:
        told: dict[str, Any] = {"task": self.state["task"], "stop": self.state["stop"]}
        if grade is not None:
            told["grade"] = grade.model_dump(include={"success", "progress", "subgoals"})
        observation = {"text": text, "invalid": seen.invalid, "choices": list(seen.choices), "metadata": told}
        return {"observation": observation, "reward": reward, "done": self.state["done"], "metadata": told}


class Doors:
    """What is answered at each address; `live` are the sessions."""

    def __init__(self, shelf: TaskCatalog, config: OpenEnvConfig) -> None:
        self.shelf, self.config = shelf, config
        self.live: set[OpenEpisodes] = set()

    async def session(self, socket: WebSocket) -> None:
        """One client from its first message to its last."""
        await socket.accept()
        if len(self.live) >= self.config.sessions:
            reason = f"all {self.config.sessions} places of this server are taken; try again later"
            return await _part(socket, "CAPACITY_REACHED", reason)
        try:
            episodes = OpenEpisodes(self.shelf, self.config)
        except SimenvError as e:
            return await _part(socket, "FACTORY_ERROR", str(e))
        self.live.add(episodes)
        try:
            await self._talk(socket, episodes)
        except WebSocketDisconnect:
            pass
        except TimeoutError:
            await _part(socket, "SESSION_ERROR", f"nothing was heard for {self.config.idle:g} seconds")
        finally:
            self.live.discard(episodes)
            try:
                await episodes.play.world.close()
            except SimenvError as e:
                log.warning("%s: closing its world failed: %s", self.shelf.environment.name, e)

    async def _talk(self, socket: WebSocket, episodes: OpenEpisodes) -> None:
        while True:
            text = await asyncio.wait_for(socket.receive_text(), self.config.idle)
            try:
                kind, data = _message(text)
                if kind == "close":
                    return await socket.close()
                answer = {"type": "observation", "data": await self._do(kind, data, episodes)}
                if kind == "state":
                    answer["type"] = "state"
            except Fault as e:
                answer = {"type": "error", "data": {"message": str(e), "code": e.code}}
            except SimenvError as e:
                answer = {
                    "type": "error",
                    "data": {"message": f"{type(e).__name__}: {e}", "code": "EXECUTION_ERROR"},
                }
            await socket.send_text(json.dumps(answer))

    async def _do(self, kind: str, data: dict[str, Any], episodes: OpenEpisodes) -> dict[str, Any]:
        match kind:
            case "reset":
                return await episodes.reset(data)
            case "step":
                return await episodes.step(data)
            case "state":
                return episodes.state
        raise Fault("UNKNOWN_TYPE", f"unknown message {kind[:80]!r}; there are: reset, step, state, close")

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    async def metadata(self, _: Request) -> Response:
        world = self.shelf.environment.world
        told = {"name": self.shelf.environment.name, "description": f"{world.overview}\n\n{self.shelf.told}"}
        return JSONResponse(told)

    async def schema(self, _: Request) -> Response:
        return JSONResponse(schemas(self.shelf))

    async def openapi(self, _: Request) -> Response:
        paths = {path: {method.lower(): {"responses": {"200": {"description": "ok"}}}} for path, method in _PATHS}
        info = {"title": f"simenv {self.shelf.environment.name}", "version": _VERSION}
        return JSONResponse({"openapi": "3.1.0", "info": info, "paths": paths})

    async def sessionless(self, _: Request) -> Response:
        return JSONResponse({"detail": "an episode needs a session: open a websocket at /ws"}, 409)

    async def mcp(self, _: Request) -> Response:
        message = "actions are steps at /ws; `simenv serve --mcp` serves them as MCP tools"
        return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32601, "message": message}})


_PATHS = (
    ("/health", "GET"), ("/metadata", "GET"), ("/schema", "GET"), ("/reset", "POST"), ("/step", "POST"), ("/state", "GET"),
    ("/mcp", "POST"), ("/openapi.json", "GET"),
)  # fmt: skip


def schemas(shelf: TaskCatalog) -> dict[str, Any]:
    """JSON Schemas of actions, observations and states."""
    actions = [
        {
            "type": "object",
            "title": spec.name,
            "description": spec.description,
            "properties": {"name": {"const": spec.name}, "arguments": spec.schema},
            "required": ["name", "arguments"],
        }
        for spec in shelf.environment.world.actions.values()
    ]
    text, whole = {"type": "string"}, {"type": "object"}
    observation = {
        "text": text,
        "invalid": {"type": "boolean"},
        "choices": {"type": "array", "items": text},
        "metadata": whole,
    }
    state = {"episode_id": {"type": ["string", "null"]}, "step_count": {"type": "integer", "minimum": 0}}
    return {
        "action": {"type": "object", "oneOf": actions},
        "observation": {"type": "object", "properties": observation},
        "state": {"type": "object", "properties": state},
    }


def app(shelf: TaskCatalog, config: OpenEnvConfig, access: Access) -> App:
    """The ASGI application, for those who have access."""
    doors = Doors(shelf, config)
    return Guard(Bodies(application(doors), lambda path: _LARGEST), access)


def hosted(environment: str, source: str | Path | None = None) -> App:
    """The addresses of an environment without a guard, for a host that has its own, such as a space on a hub."""
    config = OpenEnvConfig(source=str(source) if source else None)
    shelf = TaskCatalog(environment, config)
    asyncio.run(shelf.load())
    return Bodies(application(Doors(shelf, config)), lambda path: _LARGEST)


def application(doors: Doors) -> Starlette:
    """The addresses without their guard."""
    ends = {"/reset": doors.sessionless, "/step": doors.sessionless, "/state": doors.sessionless, "/mcp": doors.mcp} | {
        "/health": doors.health, "/metadata": doors.metadata, "/schema": doors.schema, "/openapi.json": doors.openapi
    }  # fmt: skip
    plain = [Route(path, ends[path], methods=[method]) for path, method in _PATHS]
    return Starlette(routes=[*plain, WebSocketRoute("/ws", doors.session)])


def _message(text: str) -> tuple[str, dict[str, Any]]:
    """The kind of a message and its data; Fault for what is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise Fault("INVALID_JSON", f"no JSON: {str(e)[:200]}") from e
    data = message.get("data") or {} if isinstance(message, dict) else None
    if not isinstance(data, dict) or not isinstance(message.get("type"), str):
        raise Fault("VALIDATION_ERROR", "expected an object with a type and data, for example {'type': 'reset'}")
    return message["type"], data


def _read(shape: Any, data: dict[str, Any], place: str) -> Any:
    try:
        return shape.model_validate(data)
    except ValidationError as e:
        raise Fault("VALIDATION_ERROR", explain_validation(e, place, whole="data")) from e


async def _part(socket: WebSocket, code: str, reason: str) -> None:
    """Say why, and close."""
    try:
        await socket.send_text(json.dumps({"type": "error", "data": {"message": reason, "code": code}}))
        await socket.close(1013 if code == "CAPACITY_REACHED" else 1000)
    except (RuntimeError, WebSocketDisconnect):  # it has gone already
        pass
