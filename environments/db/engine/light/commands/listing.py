"""A list that SHOW answers, and the rows of it that LIKE or WHERE select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from ...session import Result
from ..compiler import new_unit
from ..database import Database
from ..parsing.parse import Statement
from ..queries.ctes import named_source
from ..queries.information_schema import Row, constant
from ..queries.select import compile_query
from ..values import collation
from ..values import types as ty
from ..values.types import Type
from .words import Words

_NAME = "listing"
_NUMBER = Type(ty.INT, 18)


@dataclass(frozen=True, slots=True)
class Listing:
    """Columns (those in `numbers` hold integers, the others texts) and rows; LIKE looks at the first column.

    `exact`: LIKE tells `a` from `A`.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    exact: bool = False
    numbers: tuple[str, ...] = ()


def select(database: Database, words: Words, listing: Listing, *, like: bool = True) -> Result:
    """The rows of a list that the rest of the statement asks for. Raises 1064."""
    rows = list(listing.rows)
    if like and words.take("LIKE"):
        pattern = words.literal()
        rows = [row for row in rows if collation.like(str(row[0]), pattern, binary=int(listing.exact))]
    elif words.take("WHERE"):
        test = words.expression()
        words.end()
        return Result(listing.columns, _where(database, listing, test))
    words.end()
    return Result(listing.columns, rows)


def _where(database: Database, listing: Listing, test: exp.Expression) -> list[tuple]:
    """The rows for which a condition holds."""
    source = exp.From(expressions=[exp.Table(this=exp.Identifier(this=_NAME, quoted=True))])
    tree = exp.Select(expressions=[exp.Star()], from_=source, where=exp.Where(this=test))
    unit = new_unit(database, Statement(tree, ""))
    columns = [(c, _NUMBER if c in listing.numbers else ty.TEXT) for c in listing.columns]
    unit.ctes.append({_NAME: named_source(unit, _NAME, constant(_NAME, columns, listing.rows))})
    return database.fetch(compile_query(unit, tree, None))
