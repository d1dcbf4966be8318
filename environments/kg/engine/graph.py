"""What can be asked of a graph, wherever it lies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from .expressions import Expr


class TooMany(Exception):
    """The answer has more rows than are taken."""


class Graph(ABC):
    """A graph that is read only. Names and values are plain text; every list is sorted, so that order never varies.

    A WorldError is the graph's own failure.
    """

    identity: Any
    """JSON that is equal for equal graphs."""

    @abstractmethod
    def find(self, name: str) -> list[str]:
        """The ids that a word may mean: itself, if it is one, else those of the entities with that name."""

    @abstractmethod
    def relations(self, of: Expr) -> list[str]:
        """The relations and attributes that any member has."""

    @abstractmethod
    def attributes(self, of: Expr) -> list[str]:
        """The attributes with numbers or dates that any member has."""

    @abstractmethod
    def ends_in(self, relation: str) -> str:
        """The type that a relation leads to."""

    @abstractmethod
    def answer(self, of: Expr) -> list[str]:
        """The members: ids and values. TooMany where they are more than are taken."""

    def instances(self) -> dict[str, list[str]]:
        """All entities by type, where the graph can list them."""
        return {}

    def name(self, id: str) -> str:
        """What an entity is called, where the graph knows."""
        return id
