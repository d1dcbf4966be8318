"""The viewer's panels of a graph: the variables so far, and the surroundings of the question's entities."""

from __future__ import annotations

from typing import Any

from simenv.panel import Graph, Panel, Table

_MAX_EDGES = 40
"""Most edges in one drawing; more cannot be read."""


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """The panels of one state; `facts` is the world's state as JSON."""
    rows = tuple((name, v["type"], v["expression"]) for name, v in facts["variables"].items())
    variables = Table(title="variables", columns=("variable", "type", "expression"), rows=rows)
    return (variables, *_around(spec))


def _around(spec: dict[str, Any]) -> tuple[Panel, ...]:
    """The edges within two steps of the question's entities; () if the task has no graph of its own."""
    if "graph" not in spec:
        return ()
    entities, triples = spec["graph"]["entities"], spec["graph"]["triples"]
    near, edges = set(spec["mentions"].values()), list[tuple[Any, ...]]()
    for _ in range(2):
        touching = [tuple(t) for t in triples if t[0] in near or t[2] in near]
        edges = list(dict.fromkeys([*edges, *touching]))
        near |= {end for t in touching for end in (t[0], t[2])}
    visible_edges = edges[:_MAX_EDGES]
    ends = {end for s, _, o in visible_edges for end in (s, o)}
    nodes = {id: str(entities.get(id, {}).get("name", id)) for id in sorted(map(str, ends))}
    labels = tuple((str(s), str(r).rpartition(".")[2], str(o)) for s, r, o in visible_edges)
    return (Graph(title="around the question", nodes=nodes, edges=labels, left_out=len(edges) - len(visible_edges)),)
