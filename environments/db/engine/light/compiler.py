"""From the text of a statement to its compilation over a database as it is now."""

from __future__ import annotations

from .database import Database
from .expressions import function_calls
from .expressions.nodes import compile_expression
from .expressions.scope import Unit
from .parsing.definitions import Definition
from .parsing.parse import Statement, parse, require_few_tokens
from .queries.select import compile_query
from .values import errors
from .values.bounds import Bounds

_BOUNDS = Bounds()


def parse_statement(sql: str, bounds: Bounds = _BOUNDS) -> Statement | Definition:
    """Parse exactly one statement, keeping the calls of MySQL's functions as written. Raises SQLError only."""
    require_short(sql, bounds)
    return parse(sql, function_calls.NAMES)


def require_short(sql: str, bounds: Bounds) -> None:
    """Raise 1153 or 1436 for a statement that is too long to be read within the bounds."""
    if len(sql) > bounds.text:
        raise errors.statement_too_long()
    require_few_tokens(sql, bounds.tokens)


def new_unit(database: Database, statement: Statement, *, strict: bool = False) -> Unit:
    """A new compilation over the present schema. `strict` makes bad values errors, as writes have them."""
    return Unit(
        database.catalog, database.name, statement, compile_query, compile_expression, function_calls.NAMES, strict,
        database.fold_names, variables=database.variables, check_time=database.bounds.check,
        autocommit=database.autocommit,
    )  # fmt: skip
