"""From MySQL text to sqlglot's tree, with the bounds and the strictness that sqlglot leaves out.

Function calls are renamed to `f:NAME` among the tokens, so that sqlglot keeps them as written instead of translating
them; what MySQL's grammar refuses and sqlglot lets pass is found among the tokens too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokens import Token, TokenType

from ..session import SQLError, Unsupported
from . import errors

PREFIX = "f:"
MAX_DEPTH = 60
# Operators and names, which make deep trees; and these together with the literals of a long list.
MAX_TOKENS = 60_000
MAX_DATA = 1_000_000
_T = TokenType
# Calls whose arguments are not a plain list; sqlglot parses these into nodes of their own.
_SYNTAX_CALLS = frozenset({"CAST", "CONVERT", "EXTRACT", "TRIM", "POSITION", "GROUP_CONCAT", "SUBSTRING", "SUBSTR", "VALUES"})
_DATA = frozenset({_T.STRING, _T.NUMBER, _T.NULL, _T.COMMA, _T.L_PAREN, _T.R_PAREN})
# sqlglot tries every nesting of joins that lack their ON.
MAX_BARE_JOINS = 8
_WITH_FROM = frozenset({"TRIM", "SUBSTRING", "SUBSTR", "MID", "EXTRACT"})
_AFTER_NAME = frozenset({
    _T.INTO, _T.TABLE, _T.JOIN, _T.FROM, _T.UPDATE, _T.ALIAS, _T.REFERENCES, _T.INDEX, _T.WITH, _T.RECURSIVE, _T.DOT,
    _T.VIEW, _T.CONSTRAINT, _T.UNIQUE, _T.INSERT,
})  # fmt: skip
_TIGHT = frozenset(
    "COUNT SUM MIN MAX AVG GROUP_CONCAT BIT_AND BIT_OR BIT_XOR STD STDDEV VARIANCE STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP "
    "NOW CURDATE CURTIME SYSDATE DATE_ADD DATE_SUB ADDDATE SUBDATE MID SUBSTRING SUBSTR TRIM CAST EXTRACT POSITION".split()
)
_PREFIXES = frozenset({_T.NOT, _T.DASH, _T.PLUS, _T.TILDE})
_ENDS_ITEMS = frozenset({
    _T.FROM, _T.WHERE, _T.GROUP_BY, _T.HAVING, _T.ORDER_BY, _T.LIMIT, _T.UNION, _T.EXCEPT, _T.INTERSECT, _T.INTO,
    _T.WINDOW, _T.ON,
})  # fmt: skip
_REPLACE = re.compile(r"\A(\s*)REPLACE\b", re.IGNORECASE)
_CASTABLE = frozenset(
    "SIGNED UNSIGNED INTEGER INT DECIMAL DEC CHAR CHARACTER NCHAR VARCHAR DATE DATETIME TIME BINARY DOUBLE FLOAT".split()
)
# Words that name no column and no table unless quoted (MariaDB's list, without those that only DDL meets).
RESERVED = frozenset(
    """ADD ALL ALTER ANALYZE AND AS ASC BEFORE BETWEEN BOTH BY CALL CASCADE CASE CHANGE CHECK COLLATE COLUMN CONDITION
    CONSTRAINT CONVERT CREATE CROSS CURSOR DATABASES DEFAULT DELETE DESC DESCRIBE DISTINCT DIV DROP EACH ELSE EXCEPT
    EXISTS EXIT EXPLAIN FETCH FOR FORCE FOREIGN FROM FULLTEXT GRANT GROUP HAVING IF IGNORE IN INDEX INNER INSERT
    INTERSECT INTERVAL INTO IS JOIN KEY KEYS KILL LEADING LEFT LIKE LIMIT LINES LOAD LOCK LOOP MATCH MOD NATURAL NOT
    NULL ON OPTIMIZE OPTION OR ORDER OUT OUTER OVER PARTITION PRIMARY PROCEDURE RANGE READ REFERENCES REGEXP RENAME
    REPEAT REPLACE REQUIRE RESTRICT RETURN REVOKE RIGHT RLIKE SCHEMAS SELECT SET SHOW SQL STARTING TABLE THEN TO
    TRAILING TRIGGER UNDO UNION UNIQUE UNLOCK UPDATE USAGE USE USING VALUES WHEN WHERE WHILE WITH WRITE XOR""".split()
)
# Before a parenthesis these are no name: operators, literals and the commonest keywords.
_NO_NAMES = frozenset({
    _T.COMMA, _T.L_PAREN, _T.R_PAREN, _T.EQ, _T.NEQ, _T.LT, _T.GT, _T.LTE, _T.GTE, _T.PLUS, _T.DASH, _T.STAR, _T.SLASH,
    _T.AND, _T.OR, _T.NOT, _T.WHERE, _T.SELECT, _T.ON, _T.HAVING, _T.VALUES, _T.IDENTIFIER, _T.STRING, _T.NUMBER, _T.IN,
    _T.EXISTS, _T.USING, _T.FROM, _T.JOIN, _T.ALIAS,
})  # fmt: skip
_NOT_CALLS = frozenset({"KEY", "OVER", "AGAINST", "INDEX", "SEPARATOR", "VALUE", "MATCH"})
_MODIFIERS = frozenset({"LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE"})
_DIALECT = MySQL()


@dataclass(slots=True)
class Parsed:
    """One statement: its tree, its text and its tokens (for the names of unaliased columns)."""

    tree: exp.Expression
    sql: str
    tokens: list[Token]
    # REPLACE and IGNORE, which sqlglot does not know where MySQL has them.
    replacing: bool = False
    ignoring: bool = False
    _texts: list[list[str]] | None = field(default=None)
    _order: dict[int, int] | None = field(default=None)

    def item_text(self, select: exp.Select, position: int) -> str:
        """The text of a select item as written: MySQL's name for an unaliased expression."""
        if self._texts is None or self._order is None:
            self._texts = _item_texts(self.tokens, self.sql)
            self._order = {id(node): n for n, node in enumerate(_selects(self.tree))}
        place = self._order.get(id(select), len(self._texts))
        if place >= len(self._texts) or position >= len(self._texts[place]):
            raise Unsupported("an unnamed expression here", "an alias with AS")
        return self._texts[place][position]


