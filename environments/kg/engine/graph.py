"""The interface of a graph, in memory or behind an endpoint."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from .logical_forms import LogicalForm


class TooManyRows(Exception):
    """Raised when an answer has more rows than the limit."""


class Graph(ABC):
    """A read-only graph. Names and values are plain text; every list is sorted, so that order never varies.

    Methods raise WorldError if the graph itself fails.
    """

    identity: Any
    """JSON value that is equal for equal graphs."""

    @abstractmethod
    def ids_of(self, name: str) -> list[str]:
        """The ids that a word may mean: the word itself if it is an id, else all entities of that name."""

    @abstractmethod
    def relations(self, form: LogicalForm) -> list[str]:
        """The relations and attributes that at least one member has."""

    @abstractmethod
    def attributes(self, form: LogicalForm) -> list[str]:
        """The attributes with numbers or dates that at least one member has."""

    @abstractmethod
    def range_of(self, relation: str) -> str:
        """The type of a relation's objects; '' if unknown."""

    @abstractmethod
    def answer(self, form: LogicalForm) -> list[str]:
        """The members of a form, as ids and values. TooManyRows if they exceed the limit."""

    def instances(self) -> dict[str, list[str]]:
        """All entities by type; {} if the graph cannot list them."""
        return {}

    def name(self, id: str) -> str:
        """The name of an entity; its id if the graph has no name for it."""
        return id
