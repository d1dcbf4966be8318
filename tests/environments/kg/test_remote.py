"""The same world over a SPARQL endpoint: equal answers, bounded queries, and no text of an agent in any of them."""

import asyncio
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from simenv import plugins
from simenv.config import Experiment
from simenv.errors import ConfigError, WorldError
from simenv.plugins.environments.kg.engine.local_graph import PREFIX, LocalGraph
from simenv.plugins.environments.kg.engine.logical_forms import entity, join, superlative
from simenv.plugins.environments.kg.engine.remote_graph import Vocabulary
from simenv.plugins.environments.kg.engine.sparql import SparqlWriter
from simenv.plugins.environments.kg.teacher import Teacher
from simenv.plugins.environments.kg.world import KG
from simenv.rollout.run import Rollout
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Action, Stop

ENVIRONMENT = plugins.environment("kg")


def without_graph(task):
    return task.model_copy(update={"spec": {"mentions": task.spec["mentions"]}})


def vocabulary(spec, folder):
    """The vocabulary of a graph, as a file."""
    ranges = {name: r["range"] for name, r in spec["relations"].items()}
    ranges |= {r["inverse"]: r["domain"] for r in spec["relations"].values() if "inverse" in r}
    ranges |= {name: a["kind"] for name, a in spec["attributes"].items()}
    ranked = [name for name, a in spec["attributes"].items() if a["kind"] != "text"]
    path = folder / "vocabulary.json"
    path.write_text(json.dumps({"relations": ranges, "attributes": ranked}))
    return path


async def played(world, task):
    """Every observation of the gold solution, the answer, and what it is worth."""
    texts = [(await world.reset(task)).text]
    for move in task.solution:
        seen = await world.step(move.action)
        texts.append(seen.text)
    return texts, seen.answer, (await world.grade(seen.answer)).success


@pytest.mark.parametrize("seed", range(6))
def test_an_endpoint_answers_as_the_graph_in_memory_does(sparql, tmp_path, seed):
    task = Teacher(Teacher.Options(difficulty=1 + seed % 5)).make("t", default_rng(seed))
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        options = KG.Options(
            endpoint=server.url, prefix=PREFIX, vocabulary=vocabulary(task.spec["graph"], tmp_path), seconds=20
        )
        here, there = (
            asyncio.run(played(KG(), task)),
            asyncio.run(played(KG(options), without_graph(task))),
        )
    assert here == there and here[2]


def test_without_a_vocabulary_everything_there_is_is_listed(sparql, driver, task):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        call = driver(without_graph(task), endpoint=server.url, prefix=PREFIX)
        assert call("get_relations", "Ridley Scott") == "[person.born_in, person.films]"
        assert call("get_neighbors", "Ridley Scott", "person.films") == "variable #0, which are instances of entity"
        assert call("get_attributes", "#0") == "[film.minutes, film.released]"


def test_gold_solutions_are_proven_over_an_endpoint(sparql, tmp_path):
    task = Teacher().make("t", default_rng(0))
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        options = KG.Options(endpoint=server.url, prefix=PREFIX, vocabulary=vocabulary(task.spec["graph"], tmp_path))
        proven = asyncio.run(admit(KG(options), ENVIRONMENT, without_graph(task).model_copy(update={"solution": ()})))
    assert not isinstance(proven, Rejected) and proven.solution == task.solution


def test_an_entity_must_be_a_mid(sparql, driver, task):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        call = driver(without_graph(task), endpoint=server.url, prefix=PREFIX)
        for word in ("Gladiator", "common.topic", "m.", "m.a b", "x.scott", "m.scott>", "m.é", "g.scott", "m.a\nb"):
            before = len(server.queries)
            assert "cannot be executed" in call("get_relations", word), word
            assert len(server.queries) == before
        assert call("get_relations", "m.scott") == "[person.born_in, person.films]"


def test_answers_are_kept(sparql, driver, task):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        for _ in range(3):
            driver(without_graph(task), endpoint=server.url, prefix=PREFIX)("get_relations", "m.scott")
        assert len(server.queries) == 1


def test_too_many_rows_are_the_agents_affair(sparql, driver, task):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        call = driver(without_graph(task), endpoint=server.url, prefix=PREFIX, rows=2, explain=True)
        call("get_relations", "m.scott"), call("get_neighbors", "m.scott", "person.films")
        text = call("answer", "#0")
        assert call.seen.invalid and text.endswith("(more than 2 rows)")
        assert all("LIMIT 3" in query for query in server.queries)


def step(task, **options):
    async def run():
        world = KG(KG.Options(prefix=PREFIX, **options))
        await world.reset(without_graph(task))
        return await world.step(Action(name="get_relations", arguments={"variable": "m.scott"}))

    return asyncio.run(run())


def test_an_endpoint_that_is_down_is_named(task):
    with pytest.raises(WorldError, match=r"kg: http://127\.0\.0\.1:9/sparql: ConnectError"):
        step(task, endpoint="http://127.0.0.1:9/sparql")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("error", "HTTP 500: Virtuoso 42000"),
        ("html", "expected SPARQL results in JSON, found \"<html>a proxy's page"),
    ],
)
def test_a_faulty_endpoint_is_the_worlds_fault(sparql, task, fault, said):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        server.fault = fault
        with pytest.raises(WorldError) as e:
            step(task, endpoint=server.url)
    assert server.url in str(e.value) and said in str(e.value)


