"""AgentBench's controller, spoken to by its own unmodified client: six routes below /api (v0.2, src/server/task_controller.py).

There are no workers behind it: each task counts as one worker that is always alive and has the task's capacity.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simenv.options import explain_validation
from simenv.serve.benchmark_task import Output, Said
from simenv.serve.bodies import Bodies
from simenv.serve.guard import Access, App, Guard
from simenv.serve.sessions import Full, Refused, Sessions

_LARGEST = 16 * 2**20
"""Bytes of a request; that of all results may have 16 times as many, since it holds every chat."""
_RESULTS = "/api/calculate_overall"

B = TypeVar("B", bound="Body")


class Body(BaseModel):
    """A request's JSON. Unknown keys are let pass, as AgentBench's own server does."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Start(Body):
    name: str
    index: int | str


class AgentResponse(Body):
    status: Literal["normal", "cancelled", "agent context limit"] = "normal"
    content: str | None = None


class Interact(Body):
    session_id: int
    agent_response: AgentResponse


class Cancel(Body):
    session_id: int


class Result(Body):
    result: Any = None


class Results(Body):
    name: str
    results: list[Result]


class Api:
    """The routes over one set of sessions."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def indices(self, request: Request) -> Any:
        return list(self.sessions.bench(request.query_params.get("name", "")).indices)

    async def workers(self, request: Request) -> Any:
        return {name: {"workers": {"0": self._worker(name)}} for name in self.sessions.benches}

    def _worker(self, name: str) -> dict[str, Any]:
        capacity = self.sessions.benches[name].config.capacity
        return {"id": 0, "status": 0, "capacity": capacity, "current": self.sessions.taken[name]}

    async def start(self, request: Request) -> Any:
        body = await _body(request, Start)
        return _told(*await self.sessions.start(body.name, body.index))

    async def interact(self, request: Request) -> Any:
        body = await _body(request, Interact)
        said = Said(**body.agent_response.model_dump())
        return _told(body.session_id, await self.sessions.hear(body.session_id, said))

    async def cancel(self, request: Request) -> Any:
        body = await _body(request, Cancel)
        await self.sessions.cancel(body.session_id)
        return {"session_id": body.session_id}

    async def overall(self, request: Request) -> Any:
        body = await _body(request, Results)
        return self.sessions.bench(body.name).overall([r.result for r in body.results])


def app(sessions: Sessions, access: Access) -> App:
    """The ASGI application, for those who have access; its lifespan closes sessions that have gone silent."""
    api = Api(sessions)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with sessions.swept():
            yield

    routes = [
        _route("/api/get_indices", api.indices, "GET"),
        _route("/api/list_workers", api.workers, "GET"),
        _route("/api/start_sample", api.start, "POST"),
        _route("/api/interact", api.interact, "POST"),
        _route("/api/cancel", api.cancel, "POST"),
        _route(_RESULTS, api.overall, "POST"),
    ]
    inner = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _refuse})  # type: ignore[dict-item]
    return Guard(Bodies(inner, lambda path: 16 * _LARGEST if path == _RESULTS else _LARGEST), access)


def _route(path: str, answer: Callable[[Request], Awaitable[Any]], method: str) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await answer(request))
        except Full as e:
            return JSONResponse({"detail": str(e)}, 406)
        except Refused as e:
            return JSONResponse({"detail": str(e)}, 400)

    return Route(path, endpoint, methods=[method])


def _refuse(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


async def _body(request: Request, shape: type[B]) -> B:
    """The request's JSON; HTTPException 400 says what is wrong with it."""
    content = await request.body()
    try:
        # Python's parser, since models write lone surrogates and pydantic's refuses them.
        return shape.model_validate(json.loads(content, parse_constant=_no_number))
    except (ValueError, RecursionError) as e:
        if not isinstance(e, ValidationError):
            raise HTTPException(400, f"body: no JSON: {type(e).__name__}: {str(e)[:200]}") from e
        raise HTTPException(400, explain_validation(e)) from e


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _told(id: int, output: Output) -> dict[str, Any]:
    return {"session_id": id, "output": output.model_dump(mode="json")}
