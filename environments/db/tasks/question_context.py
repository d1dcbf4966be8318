"""A question, and the context from which every question form draws one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faker import Faker
from numpy.random import Generator

from ..engine.answers import Compare
from .conditions import (
    ColumnRef,
    Condition,
    ConditionSpec,
    NoQuestion,
    choose_conditions,
    column_sql,
    from_clause,
    where_clause,
)
from .domains import Column, Table
from .populate import FilledDatabase
from .sampling import bernoulli, choose

MAX_ROWS = 8
"""Rows of an answer at most, so that it can be written down and no observation cuts it off."""


@dataclass(frozen=True)
class Question:
    """A question in English and as gold SQL.

    `plan` says in words what the statement does. `exploration` are statements that somebody might run before, `check` is
    one that shows a change. None of the values `mentioned` in the text may be the answer. `width` is the count of columns.
    """

    text: str
    sql: str
    plan: str
    exploration: tuple[str, ...]
    mentioned: tuple[str, ...] = ()
    compare: Compare = "multiset"
    width: int = 1
    check: str = ""


@dataclass(frozen=True)
class QuestionContext:
    """The sources of every question form: a filled database, a generator, Faker, and the difficulty, 1 to 5."""

    database: FilledDatabase
    rng: Generator
    fake: Faker
    level: int

    def any(self, *options: str) -> str:
        """One of several wordings."""
        return choose(self.rng, options)

    def conditions(self, table: Table, least: int = 2, without: Sequence[str] = ()) -> list[Condition]:
        """Conditions in the number and distance of the difficulty. Raises NoQuestion where the table offers none."""
        level = self.level
        amount = (1, 1, 2, 2, 3)[level - 1] + (level == 2 and bernoulli(self.rng, 0.5))
        far = level >= 3 and bool(table.refs) and bernoulli(self.rng, 0.7)
        hops = (0, 0, 1, 2, 2)[level - 1]
        return choose_conditions(
            self.database, table, self.rng, ConditionSpec(amount, hops, level >= 3, least, without, far)
        )

    def own_conditions(self, table: Table, least: int = 2) -> list[Condition]:
        """One condition on the table itself."""
        return choose_conditions(self.database, table, self.rng, ConditionSpec(hard=self.level >= 3, least=least))

    def table(self, fits: Callable[[Table], bool] = lambda _: True) -> Table:
        """One of the tables that fit. Raises NoQuestion if none does."""
        tables = [t for t in self.database.tables.values() if fits(t)]
        if not tables:
            raise NoQuestion
        return choose(self.rng, tables)

    def column(self, table: Table, *roles: str, gaps: bool = True) -> Column:
        """One of the columns with one of these roles; without `gaps` only one that has no NULL. Raises NoQuestion."""
        columns = [c for c in table.columns if c.role in roles and (gaps or not c.gaps)]
        if not columns:
            raise NoQuestion
        return choose(self.rng, columns)

    def family(self) -> tuple[Table, Table, Column]:
        """A table, another that refers to it, and the referring column. Raises NoQuestion if no table refers to one."""
        families = [
            (t, child, ref) for t in self.database.tables.values() for child, ref in self.database.children(t.name)
        ]
        if not families:
            raise NoQuestion
        return choose(self.rng, families)

    def exploration(self, *tables: Table, conditions: Sequence[Condition] = ()) -> tuple[str, ...]:
        """Statements that show the tables, and the values of a category in the conditions."""
        statements = [self.any(f"DESCRIBE {t.name}", f"SELECT * FROM {t.name} LIMIT 3") for t in tables]
        categories = [c.place for c in conditions if c.place.column.role == "category"]
        return (*statements, *(f"SELECT DISTINCT {p.column.name} FROM {p.table.name}" for p in categories[:1]))


def tables_of(table: Table, conditions: Sequence[Condition]) -> list[Table]:
    """A table and those of the conditions, each once."""
    return list({t.name: t for t in [table, *(c.place.table for c in conditions)]}.values())


def values_of(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """The literals of the conditions."""
    return tuple(c.value for c in conditions)


def select(table: Table, expressions: str, conditions: Sequence[Condition], tail: str = "") -> str:
    """SELECT these expressions from a table and those of the conditions; `tail` follows WHERE."""
    return f"SELECT {expressions}{from_clause(table, [c.place for c in conditions])}{where_clause(conditions)}{tail}"


def column_text(table: Table, column: Column, conditions: Sequence[Condition]) -> str:
    """A column of the table asked about, qualified where others are joined to it."""
    place = ColumnRef(table, column, column.label, lambda r: r)
    return column_sql(place, not any(c.place.joins for c in conditions))


QuestionForm = Callable[[QuestionContext], Question]
QuestionForms = dict[str, tuple[tuple[int, QuestionForm], ...]]
"""By DBBench's types of task: the question forms, each with the lowest difficulty that uses it."""
