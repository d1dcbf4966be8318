"""The real server on a local socket, and the data that lies beside a checkout."""

import asyncio
import json
import threading
from contextlib import contextmanager

import pytest

from simenv.options import read
from simenv.serve import agentbench, asgi, cli
from simenv.serve.config import ServeConfig
from simenv.serve.guard import Access
from simenv.serve.sessions import Sessions
from tests import DATA
from tests.helpers.agentbench_client import Client


def data(name):
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"no {path}: the data is not part of the repository")
    return path


TOKEN = "a-token-of-the-tests"


def records(name):
    with data(name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@contextmanager
def running(app, **bounds):
    """An ASGI application on a port of its own, which is given."""
    on = asgi.bind("127.0.0.1", 0)
    server = asgi.server(app, **bounds)
    server.config.timeout_graceful_shutdown = 1
    thread = threading.Thread(target=server.run, kwargs={"sockets": [on]}, daemon=True)
    thread.start()
    try:
        yield on.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(timeout=60)


@contextmanager
def serving(**settings):
    """A client of a server with these settings, and the server's sessions."""
    config = read(ServeConfig, settings, "")
    sessions = Sessions(asyncio.run(cli.gather(config)), config.idle, config.sessions)
    with running(agentbench.app(sessions, Access(TOKEN))) as port:
        yield Client(f"http://127.0.0.1:{port}/{TOKEN}/api"), sessions


def household(**settings):
    world = {"closest": True, "repeats": 3}
    return {"environment": "household", "episodes": 60, "world": world} | settings
