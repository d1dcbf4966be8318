"""The tables of FROM and the columns that their joins show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..values import errors
from ..values.types import Type
from .clauses import Clause
from .expr import ColumnRef, Expr


@dataclass(slots=True, eq=False)
class TableSource:
    """A table, view, derived table or CTE in FROM. `columns` are (name, SQLite text, type) in order."""

    name: str
    alias: str
    columns: list[tuple[str, str, Type]]
    table: str | None = None

    def column(self, place: int) -> Expr:
        """The column at a place."""
        name, sql, kind = self.columns[place]
        return Expr(sql, kind, None, name, ColumnRef(self.alias, place))

    def place(self, low: str, clause: Clause) -> int | None:
        """The place of the column of this name, in lower case. Raises 1052 where there are two."""
        places = [i for i, column in enumerate(self.columns) if column[0].lower() == low]
        if len(places) > 1:
            raise errors.ambiguous(self.columns[places[0]][0], clause.words)
        return places[0] if places else None


Row = list[tuple[TableSource, int]]
"""The columns that a join shows: those of USING and NATURAL once and first."""


@dataclass(slots=True)
class Names:
    """What FROM makes known: its tables, and the columns that it shows. `row` is None where these are all there are."""

    sources: Sequence[TableSource] = ()
    row: Row | None = None

    def table(self, name: str, *, fold: bool) -> TableSource | None:
        """The table of this name; `fold` makes its case not count."""
        for source in self.sources:
            if source.name == name or (fold and source.name.lower() == name.lower()):
                return source
        return None

    def column(self, name: str, clause: Clause) -> Expr | None:
        """The column that a bare name means. Raises 1052 where there are two."""
        low = name.lower()
        if self.row is not None:
            pairs = [(s, place) for s, place in self.row if s.columns[place][0].lower() == low]
        else:
            pairs = [(s, place) for s in self.sources if (place := s.place(low, clause)) is not None]
        if len(pairs) > 1:
            raise errors.ambiguous(name, clause.words)
        return pairs[0][0].column(pairs[0][1]) if pairs else None

    def all(self) -> list[Expr]:
        """The columns of a bare star."""
        return [source.column(place) for source, place in self.shown()]

    def shown(self) -> Row:
        """The columns that FROM shows, in order."""
        return self.row if self.row is not None else [(s, i) for s in self.sources for i in range(len(s.columns))]
