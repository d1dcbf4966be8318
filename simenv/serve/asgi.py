"""Runs an ASGI application on a port until it is interrupted, with bounds on what its clients may hold."""

from __future__ import annotations

import asyncio
import copy
import logging
import socket
from typing import Any

import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.protocols.http.h11_impl import H11Protocol

from simenv import network
from simenv.errors import ConfigError
from simenv.redaction import redact

CONNECTIONS = 2000
"""Connections and requests at once; more are answered with 503."""
HEADER_SECONDS = 10.0
"""From the first byte of a connection or a request to the end of its headers."""
HEADER_BYTES = 32 * 2**10
MESSAGE_BYTES = 4 * 2**20
"""Of one message of a websocket; a longer one ends its connection."""


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; ConfigError where the address cannot be had."""
    network.listen(port)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as e:
        raise ConfigError(f"cannot listen at {host}:{port}: {e.strerror or e}") from e


def listen(app: Any, on: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests in hand get a few seconds to end."""
    server(app).run(sockets=[on])


def server(app: Any, *, header_seconds: float = HEADER_SECONDS, connections: int = CONNECTIONS) -> uvicorn.Server:
    """The server that `listen` runs: no access log, since addresses may hold the token, and no secret in an error's log."""
    log = copy.deepcopy(LOGGING_CONFIG)
    log["formatters"]["default"] = {"()": RedactedFormatter, "fmt": "%(levelname)s: %(message)s"}
    protocol = type("Prompt", (PromptHeaders,), {"header_seconds": header_seconds})
    return uvicorn.Server(
        uvicorn.Config(
            app, http=protocol, log_config=log, log_level="warning", access_log=False, server_header=False, proxy_headers=False,
            limit_concurrency=connections, ws_max_size=MESSAGE_BYTES, h11_max_incomplete_event_size=HEADER_BYTES,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip


class RedactedFormatter(logging.Formatter):
    """Log lines and tracebacks without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class PromptHeaders(H11Protocol):
    """A connection that is closed where the headers of a request take too long, which uvicorn itself lets take for ever."""

    header_seconds = HEADER_SECONDS
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        if self._timer is None and not self._at_work:
            self._start()
        super().data_received(data)
        if self._at_work:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    @property
    def _at_work(self) -> bool:
        """Whether a request is being answered, or the connection has become a websocket."""
        upgraded = self.transport.get_protocol() is not self
        return upgraded or (self.cycle is not None and not self.cycle.response_complete)

    def _start(self) -> None:
        self._timer = self.loop.call_later(self.header_seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if not self._at_work:
            self.transport.close()
