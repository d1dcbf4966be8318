"""INSERT, REPLACE, UPDATE and DELETE: select with MySQL's types first, then store row by row under strict mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from ..session import SQLError, Unsupported
from . import aggregates, errors, query, sources
from . import types as ty
from .catalog import Column, Table
from .convert import truth
from .rows import Row, Rows
from .scope import Expr, Scope, Unit
from .store import Stored
from .types import Type

if TYPE_CHECKING:
    from .session import LightSession


@dataclass(frozen=True, slots=True)
class Count:
    """What a write did: rows as MySQL counts them, and the id PyMySQL would show."""

    affected: int
    last_id: int | None = None


DEFAULT = object()
# The longest SQLite text, in characters, that an assignment hands on to the next.
_CARRIED = 10_000
# A value to store: SQLite's, with its static type, or DEFAULT.
Given = tuple[object, Type]


def _only(node: exp.Expression, known: frozenset[str]) -> None:
    for name, value in node.args.items():
        if value and name not in known:
            raise Unsupported(f"{name.strip('_').upper()} in {type(node).__name__.upper()}")


def _target(unit: Unit, node: exp.Expression) -> Table:
    schema = node.args.get("db")
    if schema is not None and schema.name != unit.database:
        raise SQLError(1142, "42000", f"command denied to user 'root'@'localhost' for table `{schema.name}`.`{node.name}`")
    name = sources.lookup(unit, node.name)
    if name in unit.catalog.views:
        raise Unsupported("writing through a view", "the table itself")
    return unit.catalog.tables[name]


def insert(session: LightSession, unit: Unit) -> Count:
    """INSERT and REPLACE."""
    node = unit.parsed.tree
    _only(node, frozenset({"this", "expression", "conflict", "ignore"}))
    into = node.this
    table = _target(unit, into.this if isinstance(into, exp.Schema) else into)
    columns = _columns(table, into)
    rows = Rows(session, table)
    conflict = node.args.get("conflict")
    ignoring = unit.parsed.ignoring or bool(node.args.get("ignore"))
    if conflict is not None and (unit.parsed.replacing or ignoring):
        raise Unsupported("ON DUPLICATE KEY UPDATE together with IGNORE or REPLACE")
    upsert = _Upsert(unit, rows, conflict.expressions) if conflict is not None else None
    affected, last = 0, None
    for n, given in enumerate(_given(session, unit, node.args.get("expression"), columns), 1):
        row, made, auto = _row(rows, columns, given, n, ignoring=ignoring)
        count = _put(rows, row, upsert, replacing=unit.parsed.replacing, ignoring=ignoring)
        affected += count
        if count and made and (last is None or not last[1]):
            last = (auto, True)
        elif count and auto is not None and (last is None or not last[1]):
            last = (auto, False)
    if last is None:
        return Count(affected)
    if last[1] and last[0] is not None:
        session.live.last_id = last[0]
    return Count(affected, last[0])


def _columns(table: Table, into: exp.Expression) -> list[Column]:
    if not isinstance(into, exp.Schema) or not into.expressions:
        return list(table.columns)
    columns: list[Column] = []
    for name in into.expressions:
        column = table.by_name.get(name.name.lower())
        if column is None:
            raise errors.unknown_column(name.name, "field list")
        if column in columns:
            raise errors.column_twice(name.name)
        columns.append(column)
    return columns


def _given(
    session: LightSession, unit: Unit, source: exp.Expression | None, columns: Sequence[Column]
) -> Iterator[list[Given]]:
    if isinstance(source, exp.Values):
        if source.args.get("alias"):
            raise errors.syntax("AS", 1)
        widths = [len(t.expressions) for t in source.expressions]
        empty = not any(widths)
        for n, width in enumerate(widths, 1):
            if width != len(columns) and not empty:
                raise errors.column_count(n)
        for row in source.expressions:
            yield [(DEFAULT, ty.NULL_TYPE)] * len(columns) if empty else _evaluated(session, unit, row.expressions)
        return
    if source is None:
        raise errors.syntax("", 1)
    found = query.select(unit, source, None)
    if len(found.names) != len(columns):
        raise errors.column_count(1)
    for raw in session.fetch(found):
        yield list(zip(raw, found.types, strict=True))


def _evaluated(session: LightSession, unit: Unit, cells: Sequence[exp.Expression]) -> list[Given]:
    """The values of one VALUES row; literals need no visit to SQLite."""
    scope = Scope(unit)
    given: list[Given] = []
    computed: list[tuple[int, Expr]] = []
    for i, cell in enumerate(cells):
        if _is_default(cell):
            given.append((DEFAULT, ty.NULL_TYPE))
            continue
        e = scope.compile(cell)
        given.append((e.const, e.type))
        if e.const is None and e.type.kind != ty.NULL:
            computed.append((i, e))
    if computed:
        values = session.connection.execute("SELECT " + ",".join(e.sql for _, e in computed)).fetchone()
        for (i, e), value in zip(computed, values, strict=True):
            given[i] = (value, e.type)
    return given


def _is_default(node: exp.Expression) -> bool:
    if isinstance(node, exp.Var | exp.Column):
        return node.name.upper() == "DEFAULT" and not node.args.get("table")
    return False


def _row(
    rows: Rows, columns: Sequence[Column], given: Sequence[Given], n: int, *, ignoring: bool
) -> tuple[Row, bool, int | None]:
    """A whole row from the given cells, whether its AUTO_INCREMENT value was made, and that value."""
    by_phys = {c.phys: g for c, g in zip(columns, given, strict=True)}
    row: Row = {}
    made, auto = False, None
    for column in rows.table.columns:
        value, kind = by_phys.get(column.phys, (DEFAULT, ty.NULL_TYPE))
        if column.auto_increment:
            wanted = None if value is DEFAULT or value is None else rows.stored(value, kind, column, n)
            auto, made = rows.number(wanted)
            row[column.phys] = auto
            continue
        try:
            row[column.phys] = rows.default(column) if value is DEFAULT else rows.stored(value, kind, column, n)
        except SQLError as e:
            if ignoring and not isinstance(e, Unsupported):
                raise Unsupported(f"INSERT IGNORE of a bad value ({e.message})", "a value that fits") from e
            raise
    return row, made, auto


def _put(rows: Rows, row: Row, upsert: _Upsert | None, *, replacing: bool, ignoring: bool) -> int:
    """Store one row; how many rows MySQL counts for it."""
    clashes = rows.conflicts(row) if upsert or replacing or ignoring else []
    if clashes and upsert:
        return upsert.apply(clashes[0][1], row)
    if ignoring and (clashes or rows.orphaned(row)):
        return 0
    gone = {rowid for _, rowid in clashes} if replacing else set()
    for rowid in gone:
        rows.delete(rowid)
    rows.insert(row)
    return 1 + len(gone)


class _Upsert:
    """ON DUPLICATE KEY UPDATE, compiled once for all rows; VALUES(c) is the parameter :c."""

    def __init__(self, unit: Unit, rows: Rows, assignments: Sequence[exp.Expression]) -> None:
        scope = Scope(unit)
        self.start = sources.base(scope, rows.table.name, rows.table.name)
        self.alias = scope.sources[0].alias
        scope.inserting = {c.name.lower(): Expr(f":{c.phys}", c.type) for c in rows.table.columns}
        self.rows = rows
        self.sets = _assignments(scope, rows.table, assignments)

    def apply(self, rowid: int, row: Row) -> int:
        texts = ",".join(e.sql if e else "NULL" for _, e in self.sets)
        sql = f"SELECT {texts} FROM {self.start} WHERE {self.alias}.rowid=:_rowid"
        values = self.rows.connection.execute(sql, {**row, "_rowid": rowid}).fetchone()
        before = self.rows.fetch(rowid)
        wanted = _wanted(self.rows, self.sets, values, 1)
        return 2 if self.rows.change(rowid, before, wanted) else 0


Sets = list[tuple[Column, Expr | None]]


def _assignments(scope: Scope, table: Table, nodes: Sequence[exp.Expression]) -> Sets:
    """SET a = …, b = …: from left to right, a later one sees what an earlier one assigned. None stands for DEFAULT."""
    sets: Sets = []
    scope.clause = "field list"
    for node in nodes:
        if not isinstance(node, exp.EQ) or not isinstance(node.this, exp.Column):
            raise errors.syntax("", 1)
        owner = node.this.args.get("table")
        name = node.this.name
        target = scope.target(name, owner.name if owner is not None else None)
        column = table.by_name.get(name.lower())
        if column is None:
            raise errors.unknown_column(name, "field list")
        value = None if _is_default(node.expression) else scope.compile(node.expression)
        sets.append((column, value))
        scope.assign(target, _carried(value, column))
    return sets


def _carried(value: Expr | None, column: Column) -> Expr | None:
    """What the column holds after the assignment, where storing the value would not convert it; else None."""
    kind = column.type
    if value is not None and len(value.sql) > _CARRIED:
        return None
    if value is None or value.type.kind != kind.kind or column.domain.base in ("char", "year", "timestamp"):
        return None
    if kind.kind in (ty.INT, ty.STR, ty.DATE) or (kind.kind == ty.DBL and not (kind.single or value.type.scale)):
        return Expr(value.sql, kind, value.const)
    return value if (value.type.frac, value.type.scale) == (kind.frac, kind.scale) and not value.type.cut else None


def _wanted(rows: Rows, sets: Sets, values: Sequence[object], n: int) -> dict[str, Stored]:
    wanted: dict[str, Stored] = {}
    for (column, e), value in zip(sets, values, strict=True):
        wanted[column.phys] = rows.default(column) if e is None else rows.stored(value, e.type, column, n)
    return wanted


def update(session: LightSession, unit: Unit) -> Count:
    """UPDATE of one table, alone or joined with others."""
    node = unit.parsed.tree
    _only(node, frozenset({"this", "expressions", "where", "order", "limit", "with_"}))
    if unit.parsed.ignoring:
        raise Unsupported("UPDATE IGNORE", "UPDATE")
    if not node.expressions:
        raise errors.syntax("", 1)
    scope = Scope(unit)
    start = sources.joined(scope, node.this, [])
    several = len(scope.sources) > 1
    source = _updated(scope, node.expressions) if several else scope.sources[0]
    if source.table is None:
        raise errors.not_updatable(source.name, "UPDATE")
    table = unit.catalog.tables[source.table]
    scope.joining = several
    sets = _assignments(scope, table, node.expressions)
    scope.assigned.clear()
    if several and (node.args.get("order") or node.args.get("limit")):
        raise SQLError(1221, "HY000", "Incorrect usage of UPDATE and ORDER BY")
    rows = Rows(session, table)
    texts = ",".join(e.sql if e else "NULL" for _, e in sets)
    tail = _tail(scope, node, table, source.alias)
    found = session.connection.execute(f"SELECT {source.alias}.rowid,{texts} FROM {start}{tail}").fetchall()
    changed = 0
    for n, (rowid, values) in enumerate(_once(found), 1):
        before = rows.fetch(rowid)
        changed += rows.change(rowid, before, _wanted(rows, sets, values, n))
    return Count(changed)


def _once(found: Sequence[tuple]) -> list[tuple[int, tuple]]:
    """Each row once; a row that a join would set to two different values is refused, for MySQL picks either."""
    first: dict[int, tuple] = {}
    for rowid, *values in found:
        if rowid is not None and first.setdefault(rowid, tuple(values)) != tuple(values):
            raise Unsupported("an UPDATE whose join matches a row twice with different values", "a subquery with MAX or MIN")
    return list(first.items())


def _updated(scope: Scope, nodes: Sequence[exp.Expression]) -> sources.Source:
    owners = []
    for node in nodes:
        table = node.this.args.get("table")
        found = scope.column(node.this.name, table.name if table is not None else None)
        owners.append(next(s for s in scope.sources if found.sql.startswith(s.alias + ".")))
    if any(owner is not owners[0] for owner in owners):
        raise Unsupported("an UPDATE of several tables at once", "one UPDATE a table")
    return owners[0]


def _tail(scope: Scope, node: exp.Expression, table: Table, alias: str) -> str:
    """WHERE, ORDER BY and LIMIT; without an order, the primary key's, in which InnoDB goes."""
    text = ""
    where = node.args.get("where")
    if where is not None:
        scope.clause = "where clause"
        text = f" WHERE {truth(scope, scope.compile(where.this))}"
    order = node.args.get("order")
    if order is not None:
        scope.clause = "order clause"
        text += " ORDER BY " + ",".join(aggregates.order_term(scope, term) for term in order.expressions)
    elif table.primary is not None:
        text += " ORDER BY " + ",".join(f"{alias}.{table.by_name[c.lower()].phys}" for c in table.primary.columns)
    return text + query.limit(node)


