"""A small graph, a SPARQL endpoint over a real socket, and the data folder that lies beside a checkout."""

import asyncio
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest
from pyoxigraph import QueryResultsFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simenv.plugins.environments.kg.world import KG
from simenv.types import Action, Task
from tests.helpers.model_server import running

GRAPH = {
    "entities": {
        "m.alien": {"name": "Alien", "types": ["film"]},
        "m.blade": {"name": "Blade Runner", "types": ["film"]},
        "m.gladi": {"name": "Gladiator", "types": ["film"]},
        "m.scott": {"name": "Ridley Scott", "types": ["person"]},
        "m.weaver": {"name": "Sigourney Weaver", "types": ["person"]},
        "m.uk": {"name": "United Kingdom", "types": ["country"]},
        "m.georgia1": {"name": "Georgia", "types": ["country"]},
        "m.georgia2": {"name": "Georgia", "types": ["country"]},
    },
    "relations": {
        "film.directed_by": {"domain": "film", "range": "person", "inverse": "person.films"},
        "film.starring": {"domain": "film", "range": "person"},
        "person.born_in": {"domain": "person", "range": "country"},
    },
    "attributes": {
        "film.minutes": {"domain": "film", "kind": "number"},
        "film.released": {"domain": "film", "kind": "date"},
        "film.tagline": {"domain": "film", "kind": "text"},
    },
    "triples": [
        ["m.alien", "film.directed_by", "m.scott"],
        ["m.blade", "film.directed_by", "m.scott"],
        ["m.gladi", "film.directed_by", "m.scott"],
        ["m.alien", "film.starring", "m.weaver"],
        ["m.scott", "person.born_in", "m.uk"],
    ],
    "values": [
        ["m.alien", "film.minutes", 117],
        ["m.blade", "film.minutes", 117.0],
        ["m.gladi", "film.minutes", 155],
        ["m.alien", "film.released", "1979-05-25"],
        ["m.blade", "film.released", "1982-06-25"],
        ["m.gladi", "film.released", "2000"],
        ["m.alien", "film.tagline", "In space no one can hear you scream."],
    ],
}
TASK = Task(
    id="t",
    environment="kg",
    instruction="Which films of Ridley Scott are the shortest?",
    spec={"mentions": {"Ridley Scott": "m.scott", "Sir Ridley": "m.scott"}, "graph": GRAPH},
    goal={
        "answers": ["m.alien", "m.blade"],
        "expression": "(ARGMIN (JOIN (R person.films) m.scott) film.minutes)",
    },
)


class Driver:
    """Calls tools by position: `driver("get_neighbors", "#0", "film.starring")`."""

    def __init__(self, task=TASK, **options):
        self.world = KG(KG.Options(**options))
        asyncio.run(self.world.reset(task))

    def __call__(self, name, *arguments):
        names = self.world.actions[name].parameters
        self.seen = self.step(Action(name=name, arguments=dict(zip(names, arguments, strict=True))))
        return self.seen.text

    def step(self, action):
        return asyncio.run(self.world.step(action))

    def grade(self, answer=None):
        return asyncio.run(self.world.grade(answer))


@pytest.fixture
def task():
    return TASK


@pytest.fixture
def driver():
    return Driver


class Server:
    """What a test sees of the endpoint: the queries that came, and what it is told to do instead of answering."""

    def __init__(self, store):
        self.store, self.queries, self.fault, self.port = store, [], "", 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/sparql"

    async def answer(self, request: Request):
        query = parse_qs((await request.body()).decode())["query"][0]
        self.queries.append(query)
        if self.fault == "slow":
            await asyncio.sleep(5)
        if self.fault == "error":
            return Response("Virtuoso 42000 Error: the estimated execution time exceeds the limit", 500)
        if self.fault == "html":
            return Response("<html>a proxy's page</html>")
        found = self.store.query(query)
        content = found.serialize(format=QueryResultsFormat.JSON)
        return Response(content, media_type="application/sparql-results+json")


@contextmanager
def serving(store):
    server = Server(store)
    app = Starlette(routes=[Route("/sparql", server.answer, methods=["POST"])])
    with running(app) as server.port:
        yield server


@pytest.fixture
def sparql():
    return serving
