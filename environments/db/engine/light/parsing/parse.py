"""From MySQL text to sqlglot's tree, with the bounds and the strictness that sqlglot leaves out.

Function calls are renamed to `f:NAME` among the tokens, so that sqlglot keeps them as written instead of translating
them; what MySQL's grammar refuses and sqlglot lets pass is found among the tokens too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from ...session import SQLError, Unsupported
from ..values import errors
from .intervals import bracket_amounts
from .tokens import ENDS_ITEMS, check_tokens

_PIECE = re.compile(r"'(?>[^'\\]+|\\.)*+(?:'|\Z)|\"(?>[^\"\\]+|\\.)*+(?:\"|\Z)|\w+|[^\w\s]", re.DOTALL)
_REPLACE = re.compile(r"\A(\s*)REPLACE\b", re.IGNORECASE)
_T = TokenType
_MODIFIERS = frozenset({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"})
_DIALECT = MySQL()


@dataclass(slots=True)
class Statement:
    """One statement: its tree, its text and its tokens (for the names of unaliased columns)."""

    tree: exp.Expression
    sql: str
    tokens: list[Token]
    # REPLACE and IGNORE, which sqlglot does not know where MySQL has them.
    replacing: bool = False
    ignoring: bool = False
    _texts: list[list[str]] | None = field(default=None)
    _order: dict[int, int] | None = field(default=None)

    def item_text(self, select: exp.Expression, position: int) -> str:
        """The text of a select item as written: MySQL's name for an unaliased expression."""
        if self._texts is None or self._order is None:
            self._texts = _item_texts(self.tokens, self.sql)
            self._order = {id(node): n for n, node in enumerate(_selects(self.tree))}
        place = self._order.get(id(select), len(self._texts))
        if place >= len(self._texts) or position >= len(self._texts[place]):
            raise Unsupported("an unnamed expression here", "an alias with AS")
        return self._texts[place][position]


def require_few_tokens(sql: str, most: int) -> None:
    """Raise 1436 for a text of too many words and signs, before sqlglot makes an object of each."""
    if len(sql) > most and next(islice(_PIECE.finditer(sql), most, None), None):
        raise errors.too_deep()


def parse(sql: str, calls: frozenset[str]) -> Statement:
    """Parse exactly one statement; `calls` are the function names to keep as written. Raises SQLError only."""
    replacing = _REPLACE.match(sql) is not None
    try:
        # sqlglot has no REPLACE; INSERT and a space keep all positions.
        tokens = _DIALECT.tokenize(_REPLACE.sub(r"\1INSERT ", sql) if replacing else sql)
    except TokenError as e:
        raise errors.syntax(sql[-60:], sql.count("\n") + 1) from e
    while tokens and tokens[-1].token_type == _T.SEMICOLON:
        tokens.pop()
    if not tokens:
        raise errors.empty_query()
    ignoring = _strip_modifiers(tokens)
    checked_tokens = bracket_amounts(check_tokens(tokens, sql, calls))
    try:
        trees = _DIALECT.parser().parse(checked_tokens, sql)
    except ParseError as e:
        raise _syntax_error(e) from e
    except RecursionError as e:
        raise errors.too_deep() from e
    except (TypeError, AttributeError, IndexError, ValueError, KeyError) as e:
        # sqlglot trips over some malformed statements instead of saying so.
        raise errors.syntax(sql, 1) from e
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise errors.syntax(sql, 1)
    return Statement(trees[0], sql, checked_tokens, replacing, ignoring)


def _strip_modifiers(tokens: list[Token]) -> bool:
    """Drop LOW_PRIORITY, QUICK and IGNORE behind a verb. Whether there was an IGNORE."""
    if tokens[0].token_type not in (_T.INSERT, _T.UPDATE, _T.DELETE):
        return False
    ignoring = False
    while len(tokens) > 1 and tokens[1].text.upper() in _MODIFIERS and tokens[1].token_type != _T.IDENTIFIER:
        ignoring |= tokens.pop(1).text.upper() == "IGNORE"
    return ignoring


def _syntax_error(error: ParseError) -> SQLError:
    first = error.errors[0] if error.errors else {}
    near = f"{first.get('highlight') or ''}{first.get('end_context') or ''}"
    return errors.syntax(near, int(first.get("line") or 1))


def _item_texts(tokens: Sequence[Token], sql: str) -> list[list[str]]:
    """For each SELECT in order of appearance, the texts of its items."""
    texts: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.token_type == _T.SELECT:
            texts.append(_items_from(tokens, at + 1, sql))
    return texts


def _items_from(tokens: Sequence[Token], at: int, sql: str) -> list[str]:
    items: list[str] = []
    depth = 0
    while at < len(tokens) and tokens[at].token_type in (_T.DISTINCT, _T.ALL):
        at += 1
    first = at
    while at < len(tokens):
        kind = tokens[at].token_type
        if kind == _T.L_PAREN:
            depth += 1
        elif kind == _T.R_PAREN:
            depth -= 1
            if depth < 0:
                break
        elif depth == 0 and (kind == _T.COMMA or kind in ENDS_ITEMS):
            if kind != _T.COMMA:
                break
            items.append(sql[tokens[first].start : tokens[at - 1].end + 1])
            first = at + 1
        at += 1
    if first < at:
        items.append(sql[tokens[first].start : tokens[at - 1].end + 1])
    return items


_CLAUSES = (
    "with_", "this", "expressions", "from_", "joins", "where", "group", "having", "windows", "expression", "order",
    "limit", "offset",
)  # fmt: skip


def _selects(node: exp.Expression) -> list[exp.Select]:
    """The SELECTs of a tree in the order in which they stand in the text."""
    selects: list[exp.Select] = [node] if isinstance(node, exp.Select) else []
    names = [n for n in _CLAUSES if n in node.args] + [n for n in node.args if n not in _CLAUSES]
    if isinstance(node, exp.Select):
        names = [n for n in names if n != "with_"]
        lead = node.args.get("with_")
        if lead is not None:
            selects = [*_selects(lead), *selects]
    for name in names:
        value = node.args[name]
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, exp.Expression):
                selects.extend(_selects(child))
    return selects
