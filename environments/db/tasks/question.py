"""What a question is, and what every question is made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faker import Faker
from numpy.random import Generator

from ..engine.answers import Compare
from .conditions import Choice, ColumnRef, Condition, Dull, choose, column_sql, source, where
from .domains import Column, Table
from .populate import Made, chance, pick

MOST = 8
"""Rows of an answer, so that it can be written down and is never cut off on its way to the agent."""


@dataclass(frozen=True)
class Question:
    """What is asked, in English and as gold SQL. `plan` is how one would say what the statement does.

    `given` are the values that the text tells, none of which may be the answer; `look` are statements that somebody
    might run before, `check` one that shows what was changed.
    """

    text: str
    sql: str
    plan: str
    look: tuple[str, ...]
    given: tuple[str, ...] = ()
    compare: Compare = "multiset"
    width: int = 1
    check: str = ""


@dataclass(frozen=True)
class Asker:
    """What every question is made from."""

    made: Made
    rng: Generator
    fake: Faker
    level: int

    def any(self, *options: str) -> str:
        return pick(self.rng, options)

    def conditions(self, table: Table, least: int = 2, without: Sequence[str] = ()) -> list[Condition]:
        """As many conditions as the difficulty asks for, and as far away; Dull where the table offers none."""
        level = self.level
        amount = (1, 1, 2, 2, 3)[level - 1] + (level == 2 and chance(self.rng, 0.5))
        far = level >= 3 and bool(table.refs) and chance(self.rng, 0.7)
        hops = (0, 0, 1, 2, 2)[level - 1]
        return choose(self.made, table, self.rng, Choice(amount, hops, level >= 3, least, without, far))

    def own_conditions(self, table: Table, least: int = 2) -> list[Condition]:
        """One condition on the table itself."""
        return choose(self.made, table, self.rng, Choice(hard=self.level >= 3, least=least))

    def table(self, fits: Callable[[Table], bool] = lambda _: True) -> Table:
        found = [t for t in self.made.tables.values() if fits(t)]
        if not found:
            raise Dull
        return pick(self.rng, found)

    def column(self, table: Table, *roles: str, gaps: bool = True) -> Column:
        found = [c for c in table.columns if c.role in roles and (gaps or not c.gaps)]
        if not found:
            raise Dull
        return pick(self.rng, found)

    def family(self) -> tuple[Table, Table, Column]:
        """A table, one that refers to it, and the referring column."""
        found = [(t, child, ref) for t in self.made.tables.values() for child, ref in self.made.children(t.name)]
        if not found:
            raise Dull
        return pick(self.rng, found)

    def looks(self, *tables: Table, conditions: Sequence[Condition] = ()) -> tuple[str, ...]:
        shown = [self.any(f"DESCRIBE {t.name}", f"SELECT * FROM {t.name} LIMIT 3") for t in tables]
        used = [c.place for c in conditions if c.place.column.role == "category"]
        return (*shown, *(f"SELECT DISTINCT {p.column.name} FROM {p.table.name}" for p in used[:1]))


def tables_of(table: Table, conditions: Sequence[Condition]) -> list[Table]:
    return list({t.name: t for t in [table, *(c.place.table for c in conditions)]}.values())


def values_of(conditions: Sequence[Condition]) -> tuple[str, ...]:
    return tuple(c.value for c in conditions)


def select(table: Table, wanted: str, conditions: Sequence[Condition], tail: str = "") -> str:
    return f"SELECT {wanted}{source(table, [c.place for c in conditions])}{where(conditions)}{tail}"


def own(table: Table, column: Column, conditions: Sequence[Condition]) -> str:
    """A column of the table asked about, qualified where others are joined to it."""
    place = ColumnRef(table, column, column.label, lambda r: r)
    return column_sql(place, not any(c.place.joins for c in conditions))


Form = Callable[[Asker], Question]
Forms = dict[str, tuple[tuple[int, Form], ...]]
"""By DBBench's types: forms, and the difficulty from which on each is used."""
