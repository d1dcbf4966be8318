"""Keeps the graphs of the last few specs, so that a reset to one of them costs nothing. Graphs are read-only."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from simenv.types import digest

from .local_graph import LocalGraph


class GraphCache:
    """Finds a graph by the identity of its spec object, else by the spec's digest. A spec must not change after its use.

    `size` is the most graphs, and the most spec objects, that are kept.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._specs: OrderedDict[int, tuple[dict[str, Any], LocalGraph]] = OrderedDict()
        self._graphs: OrderedDict[str, LocalGraph] = OrderedDict()
        self._lock = Lock()

    def has(self, spec: Any) -> bool:
        """Whether this very spec object is in the cache."""
        return id(spec) in self._specs

    def graph(self, spec: dict[str, Any]) -> LocalGraph:
        """The graph of a spec, built if it is new. WorldError if the spec contradicts itself."""
        with self._lock:
            entry = self._specs.get(id(spec))
            if entry is not None:
                self._specs.move_to_end(id(spec))
                return entry[1]
            key = digest(spec)
            graph = self._graphs.get(key) or LocalGraph(spec)
            self._store(self._graphs, key, graph)
            self._store(self._specs, id(spec), (spec, graph))
            return graph

    def _store(self, entries: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        entries[key] = value
        entries.move_to_end(key)
        if len(entries) > self.size:
            entries.popitem(last=False)
