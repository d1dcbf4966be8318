"""Runs an ASGI application on a port until it is interrupted."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from simenv.errors import ConfigError


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens; ConfigError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as e:
        raise ConfigError(f"cannot listen at {host}:{port}: {e.strerror or e}") from e


def listen(app: Any, on: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; requests in hand get a few seconds to end."""
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)).run(sockets=[on])
