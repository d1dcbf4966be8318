"""From the text of a statement to its compilation over a database as it is now."""

from __future__ import annotations

from .database import Database
from .expressions import function_calls
from .expressions.nodes import compile_expression
from .expressions.scope import Unit
from .parsing.parse import Statement, parse
from .queries.select import compile_query


def parse_statement(sql: str) -> Statement:
    """Parse exactly one statement, keeping the calls of MySQL's functions as written. Raises SQLError only."""
    return parse(sql, function_calls.NAMES)


def new_unit(database: Database, statement: Statement, *, strict: bool = False) -> Unit:
    """A new compilation over the present schema. `strict` makes bad values errors, as writes have them."""
    return Unit(
        database.catalog, database.name, statement, compile_query, compile_expression, function_calls.NAMES, strict,
        database.fold_names, variables=database.variables,
    )  # fmt: skip