def delete(session: LightSession, unit: Unit) -> Count:
    """DELETE from one table, or from some tables of a join."""
    node = unit.parsed.tree
    _only(node, frozenset({"this", "where", "order", "limit", "tables", "using", "with_"}))
    scope = Scope(unit)
    if node.this is None:
        raise errors.syntax("", 1)
    using = node.args.get("using")
    if using:
        start, *more = [sources.joined(scope, n, []) for n in using]
        start = " CROSS JOIN ".join([start, *more])
        targets = [node.this]
    else:
        start = sources.joined(scope, node.this, [])
        targets = node.args.get("tables") or []
    if not targets:
        return _delete_from(session, scope, node, start)
    chosen = [_chosen(scope, t) for t in targets]
    picked = ",".join(f"{s.alias}.rowid" for s in chosen)
    where = node.args.get("where")
    scope.clause = "where clause"
    test = f" WHERE {truth(scope, scope.compile(where.this))}" if where is not None else ""
    found = session.connection.execute(f"SELECT {picked} FROM {start}{test}").fetchall()
    count = 0
    for i, source in enumerate(chosen):
        rows = Rows(session, unit.catalog.tables[source.table or ""])
        for rowid in {row[i] for row in found if row[i] is not None}:
            rows.delete(rowid)
            count += 1
    return Count(count)


def _chosen(scope: Scope, target: exp.Expression) -> sources.Source:
    for source in scope.sources:
        if source.name == target.name and source.table is not None:
            return source
    raise SQLError(1109, "42S02", f"Unknown table '{target.name}' in MULTI DELETE")


def _delete_from(session: LightSession, scope: Scope, node: exp.Expression, start: str) -> Count:
    source = scope.sources[0]
    if source.table is None or len(scope.sources) > 1:
        raise errors.not_updatable(source.name, "DELETE")
    table = scope.unit.catalog.tables[source.table]
    tail = _tail(scope, node, table, source.alias)
    found = session.connection.execute(f"SELECT {source.alias}.rowid FROM {start}{tail}").fetchall()
    rows = Rows(session, table)
    for (rowid,) in found:
        rows.delete(rowid)
    return Count(len(found))


VERBS: dict[type[exp.Expression], Callable[[LightSession, Unit], Count]] = {
    exp.Insert: insert,
    exp.Update: update,
    exp.Delete: delete,
}
