"""Calls of functions, from tokens to sqlglot's nodes: plain ones, and those whose arguments have words among them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from .lexer import NAME, STRING, WORD
from .reserved import CALLED, WITHOUT_PARENTHESES
from .windows import Windows

_DISTINCT = frozenset({"COUNT", "SUM", "AVG", "MIN", "MAX"})
_ONE = frozenset(
    """SUM AVG MIN MAX BIT_AND BIT_OR BIT_XOR STD STDDEV VARIANCE STDDEV_POP STDDEV_SAMP VAR_POP VAR_SAMP
    COUNT""".split()  # noqa: SIM905
)


class Calls(Windows):
    """The rules of function calls and of parentheses."""

    def opens_query(self, at: int) -> bool:
        """Whether the parenthesis at this place has a query in it, and no further parenthesis before that."""
        if self.keys[at] != "(":
            return False
        # VALUES of a name is a function; of anything else it begins a query.
        rows = self.keys[at + 1 : at + 3] == ["VALUES", "("] and self.kinds[at + 3] not in (NAME, WORD)
        return rows or self.keys[at + 1] in ("SELECT", "WITH", "TABLE")

    def subquery(self) -> exp.Subquery:
        """A query in parentheses, perhaps in several. Raises 1064."""
        self.expect("(")
        self.deeper()
        query = self.query()
        self.expect(")")
        self.depth -= 1
        return exp.Subquery(this=query)

    def parenthesized(self) -> exp.Expression:
        """`(…)`: an expression, a row of them, or a query."""
        if self.opens_query(self.at):
            return self.subquery()
        self.expect("(")
        self.deeper()
        if self.keys[self.at] == "(":
            node = self._nested()
        else:
            items = self.list_of(self.expression)
            node = exp.Paren(this=items[0]) if len(items) == 1 else exp.Tuple(expressions=items)
        self.expect(")")
        self.depth -= 1
        return node

    def _nested(self) -> exp.Expression:
        """What stands behind two parentheses: a query expression may begin with a query in parentheses."""
        start = self.at
        first = self.parenthesized()
        if isinstance(first, exp.Subquery):
            if self.keys[self.at] in ("UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT"):
                return exp.Subquery(this=self.query_after(first))
            if self.keys[self.at] == ")":
                return first
        self.at, self.resumed = start, (start, self.at, first)
        items = self.list_of(self.expression)
        return exp.Paren(this=items[0]) if len(items) == 1 else exp.Tuple(expressions=items)

    def call(self) -> exp.Expression:
        """`name(…)`, perhaps with OVER."""
        at = self.at
        key = self.keys[at]
        self.at = at + 2
        self.deeper()
        if self.keys[self.at] == ")":
            arguments: list[exp.Expression] = []
            if key in _ONE:
                raise self.error()
        else:
            arguments = self._arguments(key)
        self.expect(")")
        self.depth -= 1
        known = key in self.calls or key in WITHOUT_PARENTHESES or key in CALLED
        node = exp.Anonymous(this=key if known else self.texts[at], expressions=arguments)
        return self.windowed(node) if self.keys[self.at] == "OVER" else node

    def _arguments(self, key: str) -> list[exp.Expression]:
        if key == "COUNT" and self.keys[self.at] == "*":
            self.at += 1
            return [exp.Star()]
        if key == "JSON_ARRAYAGG":
            return self._gathered()
        if key not in _ONE:
            return self.list_of(lambda: self._argument(key))
        distinct = False
        if key in _DISTINCT:
            distinct = self.take("DISTINCT")
        if not distinct:
            self.take("ALL")
        arguments = self.list_of(self.expression) if distinct and key == "COUNT" else [self.expression()]
        return [exp.Distinct(expressions=arguments)] if distinct else arguments

    def _gathered(self) -> list[exp.Expression]:
        """The argument of JSON_ARRAYAGG."""
        if self.keys[self.at] == "DISTINCT":
            raise Unsupported("DISTINCT in JSON_ARRAYAGG", "a derived table")
        value = self.expression()
        if self.keys[self.at] in ("ORDER", "LIMIT"):
            raise Unsupported("ORDER BY and LIMIT in JSON_ARRAYAGG", "GROUP_CONCAT")
        return [value]

    def _argument(self, key: str) -> exp.Expression:
        """An argument, which only functions of users may name. Raises 1583 and 1584."""
        node = self.expression()
        if key in ("WEIGHT_STRING", "COLUMN_GET", "COLUMN_CREATE", "COLUMN_ADD") and self.keys[self.at] not in (
            ",",
            ")",
        ):
            raise Unsupported(f"this {key}", "CAST")
        if self.keys[self.at] in (",", ")") or (self.keys[self.at] != "AS" and not self.names_next()):
            return node
        self.alias()
        if self.keys[self.at] not in (",", ")"):
            raise self.error()
        raise errors.named_argument(key.lower(), native=key in self.calls)

    def special_call(self, key: str) -> exp.Expression | None:
        """A call whose arguments are no plain list; None for any other. The word and its parenthesis come next."""
        rule = _SPECIAL.get(key)
        if rule is None or (key not in _WITH_SPACE and self.tokens.starts[self.at + 1] != self.tokens.ends[self.at]):
            return None
        start = self.at
        self.at += 2
        self.deeper()
        node = rule(self)
        if node is None:
            self.at = start
        else:
            self.expect(")")
        self.depth -= 1
        if isinstance(node, exp.GroupConcat) and self.keys[self.at] == "OVER":
            return self.windowed(node)
        return node

    def _cast(self) -> exp.Expression:
        value = self.expression()
        self.expect("AS")
        return exp.Cast(this=value, to=self.cast_type(), safe=False)

    def _convert(self) -> exp.Expression:
        value = self.expression()
        if self.take("USING"):
            return exp.Cast(this=value, to=self.character_set(), safe=False)
        self.expect(",")
        return exp.Cast(this=value, to=self.cast_type(), safe=False)

    def _extract(self) -> exp.Expression:
        unit = self.unit()
        self.expect("FROM")
        return exp.Extract(this=unit, expression=self.expression())

    def _trim(self) -> exp.Expression:
        side = self.take_any("BOTH", "LEADING", "TRAILING")
        if side and self.take("FROM"):
            return exp.Trim(this=self.expression(), position=side)
        first = self.expression()
        if self.take("FROM"):
            return exp.Trim(this=self.expression(), expression=first, position=side or None)
        if side:
            raise self.error()
        return exp.Trim(this=first)

    def _substring(self) -> exp.Expression:
        arguments = [self.expression()]
        if self.take("FROM"):
            arguments.append(self.expression())
            if self.take("FOR"):
                arguments.append(self.expression())
        else:
            while self.take(","):
                arguments.append(self.expression())
        return exp.Anonymous(this="SUBSTRING", expressions=arguments)

    def _position(self) -> exp.Expression:
        part = self.expression(7)
        self.expect("IN")
        return exp.Anonymous(this="LOCATE", expressions=[part, self.expression()])

    def _group_concat(self) -> exp.Expression:
        distinct = self.take("DISTINCT")
        items = self.list_of(self.expression)
        value: exp.Expression = items[0] if len(items) == 1 else exp.Concat(expressions=items)
        if distinct:
            value = exp.Distinct(expressions=items)
        if self.take_all("ORDER", "BY"):
            value = exp.Order(this=value, expressions=self.list_of(self.ordered))
        separator = None
        if self.take("SEPARATOR"):
            if self.kinds[self.at] != STRING:
                raise self.error()
            separator = exp.Literal.string(self.texts[self.at])
            self.at += 1
        if self.take("LIMIT"):
            self.list_of(self.expression)
            value = exp.Limit(this=value)
        return exp.GroupConcat(this=value, separator=separator)

    def _shifted(self) -> exp.Expression:
        """DATE_ADD(date, INTERVAL n unit), ADDDATE(date, n) and their inverses."""
        name = self.keys[self.at - 2]
        value = self.expression()
        self.expect(",")
        if self.keys[self.at] == "INTERVAL":
            amount = self.interval()
        elif name in ("ADDDATE", "SUBDATE"):
            amount = self.expression()
        else:
            raise self.error()
        return exp.Anonymous(this=name, expressions=[value, amount])

    def _with_unit(self) -> exp.Expression:
        """TIMESTAMPADD(unit, n, date) and TIMESTAMPDIFF(unit, a, b)."""
        name = self.keys[self.at - 2]
        arguments: list[exp.Expression] = [self.unit()]
        self.expect(",")
        arguments.extend(self.list_of(self.expression))
        return exp.Anonymous(this=name, expressions=arguments)

    def _get_format(self) -> exp.Expression:
        kind = self.take_any("DATE", "TIME", "DATETIME", "TIMESTAMP")
        if not kind:
            raise self.error()
        self.expect(",")
        return exp.Anonymous(this="GET_FORMAT", expressions=[exp.Literal.string(kind), self.expression()])

    def _char(self) -> exp.Expression:
        arguments = self.list_of(self.expression)
        if self.take("USING"):
            return exp.Cast(this=exp.Anonymous(this="CHAR", expressions=arguments), to=self.character_set(), safe=False)
        return exp.Anonymous(this="CHAR", expressions=arguments)

    def _row(self) -> exp.Expression:
        items = self.list_of(self.expression)
        if len(items) == 1:
            raise self.error()
        return exp.Tuple(expressions=items)

    def _column_name(self) -> exp.Expression:
        """VALUES(column) and DEFAULT(column)."""
        name = self.keys[self.at - 2]
        names = [self.identifier()]
        while self.take("."):
            names.append(self.identifier())
        column = exp.Column(**dict(zip(("this", "table", "db"), reversed(names), strict=False)))
        return exp.Anonymous(this=name, expressions=[column])

    def _match(self) -> exp.Expression:
        columns = self.list_of(self.expression)
        self.expect(")", "AGAINST", "(")
        node = exp.MatchAgainst(this=self.expression(7), expressions=columns)
        while self.keys[self.at] not in (")", ""):
            self.at += 1
        return node


_SPECIAL: dict[str, Callable[[Calls], exp.Expression | None]] = {
    "CAST": Calls._cast, "CONVERT": Calls._convert, "EXTRACT": Calls._extract, "TRIM": Calls._trim,
    "SUBSTRING": Calls._substring, "SUBSTR": Calls._substring, "MID": Calls._substring, "POSITION": Calls._position,
    "GROUP_CONCAT": Calls._group_concat, "DATE_ADD": Calls._shifted, "DATE_SUB": Calls._shifted,
    "ADDDATE": Calls._shifted, "SUBDATE": Calls._shifted, "TIMESTAMPADD": Calls._with_unit,
    "TIMESTAMPDIFF": Calls._with_unit, "GET_FORMAT": Calls._get_format, "CHAR": Calls._char, "ROW": Calls._row,
    "VALUES": Calls._column_name, "VALUE": Calls._column_name, "DEFAULT": Calls._column_name, "MATCH": Calls._match,
}  # fmt: skip
_WITH_SPACE = frozenset(
    """CONVERT TIMESTAMPADD TIMESTAMPDIFF GET_FORMAT CHAR ROW VALUES DEFAULT MATCH""".split()  # noqa: SIM905
)
