"""Keeps the graphs of the last few specs, so that a reset of a known one costs nothing. They are only ever read."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from simenv.types import digest

from .local_graph import Local


class GraphCache:
    """Finds a graph by its spec's identity, else by its digest; a spec must not change once it was used.

    `size` is the number of graphs, of specs too: tasks that share a spec in memory share it here.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._seen: OrderedDict[int, tuple[dict[str, Any], Local]] = OrderedDict()
        self._graphs: OrderedDict[str, Local] = OrderedDict()
        self._lock = Lock()

    def has(self, spec: Any) -> bool:
        """Whether this very spec was used."""
        return id(spec) in self._seen

    def graph(self, spec: dict[str, Any]) -> Local:
        """The spec's graph, built where it is new. WorldError where it contradicts itself."""
        with self._lock:
            seen = self._seen.get(id(spec))
            if seen is not None:
                self._seen.move_to_end(id(spec))
                return seen[1]
            key = digest(spec)
            graph = self._graphs.get(key) or Local(spec)
            self._put(self._graphs, key, graph)
            self._put(self._seen, id(spec), (spec, graph))
            return graph

    def _put(self, shelf: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        shelf[key] = value
        shelf.move_to_end(key)
        if len(shelf) > self.size:
            shelf.popitem(last=False)
