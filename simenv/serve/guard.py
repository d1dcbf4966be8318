"""The door of every HTTP face, AgentBench's, MCP's and the viewer's: a token, the Host, the Origin, and JSON where JSON is due.

It is plain ASGI and stands before everything else of an application. A page of another site does not know the token, and its
Origin is not the Host; a name that was made to point here is not among the hosts.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from simenv.errors import ConfigError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TOKEN = "SIMENV_TOKEN"
"""The environment variable of a token of one's own."""
HOSTS = "SIMENV_HOSTS"
"""The environment variable in which the names of a server are handed to its process, with commas between them."""
NO_TOKEN = "none"
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
_WAYS = "in the path (/TOKEN/…), as ?token=TOKEN, or in the header `Authorization: Bearer TOKEN`"


class Refusal(NamedTuple):
    """Why a request does not come in, and its HTTP status."""

    status: int
    reason: str


class Access(NamedTuple):
    """Who may come in: who knows the token ('': anybody), by one of the names of this server."""

    token: str
    hosts: tuple[str, ...] = ()


def new_token(wish: str) -> str:
    """The token of a server: '' for `none`, else that of the environment variable TOKEN, or a new one.

    ConfigError for one that is short or would not stand in an address.
    """
    if wish == NO_TOKEN:
        return ""
    own = os.environ.get(TOKEN, "").strip()
    if own and not _TOKEN.fullmatch(own):
        raise ConfigError(f"{TOKEN}: expected 16 to 200 letters, digits, - or _; it is not shown")
    return own or secrets.token_urlsafe(32)


def environment(access: Access) -> dict[str, str]:
    """The access of a server as variables for its process: what stands on a command line can be read by other users."""
    return {TOKEN: access.token or NO_TOKEN, HOSTS: ",".join(access.hosts)}


def granted(variables: Mapping[str, str]) -> Access:
    """The access that `environment` wrote; with a token that nobody knows where there is none."""
    return Access(new_token(variables.get(TOKEN, "random")), tuple(filter(None, variables.get(HOSTS, "").split(","))))


def name_of(host: str) -> str:
    """A host as it stands in an address: an IPv6 address in brackets; the local one where a server listens at all."""
    here = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{here}]" if ":" in here else here


class Guard:
    """An ASGI application that lets requests through to another one.

    `json_only`: a POST must be JSON. `cookie`: the start of a cookie's name; where it is given, an address with the token leads
    to the same address without it, and a cookie stands for the token from there on.
    """

    def __init__(self, app: App, access: Access, *, json_only: bool = True, cookie: str = "") -> None:
        self.app, self.token, self.json_only, self.cookie = app, access.token, json_only, cookie
        self.hosts = _LOCAL | {h.lower() for h in access.hosts}
        self.pass_ = sha256(f"cookie {self.token}".encode()).hexdigest()
        """What the cookie holds: it opens this server as the token does, and is not the token."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        refusal = self._address(headers, scope) or self._knows(headers, scope) or self._form(headers, scope)
        if refusal is not None:
            return await refuse(scope, send, refusal)
        if self.cookie and self.token and scope["type"] == "http" and _query(scope, "token"):
            return await self._enter(scope, send)
        return await self.app(scope, receive, send)

    def _address(self, headers: Sequence[tuple[bytes, bytes]], scope: Scope) -> Refusal | None:
        """Whether it was sent to this server, and not by a page of another one."""
        sent_to, origins = _all(headers, b"host"), _all(headers, b"origin")
        if len(sent_to) != 1 or len(origins) > 1:
            return Refusal(400, "expected one Host header, and at most one Origin")
        host, origin = sent_to[0].lower(), (origins or [""])[0].lower()
        name = _hostname(host)
        if name not in self.hosts and name != str((scope.get("server") or [""])[0]):
            return Refusal(
                403, f"Host {name[:80]!r} is no name of this server; one of its own is added with hosts=[NAME]"
            )
        if origin and (not origin.startswith(("http://", "https://")) or origin.split("://", 1)[1] != host):
            return Refusal(
                403, f"Origin {origin[:80]!r} is another site than {host[:80]!r}; its pages may not use this server"
            )
        return None

    def _knows(self, headers: Sequence[tuple[bytes, bytes]], scope: Scope) -> Refusal | None:
        """Whether the sender knows the token; a token before the path is taken off it."""
        if not self.token:
            return None
        _, first, *rest = [*str(scope["path"]).split("/", 2), ""][:3]
        if self._is(first):
            path = f"/{rest[0]}"
            scope["path"], scope["raw_path"] = path, path.encode("utf-8", "surrogateescape")
            return None
        bearers = [a[7:].strip() for a in _all(headers, b"authorization") if a[:7].lower() == "bearer "]
        if any(map(self._is, [*bearers, *_query(scope, "token")])) or self._has_cookie(headers, scope):
            return None
        return Refusal(401, f"a token is needed, as the server printed it when it started: {_WAYS}")

    def _is(self, word: str) -> bool:
        return compare_digest(word.encode("utf-8", "surrogateescape"), self.token.encode())

    def _has_cookie(self, headers: Sequence[tuple[bytes, bytes]], scope: Scope) -> bool:
        pairs = [p.strip().partition("=") for line in _all(headers, b"cookie") for p in line.split(";")]
        values = [value for name, _, value in pairs if self.cookie and name == self._cookie_name(scope)]
        return any(compare_digest(v.encode("utf-8", "surrogateescape"), self.pass_.encode()) for v in values)

    def _cookie_name(self, scope: Scope) -> str:
        """Cookies are shared by the ports of a host, so the port is in the name."""
        return f"{self.cookie}-{scope['server'][1]}"

    def _form(self, headers: Sequence[tuple[bytes, bytes]], scope: Scope) -> Refusal | None:
        """What a page of another site can send without being asked back is no JSON."""
        if not self.json_only or scope.get("method") not in ("POST", "PUT", "PATCH"):
            return None
        given = (_all(headers, b"content-type") or [""])[0]
        if given.split(";")[0].strip().lower() == "application/json":
            return None
        return Refusal(415, f"Content-Type: expected application/json, got {given[:80]!r}")

    async def _enter(self, scope: Scope, send: Send) -> None:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        query = urlencode([(name, value) for name, value in pairs if name != "token"])
        raw = bytes(scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
        path = "/" + raw.lstrip("/\\")  # `//name` would lead to another host
        cookie = f"{self._cookie_name(scope)}={self.pass_}; Path=/; HttpOnly; SameSite=Lax"
        location = path + (f"?{query}" if query else "")
        more = [(b"location", location.encode("latin-1")), (b"set-cookie", cookie.encode())]
        await _answer(send, 303, b"", [*more, (b"referrer-policy", b"no-referrer"), (b"cache-control", b"no-store")])


async def refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    """Answer with a status and one line of JSON; a websocket is closed before it was opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.reason[:100]})
        return
    content = json.dumps({"detail": refusal.reason}).encode()
    more = [(b"content-type", b"application/json"), (b"connection", b"close")]
    if refusal.status == 401:
        more.append((b"www-authenticate", b"Bearer"))
    await _answer(send, refusal.status, content, more)


async def _answer(send: Send, status: int, content: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": content})


def _all(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in headers if key.lower() == name]


def _query(scope: Scope, name: str) -> list[str]:
    pairs = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return [value for key, value in pairs if key == name]


def _hostname(host: str) -> str:
    """The name in a Host header, without port and brackets; '' for what is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    name = parts.hostname or ""
    return name if host in (name, f"[{name}]") or host.rpartition(":")[0] in (name, f"[{name}]") else ""
