"""The graph as a person sees it: what lies around the question's entities, and the variables made up to now."""

from __future__ import annotations

from typing import Any

from simenv.panel import Graph, Panel, Table

_EDGES = 40
"""Edges that can still be read in one drawing."""


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    rows = tuple((name, v["type"], v["expression"]) for name, v in facts["variables"].items())
    made = Table(title="variables", columns=("variable", "type", "expression"), rows=rows)
    return (made, *_around(spec))


def _around(spec: dict[str, Any]) -> tuple[Panel, ...]:
    """The edges within two steps of the entities that the question mentions; nothing where the task brings no graph."""
    if "graph" not in spec:
        return ()
    entities, triples = spec["graph"]["entities"], spec["graph"]["triples"]
    near, edges = set(spec["mentions"].values()), []
    for _ in range(2):
        found = [tuple(t) for t in triples if t[0] in near or t[2] in near]
        edges = list(dict.fromkeys([*edges, *found]))
        near |= {end for t in found for end in (t[0], t[2])}
    kept = edges[:_EDGES]
    ends = {end for s, _, o in kept for end in (s, o)}
    nodes = {id: str(entities.get(id, {}).get("name", id)) for id in sorted(map(str, ends))}
    shown = tuple((str(s), str(r).rpartition(".")[2], str(o)) for s, r, o in kept)
    return (Graph(title="around the question", nodes=nodes, edges=shown, left_out=len(edges) - len(kept)),)
