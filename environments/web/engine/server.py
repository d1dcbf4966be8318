"""Routing: answers a request from a site and a state. Both browsers ask it, so the truth lies in one place."""

from __future__ import annotations

import json

from . import pages
from .http import Request, Response, redirect
from .site import Site, State
from .submissions import HANDLERS


def handle(site: Site, state: State, request: Request) -> tuple[Response, State]:
    """The response, and the state after the request; `state` itself is not changed. GET never changes the state."""
    parts = [p for p in request.path.split("/") if p]
    section, path = (parts[0] if parts else ""), parts[1:]
    if request.method == "GET":
        return _page(site, state, request, section, path), state
    handler = HANDLERS.get(section)
    after: State = json.loads(json.dumps(state))
    after["note"] = {}
    response = handler(site, after, path, request.data) if handler and request.method == "POST" else None
    return (response, after) if response is not None else (redirect("/missing"), state)


def _page(site: Site, state: State, request: Request, section: str, path: list[str]) -> Response:
    page = pages.ROUTES.get(section)
    if page is not None and site.is_private(section, path) and not state["user"]:
        return redirect("/login")
    html = page(site, state, request, *path[:1]) if page and len(path) <= 1 else None
    return Response(200, html) if html is not None else Response(404, pages.missing(site, state))