def parse(sql: str, calls: frozenset[str]) -> Parsed:
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
    kept = _checked(tokens, sql, calls)
    try:
        trees = _DIALECT.parser().parse(kept, sql)
    except ParseError as e:
        raise _syntax_error(e, sql) from e
    except RecursionError as e:
        raise errors.too_deep() from e
    except (TypeError, AttributeError, IndexError, ValueError, KeyError) as e:
        # sqlglot trips over some malformed statements instead of saying so.
        raise errors.syntax(sql, 1) from e
    if len(trees) != 1 or trees[0] is None:
        raise errors.syntax(sql, 1)
    return Parsed(trees[0], sql, kept, replacing, ignoring)


def _strip_modifiers(tokens: list[Token]) -> bool:
    """Drop LOW_PRIORITY, QUICK and IGNORE behind a verb. Whether there was an IGNORE."""
    if tokens[0].token_type not in (_T.INSERT, _T.UPDATE, _T.DELETE):
        return False
    ignoring = False
    while len(tokens) > 1 and tokens[1].text.upper() in _MODIFIERS and tokens[1].token_type != _T.IDENTIFIER:
        ignoring |= tokens.pop(1).text.upper() == "IGNORE"
    return ignoring


def _syntax_error(error: ParseError, sql: str) -> SQLError:
    first = error.errors[0] if error.errors else {}
    near = f"{first.get('highlight') or ''}{first.get('end_context') or ''}"
    return errors.syntax(near, int(first.get("line") or 1))


def _checked(tokens: list[Token], sql: str, calls: frozenset[str]) -> list[Token]:
    """The tokens with calls renamed; raises where MySQL's grammar would, or where nesting endangers the stack."""
    plain = sum(t.token_type in _DATA for t in tokens) if len(tokens) > MAX_TOKENS else 0
    if len(tokens) - plain > MAX_TOKENS or len(tokens) > MAX_DATA:
        raise errors.too_deep()
    check = _Check(tokens, sql, calls)
    for at, kind in enumerate(check.kinds):
        look = _LOOKS.get(kind)
        if look is not None:
            look(check, at)
    if check.kinds[-1] in (_T.COMMA, _T.SELECT):
        raise errors.syntax("", tokens[-1].line)
    return check.kept


