"""The relations and attributes that a graph has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def vocabulary(spec: Mapping[str, Any]) -> set[str]:
    """The relations and attributes of a task's own graph; empty if the graph is behind an endpoint."""
    graph = spec.get("graph") or {}
    relations = graph.get("relations", {})
    inverses = {r["inverse"] for r in relations.values() if "inverse" in r}
    return {*relations, *inverses, *graph.get("attributes", {})}
