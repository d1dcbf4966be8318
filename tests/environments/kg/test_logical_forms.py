"""What variables stand for: expressions, and that every way to evaluate them agrees with the plainest one."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simenv.plugins.environments.kg.engine.local_graph import PREFIX, LocalGraph
from simenv.plugins.environments.kg.engine.logical_forms import (
    count,
    entity,
    intersection,
    join,
    parse,
    subforms,
    superlative,
)
from simenv.plugins.environments.kg.engine.remote_graph import RemoteGraph

IDS = [f"m.{c}" for c in "abcdef"]
RELATIONS = ["knows", "likes", "near.to"]
ATTRIBUTES = {"age": "number", "born": "date"}

relation_triples = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(RELATIONS), st.sampled_from(IDS)), max_size=25
)
ages = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, 2.25, -0.5])
dates = st.sampled_from(["1900-01-01", "1899-12-31", "1999-05-05", "2010-10-10"])
values = st.lists(
    st.tuples(st.sampled_from(IDS), st.just("age"), ages) | st.tuples(st.sampled_from(IDS), st.just("born"), dates),
    max_size=12,
)


def grow(inner):
    return st.one_of(
        st.builds(lambda e, r: join(e, r, "x"), inner, st.sampled_from(RELATIONS)),
        st.builds(intersection, inner, inner),
        st.builds(superlative, st.sampled_from(["ARGMAX", "ARGMIN"]), inner, st.sampled_from(list(ATTRIBUTES))),
        st.builds(count, inner),
    )


expressions = st.recursive(st.sampled_from(IDS).map(lambda id: entity(id)), grow, max_leaves=5)


def spec(triples, given_values):
    return {
        "entities": {id: {} for id in IDS},
        "relations": {r: {"domain": "x", "range": "x"} for r in RELATIONS},
        "attributes": {a: {"domain": "x", "kind": kind} for a, kind in ATTRIBUTES.items()},
        "triples": [list(t) for t in triples],
        "values": [list(v) for v in given_values],
    }


def brute(e, triples, given_values):
    """The plainest way: loops over lists."""
    if e.op == "ENTITY":
        return {e.name}
    inner = brute(e.parts[0], triples, given_values)
    if e.op == "AND":
        return inner & brute(e.parts[1], triples, given_values)
    if e.op == "COUNT":
        return {str(len(inner))}
    if e.op == "JOIN":
        return {o for x, (s, r, o) in product(inner, triples) if s == x and r == e.name}
    ranked = [(v, s) for s, a, v in given_values if s in inner and a == e.name]
    best = (max if e.op == "ARGMAX" else min)((v for v, _ in ranked), default=None)
    return {s for v, s in ranked if v == best}


@settings(max_examples=200, deadline=None)
@given(relation_triples, values, expressions)
def test_store_and_sparql_agree_with_brute_force(triples, given_values, e):
    graph = LocalGraph(spec(triples, given_values))
    wanted = brute(e, triples, given_values)
    assert set(graph.answer(e)) == wanted
    fresh = parse(e.text, lambda relation: "x")
    assert set(RemoteGraph(graph.query, "", PREFIX).answer(fresh)) == wanted


@settings(max_examples=100, deadline=None)
@given(relation_triples, values, expressions)
def test_store_and_sparql_list_the_same_relations_and_attributes(triples, given_values, e):
    graph = LocalGraph(spec(triples, given_values))
    remote = RemoteGraph(graph.query, "", PREFIX)
    members = brute(e, triples, given_values)
    facts = [*triples, *given_values]
    assert graph.relations(e) == sorted({r for s, r, _ in facts if s in members})
    assert graph.attributes(e) == sorted({a for s, a, _ in given_values if s in members})
    fresh = parse(e.text, lambda relation: "x")
    assert remote.relations(fresh) == graph.relations(e)
    assert remote.attributes(fresh) == graph.attributes(e)


@given(expressions)
def test_a_written_expression_is_read_back(e):
    assert parse(e.text, lambda relation: "x").text == e.text


def test_the_sides_of_an_intersection_have_no_order():
    assert intersection(entity("b"), entity("a")).text == intersection(entity("a"), entity("b")).text == "(AND a b)"


def test_parts_come_inner_first_and_once():
    one = join(entity("a"), "r", "x")
    assert [p.text for p in subforms(count(intersection(one, join(one, "s", "x"))))] == [
        "(JOIN (R r) a)",
        "(JOIN (R s) (JOIN (R r) a))",
        "(AND (JOIN (R r) a) (JOIN (R s) (JOIN (R r) a)))",
        "(COUNT (AND (JOIN (R r) a) (JOIN (R s) (JOIN (R r) a))))",
    ]


def test_equal_parts_become_one():
    e = parse("(AND (COUNT (JOIN (R r) a)) (JOIN (R r) a))", lambda relation: "x")
    assert e.parts[0].parts[0] is e.parts[1]


@pytest.mark.parametrize(
    "text", ["", "(", ")", "()", "(JOIN r a)", "(AND a)", "a b", "(FOO a)", "(COUNT a", "(JOIN (R ()) a)", "(" * 9000]
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(ValueError):
        parse(text, lambda relation: "x")
