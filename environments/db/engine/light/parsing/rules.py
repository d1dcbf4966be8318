"""What all rules of the grammar share: lists, units of time, keys of an order, and the rules that they name in advance."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TypeVar

from sqlglot import exp

from .casts import Casts
from .lexer import NAME, NUMBER, STRING

T = TypeVar("T")


class Rules(Casts):
    """The rules that others are made of."""

    @abstractmethod
    def expression(self, level: int = 1) -> exp.Expression:
        """An expression."""

    @abstractmethod
    def interval(self) -> exp.Expression:
        """INTERVAL amount unit."""

    @abstractmethod
    def query(self) -> exp.Expression:
        """A query expression."""

    @abstractmethod
    def query_after(self, first: exp.Subquery) -> exp.Expression:
        """The rest of a query expression that begins with a query in parentheses."""

    def list_of(self, rule: Callable[[], T]) -> list[T]:
        """One or more, with commas between them."""
        items = [rule()]
        while self.keys[self.at] == ",":
            self.at += 1
            items.append(rule())
        return items

    def unit(self) -> exp.Var:
        """A unit of time."""
        if self.kinds[self.at] in (NAME, STRING, NUMBER) or not self.keys[self.at].isidentifier():
            raise self.error()
        self.at += 1
        return exp.Var(this=self.keys[self.at - 1])

    def ordered(self) -> exp.Ordered:
        """A key of ORDER BY, with its direction."""
        key = self.expression()
        down = self.take_any("ASC", "DESC") == "DESC"
        return exp.Ordered(this=key, desc=down)
