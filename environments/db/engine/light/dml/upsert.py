"""ON DUPLICATE KEY UPDATE: what it changes in the row that stands in the way, and what it may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..catalog.catalog import Column, Table
from ..catalog.strict_mode import Stored
from ..expressions.aggregates import contains
from ..expressions.clauses import Clause
from ..expressions.expr import Query
from ..expressions.scope import Expr, Unit
from ..queries import from_clause
from ..values import errors
from .assignments import AssignmentScope, compile_assignments, new_values
from .table_writer import Row, TableWriter

_Name = tuple[str, str]
"""A table's name, or the empty text, and a column's in lower case."""


@dataclass(slots=True)
class SourceColumns:
    """The columns of the SELECT's tables that the update names: they are selected behind those that are inserted."""

    names: list[_Name] = field(default_factory=list)
    expressions: dict[_Name, Expr] = field(default_factory=dict)

    def select(self, source: exp.Expression) -> exp.Expression:
        """The query with these columns added."""
        source = source.copy()
        for table, name in self.names:
            source.append("expressions", exp.column(name, table or None))
        return source

    def take(self, query: Query) -> int:
        """Note the types of the added columns, and say how many others there are."""
        width = len(query.names) - len(self.names)
        for n, name in enumerate(self.names):
            self.expressions[name] = Expr(f":{_parameter(n)}", query.types[width + n])
        return width

    def values(self, cells: Sequence[object]) -> dict[str, object]:
        """The added cells of a row as parameters."""
        return {_parameter(n): cell for n, cell in enumerate(cells)}


def _parameter(n: int) -> str:
    return f"_source{n}"


def source_columns(unit: Unit, table: Table, source: exp.Expression, nodes: Sequence[exp.Expression]) -> SourceColumns:
    """The columns that assignments take from the tables of a plain SELECT. Raises 1052 where both sides have a name."""
    found = SourceColumns()
    if not isinstance(source, exp.Select) or source.args.get("from_") is None:
        return found
    if any(source.args.get(part) for part in ("group", "distinct")) or any(map(contains, source.expressions)):
        return found
    for node in nodes:
        for column in node.expression.find_all(exp.Column):
            if _is_own(column) or column.parent_select is not None:
                continue
            owner, name = column.text("table"), column.name.lower()
            if owner == table.name or (not owner and name in table.by_name):
                if _has_column(unit, source, column):
                    raise errors.ambiguous(column.sql(), Clause.ON_DUPLICATE.words)
                continue
            if (owner, name) not in found.names:
                found.names.append((owner, name))
    return found


def require_values(table: Table, columns: Sequence[Column], nodes: Sequence[exp.Expression]) -> None:
    """Refuse an insertion that leaves out a column without a default which the update sets: MariaDB takes it for zero."""
    assigned = {node.this.name.lower() for node in nodes}
    for column in table.columns:
        missing = column.default is None and not column.nullable and not column.auto_increment
        if missing and column not in columns and column.name.lower() in assigned:
            raise Unsupported("a column without a value that ON DUPLICATE KEY UPDATE sets", "a value for it")


def _is_own(column: exp.Column) -> bool:
    """Whether a column stands in VALUES(…), where it is the table's."""
    return isinstance(column.parent, exp.Anonymous) and column.parent.name.upper() in ("VALUES", "VALUE")


def _has_column(unit: Unit, source: exp.Select, column: exp.Column) -> bool:
    """Whether the tables of a query have a column of this name."""
    probe = exp.Select(expressions=[column.copy()], from_=source.args["from_"].copy())
    try:
        unit.select(unit, probe, None)
    except SQLError as e:
        return e.code == 1052
    return True


class _UpsertScope(AssignmentScope):
    """What the update may name: the table's columns, then those of the SELECT."""

    sources: Mapping[_Name, Expr]

    def find(self, name: str, table: str | None, clause: Clause) -> Expr | None:
        """See Scope.find."""
        own = super().find(name, table, clause)
        return own if own is not None else self.sources.get((table or "", name.lower()))


class Upsert:
    """The update, compiled once for all rows; VALUES(c) is the parameter :c."""

    def __init__(
        self, unit: Unit, writer: TableWriter, nodes: Sequence[exp.Expression], sources: Mapping[_Name, Expr]
    ) -> None:
        joined = from_clause.base(unit, writer.table.name, writer.table.name)
        self.start = joined.text
        self.alias = joined.names.sources[0].alias
        scope = _UpsertScope(unit, joined.names)
        scope.sources = sources
        scope.inserting = {c.name.lower(): Expr(f":{c.phys}", c.type) for c in writer.table.columns}
        self.writer = writer
        with scope.at(Clause.ON_DUPLICATE):
            self.assignments = compile_assignments(scope, writer.table, nodes)
        for column, value in self.assignments:
            if value is None and column.default is None and not column.nullable:
                raise Unsupported("DEFAULT of a column without one in ON DUPLICATE KEY UPDATE", "a value")

    def apply(self, rowid: int, row: Row, sources: Mapping[str, object]) -> tuple[int, Stored]:
        """Change the row in the way of a new one; how many rows MySQL counts for it, and its AUTO_INCREMENT value."""
        texts = ",".join(e.sql if e else "NULL" for _, e in self.assignments)
        sql = f"SELECT {texts} FROM {self.start} WHERE {self.alias}.rowid=:_rowid"
        values = self.writer.connection.execute(sql, {**row, **sources, "_rowid": rowid}).fetchone()
        before = self.writer.fetch(rowid)
        changes = new_values(self.writer, self.assignments, values, 1)
        count = 2 if self.writer.change(rowid, before, changes) else 0
        counter = self.writer.table.counter
        return count, None if counter is None else changes.get(counter.phys, before[counter.phys])
