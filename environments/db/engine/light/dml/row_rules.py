"""What a table computes and demands of each row by itself: generated columns and CHECK constraints."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Table
from ..catalog.strict_mode import Stored
from ..compiler import new_unit
from ..database import Database
from ..expressions import function_calls
from ..expressions.clauses import Clause
from ..expressions.coercion import truth
from ..expressions.scope import Expr, Scope, Unit
from ..parsing.parse import Statement, parse_expression
from ..values.types import Type

Row = dict[str, Stored]
Store = Callable[[object, Type, Column, int], Stored]
_UNSURE = frozenset({"NOW", "RAND", "UUID", "CURDATE", "CURTIME", "SYSDATE", "UTC_TIMESTAMP", "LAST_INSERT_ID"})


class _RuleScope(Scope):
    """An expression over one row: a name means a column, whose value is a parameter of SQLite's."""

    def __init__(self, unit: Unit, table: Table) -> None:
        super().__init__(unit)
        self.table = table

    def find(self, name: str, table: str | None, clause: Clause) -> Expr | None:
        """See Scope.find."""
        column = self.table.by_name.get(name.lower())
        if column is None or (table is not None and table != self.table.name):
            return None
        if column.auto_increment:
            raise Unsupported("an AUTO_INCREMENT column in a CHECK or a generated column", "another column")
        return Expr(f":{column.phys}", column.type)


class RowRules:
    """The rules of a table, compiled. Raises 1054 for an unknown column, and refuses what is more than a row's."""

    def __init__(self, database: Database, table: Table) -> None:
        self.table, self.place = table, f"`{database.name}`.`{table.name}`"
        scope = _RuleScope(new_unit(database, Statement(exp.Null(), ""), strict=True), table)
        with scope.at(Clause.VALUES):
            _require_order(table)
            self.generated = [(c, scope.compile(parsed(c.generated))) for c in table.columns if c.generated]
            checks = [*((f"{table.name}.{c.name}", c.check) for c in table.columns if c.check), *table.checks]
            self.checks = [(name, truth(scope, scope.compile(parsed(text)))) for name, text in checks]

    def complete(self, connection: sqlite3.Connection, row: Row, store: Store) -> Row:
        """The row with its generated values, from left to right."""
        row = dict(row)
        for column, e in self.generated:
            row[column.phys] = store(_fetch(connection, e.sql, row), e.type, column, 1)
        return row

    def require(self, connection: sqlite3.Connection, row: Row) -> None:
        """Raise 4025 for a row that a CHECK is false of."""
        for name, text in self.checks:
            kept = _fetch(connection, text, row)
            if kept is not None and not kept:
                raise SQLError(4025, "23000", f"CONSTRAINT `{name}` failed for {self.place}")


def _require_order(table: Table) -> None:
    """Refuse a generated column that names itself or one that is generated behind it."""
    waiting = {c.name.lower() for c in table.columns if c.generated}
    for column in table.columns:
        if column.generated and waiting & {n.name.lower() for n in parsed(column.generated).find_all(exp.Column)}:
            raise Unsupported("a generated column that names a later one", "another order")
        waiting.discard(column.name.lower())


def _fetch(connection: sqlite3.Connection, sql: str, row: Mapping[str, Stored]) -> object:
    return connection.execute(f"SELECT {sql}", row).fetchone()[0]


def parsed(text: str) -> exp.Expression:
    """The expression of a rule, of one row alone and the same at any time."""
    node = parse_expression(text, function_calls.NAMES)
    for part in node.walk():
        unsure = isinstance(part, exp.Anonymous) and str(part.this).upper() in _UNSURE
        if unsure or isinstance(part, exp.Query | exp.CurrentTimestamp | exp.Parameter | exp.SessionParameter):
            raise Unsupported("a CHECK or a generated column over more than its row", "columns and constants")
    return node


def names(table: Table) -> set[str]:
    """The columns that the rules of a table name, in lower case."""
    texts = [c.generated or c.check for c in table.columns if c.generated or c.check] + [
        text for _, text in table.checks
    ]
    return {column.name.lower() for text in texts for column in parsed(text).find_all(exp.Column)}
