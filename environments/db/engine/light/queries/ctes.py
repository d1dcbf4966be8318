"""WITH: each CTE is put in where it is named; a recursive one becomes SQLite's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..expressions import comparisons
from ..expressions.expr import Query, text_literal
from ..expressions.names import TableSource
from ..expressions.scope import Unit
from ..parsing.node_parts import refuse_other_parts
from ..values import errors
from ..values import types as ty
from . import from_clause
from .text_lengths import text_lengths

# MariaDB stops recursion here (max_recursive_iterations) and keeps what it has; we refuse instead.
_MAX_ITERATIONS = 1000


def define_ctes(unit: Unit, lead: exp.Expression) -> None:
    """Add the CTEs of a WITH to the innermost level of the compilation."""
    level, awaited = unit.ctes[-1], unit.awaited
    if lead.args.get("recursive"):
        unit.awaited = awaited | {cte.alias.lower() for cte in lead.expressions}
    _require_distinct(lead)
    for cte in lead.expressions:
        refuse_other_parts(cte, frozenset({"this", "alias"}))
        name, columns = cte.alias, tuple(c.name for c in cte.args["alias"].args.get("columns") or ())
        body = cte.this
        if lead.args.get("recursive") and any(t.name.lower() == name.lower() for t in body.find_all(exp.Table)):
            query = _recursive(unit, name, columns, body)
        else:
            query = unit.select(unit, body, None)
        if columns:
            if len(columns) != len(query.names):
                raise _column_lists_differ()
            query = Query(query.sql, columns, query.types, query.merged)
        from_clause.require_distinct(query.names)
        level[name.lower()] = named_source(unit, name, query)
    unit.awaited = awaited


def _require_distinct(lead: exp.Expression) -> None:
    """Raise 4004 for a name that WITH gives twice, and 1060 for a column that a list names twice."""
    names: set[str] = set()
    for cte in lead.expressions:
        if cte.alias.lower() in names:
            raise SQLError(4004, "HY000", f"Duplicate query name `{cte.alias}` in WITH clause")
        names.add(cte.alias.lower())
        columns: set[str] = set()
        for column in cte.args["alias"].args.get("columns") or ():
            if column.name.lower() in columns:
                raise errors.duplicate_column(column.name)
            columns.add(column.name.lower())


def _column_lists_differ() -> SQLError:
    return SQLError(4002, "HY000", "WITH column list and SELECT field list have different column counts")


def named_source(unit: Unit, name: str, query: Query) -> Callable[[], TableSource]:
    """A query as a table of FROM, put in anew wherever it is named."""

    def source() -> TableSource:
        alias = unit.alias()
        return TableSource(name, alias, from_clause.named_columns(query, alias), f"({query.sql}) AS {alias}")

    return source


def _lengths(unit: Unit, node: exp.Expression, first: Query) -> list[int | None]:
    """How long the texts of a recursive query may get: MariaDB takes that from the first rows, and rejects longer ones."""
    known = text_lengths(unit.catalog, node, len(first.types))
    lengths = [length if t.kind == ty.STR else None for length, t in zip(known, first.types, strict=True)]
    if any(t.kind == ty.STR and length is None for length, t in zip(lengths, first.types, strict=True)):
        raise Unsupported("a text of unknown length in a recursive query", "CAST(... AS CHAR(n)) in its first SELECT")
    return lengths


def _collation(kind: ty.Type) -> str:
    return f" {comparisons.collation(kind)}" if kind.kind in ty.TEXTUAL else ""


def _converts(have: ty.Type, want: ty.Type) -> bool:
    """Whether a value of one type is another value as one of the other type."""
    if have.kind == ty.NULL or (want.kind == ty.STR and have.kind in (ty.STR, ty.DATE, ty.ENUM)):
        return False
    finer = have.frac != want.frac if have.kind == ty.DEC else have.kind == ty.DATETIME and have.scale != want.scale
    return have.kind != want.kind or finer or (have.kind == ty.DEC and have.cut)


def _recursive(unit: Unit, name: str, columns: Sequence[str], body: exp.Expression) -> Query:
    """WITH RECURSIVE as SQLite's own, with a count of iterations beside each row."""
    if not isinstance(body, exp.Union) or body.args.get("order") or body.args.get("limit"):
        raise Unsupported("this recursive query", "SELECT ... UNION ALL SELECT ...")
    if body.args.get("with_"):
        raise Unsupported("WITH inside of a recursive query", "one WITH RECURSIVE for all")
    if any(name.lower() == t.name.lower() for t in body.this.find_all(exp.Table)):
        raise Unsupported("this recursion in WITH", "the rows to begin with first")
    first = unit.select(unit, body.this, None)
    # Recursion outgrows whatever bound the first row's digits suggest.
    first = Query(first.sql, first.names, tuple(replace(t, digits=max(t.digits, 19)) for t in first.types))
    names = tuple(columns) or first.names
    if len(names) != len(first.names):
        raise _column_lists_differ()
    lengths = _lengths(unit, body.this, first)
    inner, keeps_duplicates = unit.alias(), not body.args.get("distinct")

    def itself() -> TableSource:
        alias = unit.alias()
        columns = [(n, f"{alias}.o{i}", t) for i, (n, t) in enumerate(zip(names, first.types, strict=True))]
        return TableSource(name, alias, columns, f"{inner} AS {alias}")

    unit.ctes[-1][name.lower()] = itself
    again = unit.select(unit, body.expression, None)
    if len(again.names) != len(first.names):
        raise errors.select_counts()
    if any(_converts(have, want) for have, want in zip(again.types, first.types, strict=True)):
        raise Unsupported("a recursive query whose types change", "CAST in its first SELECT")
    outputs = ",".join(f"o{i}" for i in range(len(names)))
    start = ",".join(f"o{i}{_collation(t)} AS o{i}" for i, t in enumerate(first.types))
    tests = "".join(
        f" WHEN (SELECT sum(m_within(o{i},{length},{text_literal(n)})) FROM {inner})<0 THEN 0"
        for i, (n, length) in enumerate(zip(names, lengths, strict=True)) if length is not None
    )  # fmt: skip
    joiner = "UNION ALL" if keeps_duplicates else "UNION"
    sql = (
        f"WITH RECURSIVE {inner}({outputs}) AS (SELECT {start} FROM ({first.sql}) {joiner} "
        f"{again.sql} LIMIT {_MAX_ITERATIONS + 1}) "
        f"SELECT {outputs} FROM {inner} WHERE CASE WHEN (SELECT count(*) FROM {inner})>{_MAX_ITERATIONS}"
        f" THEN m_refuse({text_literal('recursion beyond 1000 rows')}){tests} ELSE 1 END"
    )
    return Query(sql, names, first.types)
