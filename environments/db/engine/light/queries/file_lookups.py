"""WHERE over information_schema: a name that must equal a constant is looked up as a file, whose case counts on Linux."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ..expressions.scope import Scope


def file_lookups(scope: Scope, condition: exp.Expression) -> list[str]:
    """The tests, as SQLite texts, that a condition adds: all else compares such names without regard to case."""
    tests: list[str] = []
    if not scope.unit.describes:
        return tests
    for name, constant in _equalities(condition):
        column = scope.compile(name)
        if column.type.file:
            tests.append(f"({column.sql} COLLATE BINARY = {scope.compile(constant).sql})")
    return tests


def _equalities(condition: exp.Expression) -> Iterator[tuple[exp.Column, exp.Expression]]:
    """The columns that must equal something without columns, wherever the condition is true."""
    if isinstance(condition, exp.Paren):
        yield from _equalities(condition.this)
    elif isinstance(condition, exp.And):
        yield from _equalities(condition.this)
        yield from _equalities(condition.args["expression"])
    elif isinstance(condition, exp.EQ | exp.NullSafeEQ):
        for one, other in ((condition.this, condition.expression), (condition.expression, condition.this)):
            if isinstance(one, exp.Column) and other.find(exp.Column) is None:
                yield one, other
    elif isinstance(condition, exp.In) and isinstance(condition.this, exp.Column) and len(condition.expressions) == 1:
        yield condition.this, condition.expressions[0]
