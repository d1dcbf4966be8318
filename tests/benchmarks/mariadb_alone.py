"""Where MariaDB 10.11 answers otherwise than MySQL 8, whose answer the light engine gives: each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simenv.plugins.environments.db.engine.session import Result, SQLError
from tests.environments.db.sql_differential import same_rows

KINDS = ("wrong rows or columns", "accepted, MySQL refuses", "wrong error", "other code")
"""The kinds of differences that such a statement may be."""

# A statement, what MariaDB says of it, and why MySQL 8 does not.
_RULES = (
    (r"(INSERT|REPLACE)\s+DELAYED\b", r"\(1616,", "MySQL 8 takes DELAYED for a plain INSERT"),
    (r".*\)\s*FOR\s+UPDATE$", r"\(1221,", "MySQL 8 takes FOR UPDATE behind queries in brackets"),
    (r".*CONCAT\(EXISTS\(", r".*\(b'", "MariaDB takes EXISTS for a binary string"),
    (r".*EXISTS\s*\(.*ORDER\s+BY.*SELECT", r"\(1242,", "MySQL 8 leaves the order of EXISTS out"),
    (r"SHOW\s+CREATE\s+TABLE", r".*\bdouble\(\d+,\d+\)", "MariaDB keeps the digits of a computed double in its type"),
    (r"CREATE\s+TABLE\s+(ADDDATE|SUBDATE)\(", r"\(\) \[\]", "MySQL 8 takes the name before a parenthesis for a call"),
    (r"UPDATE\s[^;]*,[^;]*\bORDER\s+BY\b", r"\(\) \[\]", "MySQL 8 has no ORDER BY in an UPDATE of several tables"),
    (r"CREATE\s+TABLE\b.*\bmariadb_schema\.", r"\(\) \[\]", "MariaDB's own way to name a type"),
    (r".*\b(STD\w*|VAR_?\w*)\s*\(.*\bIS\s+(NOT\s+)?NULL", r".*", "MariaDB takes a spread for NULL before it has one"),
    (r"SELECT\b.*\bUNION\b.*\bROLLUP\s+ORDER\s+BY\b", r"\(1221,", "MySQL 8 sorts what ROLLUP gives"),
    (r"SELECT\s+MAX\(.*\bHAVING\s+MAX\(", r".*\[\(None,\)\]", "MariaDB loses a HAVING over an impossible WHERE"),
)


def reason(statement: str, exact: str) -> str:
    """Why MySQL 8 answers otherwise than MariaDB's `exact`; empty where nothing is known."""
    for pattern, answer, why in _RULES:
        if re.match(rf"\s*{pattern}", statement, re.I | re.S) and re.match(answer, exact, re.S):
            return why
    return ""


def differ_in_estimates(light: Result | SQLError, exact: Result | SQLError) -> bool:
    """Whether two answers of SHOW INDEX are alike but for Cardinality, which InnoDB estimates and the light engine counts."""
    if not isinstance(light, Result) or not isinstance(exact, Result) or "Cardinality" not in exact.columns:
        return False
    rows = (without(answer, "Cardinality") for answer in (light, exact))
    return light.columns == exact.columns and same_rows(*rows, in_order=True)


def without(answer: Result, column: str) -> Sequence[tuple]:
    """The rows of an answer, one column left out."""
    kept = [n for n, name in enumerate(answer.columns) if name != column]
    return [tuple(row[n] for n in kept) for row in answer.rows]
