"""The wire to a server: an SDK's connection, on which a JSON body goes out and the bytes of an answer come back.

The SDKs' own methods walk through each request once more, which with a long chat costs ten times what sending it does.
Their `post` sends what it is given, over the same connections, with the same headers and the same errors.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import httpx2
from pydantic_core import to_json

from simenv.models.failures import refusal
from simenv.models.keys import blot
from simenv.models.limits import Transient
from simenv.models.outbox import Outbox
from simenv.network import reach
from simenv.trust import shown

Body = dict[str, Any]


class Wire:
    """One SDK's client, with the errors of that SDK told in our words."""

    def __init__(self, sdk: ModuleType, client: Any, key: str) -> None:
        reach(str(client.base_url))
        self._sdk, self._client, self._key = sdk, client, key
        self.outbox = Outbox(shown(str(client.base_url)))

    async def post(self, path: str, body: Body, headers: dict[str, str] | None = None) -> bytes:
        """One try. Transient, ContextLimit or ModelError for anything but an answer."""
        model, sent = str(body.get("model", "")), _json(body)
        self.outbox.send(model, sent)
        try:
            answer: httpx2.Response = await self._client.post(
                path,
                cast_to=httpx2.Response,
                content=sent,
                options={"headers": _TYPE | (headers or {})} | _STAYS,
            )
        except self._sdk.APIStatusError as e:
            # Not `from e`: its text may quote the key.
            raise refusal(e.status_code, e.response.headers, e.response.content, self._key) from None
        except self._sdk.APITimeoutError as e:
            raise Transient(f"no answer within {self._client.timeout:g} s", "timeout") from e
        except self._sdk.APIConnectionError as e:
            raise Transient(f"no connection: {e.__cause__ or e}", "connection") from e
        self.outbox.receive(model, answer.content)
        return answer.content

    def blotted(self, text: str) -> str:
        """A server's text with the key blotted out, should it quote it."""
        return blot(text, self._key)

    async def close(self) -> None:
        """Release the connections. Idempotent."""
        await self._client.close()


_TYPE = {"content-type": "application/json"}
_STAYS = {"follow_redirects": False}
"""A redirect would take the prompt to an address that nobody named."""


def _json(body: Body) -> bytes:
    """The body as JSON; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    try:
        return to_json(body)
    except ValueError:
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
