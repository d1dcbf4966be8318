"""The wire to a server: an SDK's connections and headers, on which a JSON body goes out and the bytes of an answer come back.

The SDKs' own methods make options, headers and copies of them anew for each request, which costs as much as sending it does.
What is the same for all requests is asked of the SDK once.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any, Protocol

import anyio
import httpx2
from pydantic_core import to_json

from simenv.models.failures import refusal
from simenv.models.keys import blot
from simenv.models.limits import UNREACHED, Transient
from simenv.models.outbox import Outbox
from simenv.network import reach
from simenv.trust import shown

Body = dict[str, Any]
BROKEN = (httpx2.RequestError, ssl.SSLError, anyio.EndOfStream)
"""What a connection that fails raises; some failures of encrypted ones come as they are from below the HTTP client."""


class SDK(Protocol):
    """What is asked of an SDK's client: where its server is, and what every request says of itself."""

    @property
    def base_url(self) -> httpx2.URL: ...

    @property
    def default_headers(self) -> Mapping[str, Any]: ...

    @property
    def auth_headers(self) -> Mapping[str, str]: ...


class Wire:
    """Connections to the server of one SDK's client; `connections` is the HTTP client that it was made with."""

    def __init__(self, client: SDK, connections: httpx2.AsyncClient, key: str) -> None:
        reach(str(client.base_url))
        self._connections, self._key = connections, key
        self._base = client.base_url
        self.outbox = Outbox(shown(str(client.base_url)))
        self._headers = httpx2.Headers(connections.headers)
        self._headers.update(_told(client))
        self._timeout = {"timeout": connections.timeout.as_dict()}
        self._urls: dict[str, httpx2.URL] = {}

    async def post(self, path: str, body: Body, headers: dict[str, str] | None = None) -> bytes:
        """One try. Transient, ContextLimit or ModelError for anything but an answer."""
        model, sent = str(body.get("model", "")), _json(body)
        self.outbox.send(model, sent)
        try:
            answer = await self._connections.send(self._request(path, sent, headers), follow_redirects=False)
        except httpx2.TimeoutException as e:
            raise Transient(f"no answer within {self._connections.timeout.read:g} s", "timeout") from e
        except httpx2.ConnectError as e:
            raise Transient(f"no connection to {self.outbox.address}: {e or type(e).__name__}", UNREACHED) from e
        except BROKEN as e:
            raise Transient(f"no connection: {e or type(e).__name__}", "connection") from e
        if not answer.is_success:
            raise refusal(answer.status_code, answer.headers, answer.content, self._key)
        self.outbox.receive(model, answer.content)
        return answer.content

    def _request(self, path: str, sent: bytes, headers: dict[str, str] | None) -> httpx2.Request:
        """A request with what all of them have in common, which an HTTP client would put together anew."""
        url = self._urls.get(path)
        if url is None:
            folder, mark, query = self._base.raw_path.partition(b"?")
            url = self._base.copy_with(raw_path=folder.rstrip(b"/") + path.encode() + mark + query)
            self._urls[path] = url
        request = httpx2.Request("POST", url, headers=self._headers, content=sent, extensions=self._timeout)
        if headers:
            request.headers.update(headers)
        return request

    def blotted(self, text: str) -> str:
        """A server's text with the key blotted out, should it quote it."""
        return blot(text, self._key)

    async def close(self) -> None:
        """Release the connections. Idempotent."""
        await self._connections.aclose()


def _told(client: SDK) -> dict[str, str]:
    """What every request says of itself: the SDK's headers, without those in which it counts its own retries and versions."""
    told = {**client.auth_headers, **client.default_headers, "Content-Type": "application/json"}
    return {n: v for n, v in told.items() if isinstance(v, str) and not n.lower().startswith("x-stainless-")}


def _json(body: Body) -> bytes:
    """The body as JSON; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    try:
        return to_json(body)
    except ValueError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