def test_a_late_endpoint_is_not_waited_for(sparql, task):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        server.fault = "slow"
        began = time.monotonic()
        with pytest.raises(WorldError, match=r"no answer within 0.2 s"):
            step(task, endpoint=server.url, seconds=0.2)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/sparql", "http://"])
def test_what_is_no_url_is_named(task, url):
    with pytest.raises(WorldError, match="kg: "):
        step(task, endpoint=url)


def test_an_address_with_a_password_comes_from_a_variable_and_is_shown_nowhere(sparql, task, monkeypatch):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        monkeypatch.setenv("GRAPH", server.url.replace("//", "//ann:hunter22@"))
        world = KG(KG.Options(endpoint_env="GRAPH", prefix=PREFIX))
        asyncio.run(world.reset(without_graph(task)))
        seen = asyncio.run(world.step(Action(name="get_relations", arguments={"variable": "m.scott"})))
        assert server.queries and not seen.invalid
        assert "hunter22" not in f"{asyncio.run(world.state())} {asyncio.run(world.snapshot())!r} {seen}"
        server.fault = "error"
        with pytest.raises(WorldError) as e:
            step(task, endpoint_env="GRAPH", rows=9)
    assert "hunter22" not in str(e.value) and "HTTP 500" in str(e.value)
    monkeypatch.delenv("GRAPH")
    with pytest.raises(ConfigError, match="set the variable GRAPH"):
        asyncio.run(KG(KG.Options(endpoint_env="GRAPH")).reset(without_graph(task)))


def test_a_prefix_must_be_an_iri(task):
    with pytest.raises(ConfigError, match=r"kg\.world\.prefix"):
        asyncio.run(KG(KG.Options(endpoint="http://x", prefix="a> b")).reset(without_graph(task)))


@pytest.mark.parametrize("text", ["", "[]", '{"relations": ["a"]}', '{"relations": [1], "attributes": []}'])
def test_a_broken_vocabulary_is_named(tmp_path, text):
    path = tmp_path / "v.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"kg\.world\.vocabulary"):
        Vocabulary.read(path)
    with pytest.raises(ConfigError, match=r"kg\.world\.vocabulary"):
        Vocabulary.read(tmp_path / "none.json")


INJECTIONS = [
    "m.a> ?p ?o } #",
    "m.a} UNION {?x ?y ?z",
    "m.a\nSELECT",
    "<m.a>",
    'm.a"',
    "m.a ?x",
    "",
    "m.a\\u003e",
    "m.a;DROP",
]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_query_is_written_with_what_is_no_name(text):
    writer = SparqlWriter("urn:x:")
    for made in (
        lambda: writer.members(join(entity(text), "r", "")),
        lambda: writer.members(join(entity("m.a"), text, "")),
    ):
        with pytest.raises(ValueError, match="is no name"):
            made()


@given(st.text())
def test_an_iri_is_a_single_token(text):
    try:
        iri = SparqlWriter("urn:x:").iri(text)
    except ValueError:
        return
    assert iri == f"<urn:x:{text}>" and not set(text) & set('<>"{}|\\^` \n\t#?$')


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_tool_lets_an_injection_through(sparql, driver, task, text):
    with sparql(LocalGraph(task.spec["graph"]).store) as server:
        call = driver(without_graph(task), endpoint=server.url, prefix=PREFIX)
        call("get_relations", "m.scott"), call("get_neighbors", "m.scott", "person.films"), call("get_attributes", "#0")
        before = len(server.queries)
        for name, spec in call.world.actions.items():
            for place in range(len(spec.parameters)):
                arguments = ["#0", "film.minutes"][: len(spec.parameters)]
                arguments[place] = text
                call(name, *arguments)
                assert call.seen.invalid
        assert len(server.queries) == before


def test_an_episode_over_an_endpoint_that_is_down_is_an_error(task):
    world = {"endpoint": "http://127.0.0.1:9/sparql"}
    experiment = Experiment.model_validate({"environments": {"kg": {"world": world}}, "agent": {"name": "expert"}})
    trajectory = asyncio.run(Rollout(experiment).episode(without_graph(task)))
    assert trajectory.stop is Stop.error and trajectory.grade is None and "127.0.0.1:9" in trajectory.error


@pytest.mark.parametrize(
    "dates",
    [
        ["-0044-03-15", "-0100", "0050"],
        ["1969-07-20", "1969-07", "1969", "1970"],
        ["-0044", "-0044-03", "-0044-03-15"],
        ["1999-12", "2000", "2000-01-01"],
        ["-0001-12-31", "0001-01-01", "0001"],
    ],
)
@pytest.mark.parametrize("op", ["ARGMIN", "ARGMAX"])
def test_dates_of_unlike_precision_are_ranked_alike_here_and_there(dates, op):
    ids = [f"e{i}" for i in range(len(dates))]
    graph = LocalGraph(
        {
            "entities": {id: {} for id in ("hub", *ids)},
            "relations": {"r": {"domain": "H", "range": "E"}},
            "attributes": {"a": {"domain": "E", "kind": "date"}},
            "triples": [["hub", "r", id] for id in ids],
            "values": [[id, "a", date] for id, date in zip(ids, dates, strict=True)],
        }
    )
    form = superlative(op, join(entity("hub"), "r", "E"), "a")
    there = [row["x"].value.removeprefix(PREFIX) for row in graph.query(SparqlWriter(PREFIX).members(form))]
    assert there == graph.answer(form)