class _Check:
    """One pass over the tokens; each method looks at one kind of token."""

    def __init__(self, tokens: list[Token], sql: str, calls: frozenset[str]) -> None:
        self.tokens, self.sql, self.calls = tokens, sql, calls
        self.kinds = [t.token_type for t in tokens]
        self.kept = list(tokens)
        # In DDL a name before a parenthesis is a type or a table, until a query begins.
        self.renaming = self.kinds[0] not in (_T.CREATE, _T.ALTER, _T.SHOW)
        self.depth = self.run = 0
        self.convert_at = -1
        self.casts: set[int] = set()
        self.bare_joins = 0
        self.parts: set[int] = set()  # depths inside TRIM(x FROM y) and its kin
        if not self.renaming:
            self._double()

    def _double(self) -> None:
        """sqlglot takes REAL for FLOAT; in MySQL it is DOUBLE."""
        for at, token in enumerate(self.tokens):
            if token.text.upper() == "REAL" and token.token_type != _T.IDENTIFIER:
                self.kept[at] = Token(_T.DOUBLE, "DOUBLE", token.line, token.col, token.start, token.end)

    def near(self, at: int) -> SQLError:
        token = self.tokens[min(at, len(self.tokens) - 1)]
        return errors.syntax(self.sql[token.start :], token.line)

    def down(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise errors.too_deep()

    def up(self, at: int) -> None:
        self.after_comma(at)
        if self.depth == self.convert_at:
            self.convert_at = -1
        self.casts.discard(self.depth)
        self.parts.discard(self.depth)
        self.depth -= 1

    def opened(self, at: int) -> None:
        self.down(at)
        if at == 0 or self.kinds[at - 1] in _NO_NAMES:
            return
        before = self.tokens[at - 1]
        name = before.text.upper()
        if name == "CONVERT":
            self.convert_at = self.depth
        elif name == "CAST":
            self.casts.add(self.depth)
        elif name in _WITH_FROM:
            self.parts.add(self.depth)
        inside = self.depth - 1 in self.parts
        if name in _TIGHT and self.tokens[at].start > before.end + 1 and (inside or _is_call(self.tokens, at - 1)):
            raise self.near(at + 1)
        known = name in self.calls or (before.token_type == _T.VAR and name not in _NOT_CALLS)
        if not known or not self.renaming or self.convert_at >= 0 or name in _SYNTAX_CALLS:
            return
        if inside or _is_call(self.tokens, at - 1):
            self.kept[at - 1] = Token(_T.VAR, PREFIX + name, before.line, before.col, before.start, before.end)

    def prefix(self, at: int) -> None:
        self.run = self.run + 1 if at and self.kinds[at - 1] in _PREFIXES else 1
        if self.run > MAX_DEPTH:
            raise errors.too_deep()

    def join(self, at: int) -> None:
        self.named(at)
        self.bare_joins += not {_T.CROSS, _T.NATURAL} & set(self.kinds[max(0, at - 3) : at])
        if self.bare_joins > MAX_BARE_JOINS:
            raise errors.too_deep()

    def joined(self, at: int) -> None:
        self.bare_joins = max(0, self.bare_joins - 1)

    def query(self, at: int) -> None:
        self.renaming = True

    def foreign(self, at: int) -> None:
        """What other dialects have and MySQL has not."""
        raise self.near(at)

    def semicolon(self, at: int) -> None:
        raise self.near(at + 1)

    def alias(self, at: int) -> None:
        if self.depth in self.casts and at + 1 < len(self.tokens) and self.tokens[at + 1].text.upper() not in _CASTABLE:
            raise self.near(at + 1)

    def target(self, at: int) -> None:
        self.after_comma(at)
        if at + 1 < len(self.tokens) and self.tokens[at + 1].text.upper() in ("OUTFILE", "DUMPFILE"):
            raise errors.denied("FILE")
        self.named(at)

    def named(self, at: int) -> None:
        """A table must follow, and a string is none."""
        self.after_comma(at)
        if self.depth in self.parts:
            return
        if at + 1 < len(self.kinds) and self.kinds[at + 1] == _T.STRING:
            raise self.near(at + 1)

    def after_comma(self, at: int) -> None:
        """A list's item is missing before this token."""
        before = self.kinds[at - 1] if at else None
        if before in (_T.COMMA, _T.SELECT) or (before == _T.L_PAREN and self.kinds[at] == _T.COMMA):
            raise self.near(at)


_LOOKS: dict[TokenType, Callable[[_Check, int], None]] = {
    **dict.fromkeys(_ENDS_ITEMS - {_T.ON}, _Check.after_comma),
    **dict.fromkeys(_PREFIXES, _Check.prefix),
    **dict.fromkeys((_T.DCOLON, _T.ILIKE, _T.QUALIFY, _T.L_BRACKET, _T.PIVOT), _Check.foreign),
    _T.L_PAREN: _Check.opened,
    _T.R_PAREN: _Check.up,
    _T.CASE: _Check.down,
    _T.END: _Check.up,
    _T.SELECT: _Check.query,
    _T.SEMICOLON: _Check.semicolon,
    _T.ALIAS: _Check.alias,
    _T.COMMA: _Check.after_comma,
    _T.INTO: _Check.target,
    _T.FROM: _Check.named,
    _T.JOIN: _Check.join,
    _T.ON: _Check.joined,
    _T.USING: _Check.joined,
}


def _is_call(tokens: Sequence[Token], at: int) -> bool:
    """Whether a name before a parenthesis is a function's, not a table's before its columns."""
    if at == 0:
        return False
    before = tokens[at - 1]
    if before.token_type in _AFTER_NAME:
        return False
    if before.token_type == _T.COMMA and _is_cte(tokens, at):
        return False
    return not (before.token_type == _T.VAR and before.text.upper() in ("INTO", "RECURSIVE", "IGNORE", "AS"))


def _is_cte(tokens: Sequence[Token], at: int) -> bool:
    """Whether `name (` at this place begins a further CTE: `name (columns) AS (`."""
    if tokens[0].token_type != _T.WITH:
        return False
    while at < len(tokens) and tokens[at].token_type != _T.R_PAREN:
        at += 1
    return at + 1 < len(tokens) and tokens[at + 1].token_type == _T.ALIAS


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
        elif depth == 0 and (kind == _T.COMMA or kind in _ENDS_ITEMS):
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
    found: list[exp.Select] = [node] if isinstance(node, exp.Select) else []
    names = [n for n in _CLAUSES if n in node.args] + [n for n in node.args if n not in _CLAUSES]
    if isinstance(node, exp.Select):
        names = [n for n in names if n != "with_"]
        lead = node.args.get("with_")
        if lead is not None:
            found = [*_selects(lead), *found]
    for name in names:
        value = node.args[name]
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, exp.Expression):
                found.extend(_selects(child))
    return found
