"""Checks of the tokens before sqlglot parses them: MySQL's stricter grammar, and nesting that would endanger the stack.

Calls of functions are renamed here, so that sqlglot keeps them as written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot.tokens import Token, TokenType

from ...session import SQLError
from ..values import errors

PREFIX = "f:"

MAX_DEPTH = 60

# Operators and names, which make deep trees; and these together with the literals of a long list.
MAX_TOKENS = 60_000

MAX_DATA = 1_000_000

_T = TokenType

# Calls whose arguments are not a plain list; sqlglot parses these into nodes of their own.
_SYNTAX_CALLS = frozenset(
    {"CAST", "CONVERT", "EXTRACT", "TRIM", "POSITION", "GROUP_CONCAT", "SUBSTRING", "SUBSTR", "VALUES"}
)

_DATA = frozenset({_T.STRING, _T.NUMBER, _T.NULL, _T.COMMA, _T.L_PAREN, _T.R_PAREN})

# sqlglot tries every nesting of joins that lack their ON.
MAX_BARE_JOINS = 8

_WITH_FROM = frozenset({"TRIM", "SUBSTRING", "SUBSTR", "MID", "EXTRACT"})

_AFTER_NAME = frozenset({
    _T.INTO, _T.TABLE, _T.JOIN, _T.FROM, _T.UPDATE, _T.ALIAS, _T.REFERENCES, _T.INDEX, _T.WITH, _T.RECURSIVE, _T.DOT,
    _T.VIEW, _T.CONSTRAINT, _T.UNIQUE, _T.INSERT,
})  # fmt: skip

_TIGHT = frozenset(
    """COUNT SUM MIN MAX AVG GROUP_CONCAT BIT_AND BIT_OR BIT_XOR STD STDDEV VARIANCE STDDEV_POP STDDEV_SAMP
    VAR_POP VAR_SAMP NOW CURDATE CURTIME SYSDATE DATE_ADD DATE_SUB ADDDATE SUBDATE MID SUBSTRING SUBSTR TRIM
    CAST EXTRACT POSITION""".split()  # noqa: SIM905
)

_PREFIXES = frozenset({_T.NOT, _T.DASH, _T.PLUS, _T.TILDE})

ENDS_ITEMS = frozenset({
    _T.FROM, _T.WHERE, _T.GROUP_BY, _T.HAVING, _T.ORDER_BY, _T.LIMIT, _T.UNION, _T.EXCEPT, _T.INTERSECT, _T.INTO,
    _T.WINDOW, _T.ON,
})  # fmt: skip

_CASTABLE = frozenset(
    """SIGNED UNSIGNED INTEGER INT DECIMAL DEC CHAR CHARACTER NCHAR VARCHAR DATE DATETIME TIME BINARY DOUBLE
    FLOAT""".split()  # noqa: SIM905
)

# Words that name no column and no table unless quoted (MariaDB's list, without those that only DDL meets).
RESERVED = frozenset(
    """ADD ALL ALTER ANALYZE AND AS ASC BEFORE BETWEEN BOTH BY CALL CASCADE CASE CHANGE CHECK COLLATE COLUMN
    CONDITION CONSTRAINT CONVERT CREATE CROSS CURSOR DATABASES DEFAULT DELETE DESC DESCRIBE DISTINCT DIV DROP
    EACH ELSE EXCEPT EXISTS EXIT EXPLAIN FETCH FOR FORCE FOREIGN FROM FULLTEXT GRANT GROUP HAVING IF IGNORE IN
    INDEX INNER INSERT INTERSECT INTERVAL INTO IS JOIN KEY KEYS KILL LEADING LEFT LIKE LIMIT LINES LOAD LOCK
    LOOP MATCH MOD NATURAL NOT NULL ON OPTIMIZE OPTION OR ORDER OUT OUTER OVER PARTITION PRIMARY PROCEDURE RANGE
    READ REFERENCES REGEXP RENAME REPEAT REPLACE REQUIRE RESTRICT RETURN REVOKE RIGHT RLIKE SCHEMAS SELECT SET
    SHOW SQL STARTING TABLE THEN TO TRAILING TRIGGER UNDO UNION UNIQUE UNLOCK UPDATE USAGE USE USING VALUES WHEN
    WHERE WHILE WITH WRITE XOR""".split()  # noqa: SIM905
)

# Before a parenthesis these are no name: operators, literals and the commonest keywords.
_NO_NAMES = frozenset({
    _T.COMMA, _T.L_PAREN, _T.R_PAREN, _T.EQ, _T.NEQ, _T.LT, _T.GT, _T.LTE, _T.GTE, _T.PLUS, _T.DASH, _T.STAR, _T.SLASH,
    _T.AND, _T.OR, _T.NOT, _T.WHERE, _T.SELECT, _T.ON, _T.HAVING, _T.VALUES, _T.IDENTIFIER, _T.STRING, _T.NUMBER, _T.IN,
    _T.EXISTS, _T.USING, _T.FROM, _T.JOIN, _T.ALIAS,
})  # fmt: skip

_NOT_CALLS = frozenset({"KEY", "OVER", "AGAINST", "INDEX", "SEPARATOR", "VALUE", "MATCH"})


def check_tokens(tokens: list[Token], sql: str, calls: frozenset[str]) -> list[Token]:
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
    return check.result


class _Check:
    """One pass over the tokens; each method looks at one kind of token."""

    def __init__(self, tokens: list[Token], sql: str, calls: frozenset[str]) -> None:
        self.tokens, self.sql, self.calls = tokens, sql, calls
        self.kinds = [t.token_type for t in tokens]
        self.result = list(tokens)
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
                self.result[at] = Token(_T.DOUBLE, "DOUBLE", token.line, token.col, token.start, token.end)

    def near(self, at: int) -> SQLError:
        token = self.tokens[min(at, len(self.tokens) - 1)]
        return errors.syntax(self.sql[token.start :], token.line)

    def enter(self, at: int) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise errors.too_deep()

    def leave(self, at: int) -> None:
        self.after_comma(at)
        if self.depth == self.convert_at:
            self.convert_at = -1
        self.casts.discard(self.depth)
        self.parts.discard(self.depth)
        self.depth -= 1

    def open_paren(self, at: int) -> None:
        self.enter(at)
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
        is_function = name in self.calls or (before.token_type == _T.VAR and name not in _NOT_CALLS)
        if not is_function or not self.renaming or self.convert_at >= 0 or name in _SYNTAX_CALLS:
            return
        if inside or _is_call(self.tokens, at - 1):
            self.result[at - 1] = Token(_T.VAR, PREFIX + name, before.line, before.col, before.start, before.end)

    def prefix(self, at: int) -> None:
        self.run = self.run + 1 if at and self.kinds[at - 1] in _PREFIXES else 1
        if self.run > MAX_DEPTH:
            raise errors.too_deep()

    def join(self, at: int) -> None:
        self.table_name(at)
        self.bare_joins += not {_T.CROSS, _T.NATURAL} & set(self.kinds[max(0, at - 3) : at])
        if self.bare_joins > MAX_BARE_JOINS:
            raise errors.too_deep()

    def join_end(self, at: int) -> None:
        self.bare_joins = max(0, self.bare_joins - 1)

    def query(self, at: int) -> None:
        self.renaming = True

    def foreign(self, at: int) -> None:
        """Refuse syntax of other dialects."""
        raise self.near(at)

    def dot(self, at: int) -> None:
        """A name is missing between two points."""
        if at and self.kinds[at - 1] == _T.DOT:
            raise self.near(at)

    def semicolon(self, at: int) -> None:
        raise self.near(at + 1)

    def alias(self, at: int) -> None:
        if self.depth in self.casts and at + 1 < len(self.tokens) and self.tokens[at + 1].text.upper() not in _CASTABLE:
            raise self.near(at + 1)

    def target(self, at: int) -> None:
        self.after_comma(at)
        if at + 1 < len(self.tokens) and self.tokens[at + 1].text.upper() in ("OUTFILE", "DUMPFILE"):
            raise errors.access_denied("FILE")
        self.table_name(at)

    def table_name(self, at: int) -> None:
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
    **dict.fromkeys(ENDS_ITEMS - {_T.ON}, _Check.after_comma),
    **dict.fromkeys(_PREFIXES, _Check.prefix),
    **dict.fromkeys((_T.DCOLON, _T.ILIKE, _T.QUALIFY, _T.L_BRACKET, _T.PIVOT), _Check.foreign),
    _T.L_PAREN: _Check.open_paren,
    _T.R_PAREN: _Check.leave,
    _T.CASE: _Check.enter,
    _T.END: _Check.leave,
    _T.SELECT: _Check.query,
    _T.SEMICOLON: _Check.semicolon,
    _T.DOT: _Check.dot,
    _T.ALIAS: _Check.alias,
    _T.COMMA: _Check.after_comma,
    _T.INTO: _Check.target,
    _T.FROM: _Check.table_name,
    _T.JOIN: _Check.join,
    _T.ON: _Check.join_end,
    _T.USING: _Check.join_end,
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
