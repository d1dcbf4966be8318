"""MySQL's expressions, from tokens to sqlglot's nodes.

The rules are those of MySQL's grammar (`expr`, `bool_pri`, `predicate`, `bit_expr`, `simple_expr` in sql_yacc.yy), read by
precedence. What the grammar takes and no compiler knows becomes a node that the compilers refuse.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from .introducers import Introducers
from .lexer import BITS, END, HEX, NAME, NUMBER, OPERATOR, SETTING, STRING, VARIABLE
from .reserved import ADJACENT, CALLED, RESERVED, WITHOUT_PARENTHESES

OR, XOR, AND, NOT, COMPARISON, PREDICATE, BIT, ADDITION, UNARY = 1, 2, 3, 4, 5, 6, 7, 10, 13
"""Levels of precedence, the loosest first; arithmetic lies between BIT and UNARY."""

_OPERATORS: dict[str, tuple[int, type[exp.Expression]]] = {
    "OR": (OR, exp.Or), "||": (OR, exp.Or), "XOR": (XOR, exp.Xor), "AND": (AND, exp.And), "&&": (AND, exp.And),
    "|": (7, exp.BitwiseOr), "&": (8, exp.BitwiseAnd), "<<": (9, exp.BitwiseLeftShift), ">>": (9, exp.BitwiseRightShift),
    "+": (10, exp.Add), "-": (10, exp.Sub), "*": (11, exp.Mul), "/": (11, exp.Div), "DIV": (11, exp.IntDiv),
    "%": (11, exp.Mod), "MOD": (11, exp.Mod), "^": (12, exp.BitwiseXor),
}  # fmt: skip
_COMPARISONS: dict[str, type[exp.Expression]] = {
    "=": exp.EQ, "<=>": exp.NullSafeEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "<>": exp.NEQ, "!=": exp.NEQ,
}  # fmt: skip
_PREDICATES = frozenset({"NOT", "IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE", "SOUNDS", "MEMBER"})
_LEVELS = {
    **{key: level for key, (level, _) in _OPERATORS.items()}, **dict.fromkeys(_COMPARISONS, COMPARISON),
    "IS": COMPARISON, **dict.fromkeys(_PREDICATES, PREDICATE),
}  # fmt: skip
_CONSTANTS: dict[str, Callable[[], exp.Expression]] = {
    "NULL": exp.Null, "TRUE": lambda: exp.Boolean(this=True), "FALSE": lambda: exp.Boolean(this=False),
}  # fmt: skip
_LITERAL_TYPES = {
    "DATE": exp.DType.DATE, "TIME": exp.DType.TIME, "TIMESTAMP": exp.DType.TIMESTAMP,
    "D": exp.DType.DATE, "T": exp.DType.TIME, "TS": exp.DType.TIMESTAMP,
}  # fmt: skip
_ESCAPED_TYPES = frozenset({"D", "T", "TS"})


class Expressions(Introducers):
    """The rules of expressions."""

    def expression(self, level: int = OR) -> exp.Expression:
        """An expression of operators that bind at least as tightly as `level`. Raises 1064."""
        keys = self.keys
        left = self._negation() if keys[self.at] == "NOT" and level <= NOT else self._unary()
        while True:
            key = keys[self.at]
            bound = _LEVELS.get(key)
            if bound is None or bound < level:
                return left
            operator = _OPERATORS.get(key)
            if operator is not None:
                self.at += 1
                shifted = bound == ADDITION and keys[self.at] == "INTERVAL"
                right = self.interval() if shifted else self.expression(bound + 1)
                left = operator[1](this=left, expression=right)
            elif bound == COMPARISON:
                left = self._test(left, key)
            else:
                left = self._predicate(left, key)

    def _negation(self) -> exp.Expression:
        self.expect("NOT")
        self.deeper()
        node = exp.Not(this=self.expression(NOT))
        self.depth -= 1
        return node

    def _test(self, left: exp.Expression, key: str) -> exp.Expression:
        """Comparison, and IS."""
        self.at += 1
        if key == "IS":
            return self._is(left)
        quantifier = self.take_any("ALL", "ANY", "SOME") if self.keys[self.at + 1] == "(" else ""
        right: exp.Expression
        if quantifier:
            right = (exp.All if quantifier == "ALL" else exp.Any)(this=self.subquery())
        else:
            right = self.expression(PREDICATE)
        return _COMPARISONS[key](this=left, expression=right)

    def _is(self, left: exp.Expression) -> exp.Expression:
        negative = self.take("NOT")
        word = self.take_any("NULL", "TRUE", "FALSE", "UNKNOWN")
        if not word:
            raise self.error()
        test = exp.Null() if word in ("NULL", "UNKNOWN") else exp.Boolean(this=word == "TRUE")
        node = exp.Is(this=left, expression=test)
        return exp.Not(this=node) if negative else node

    def _predicate(self, left: exp.Expression, key: str) -> exp.Expression:
        """[NOT] IN, BETWEEN, LIKE and REGEXP."""
        negative = self.take("NOT")
        word = self.take_any("IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE", *(() if negative else ("SOUNDS", "MEMBER")))
        node: exp.Expression
        if word == "IN":
            node = self._membership(left)
        elif word == "BETWEEN":
            low = self.expression(BIT)
            self.expect("AND")
            node = exp.Between(this=left, low=low, high=self.expression(PREDICATE))
        elif word == "LIKE":
            node = exp.Like(this=left, expression=self.expression(BIT))
            if self.take("ESCAPE"):
                node = exp.Escape(this=node, expression=self.expression(UNARY))
        elif word in ("REGEXP", "RLIKE"):
            node = exp.RegexpLike(this=left, expression=self.expression(BIT))
        elif word == "SOUNDS":
            self.expect("LIKE")
            node = exp.EQ(this=exp.Soundex(this=left), expression=exp.Soundex(this=self.expression(BIT)))
        elif word == "MEMBER":
            self.take("OF")
            node = exp.JSONArrayContains(this=left, expression=self.parenthesized())
        else:
            raise self.error()
        return exp.Not(this=node) if negative else node

    def _membership(self, left: exp.Expression) -> exp.Expression:
        if self.keys[self.at] != "(":
            raise self.error()
        items = self.parenthesized()
        if isinstance(items, exp.Subquery):
            return exp.In(this=left, query=items)
        return exp.In(this=left, expressions=items.expressions if isinstance(items, exp.Tuple) else [items.this])

    def interval(self) -> exp.Expression:
        """INTERVAL amount unit, or the function INTERVAL(a, b, …)."""
        self.expect("INTERVAL")
        if self.keys[self.at] == "(":
            start, first = self.at, self.parenthesized()
            if isinstance(first, exp.Tuple):
                return exp.Interval(this=first)
            self.at, self.resumed = start, (start, self.at, first)
        amount = self.expression()
        return exp.Interval(this=amount, unit=self.unit())

    def _unary(self) -> exp.Expression:
        at = self.at
        key = self.keys[at]
        if key not in ("-", "+", "~", "!", "BINARY"):
            node = self._primary()
            return node if self.keys[self.at] not in ("COLLATE", "->", "->>") else self._suffix(node)
        self.at = at + 1
        if key == "-" and self.keys[self.at] == "INTERVAL":
            # MySQL 8 takes the sum's negative, MariaDB the date minus the interval.
            raise Unsupported("a minus before INTERVAL", "date - INTERVAL")
        self.deeper()
        operand = self._unary()
        self.depth -= 1
        if key == "-":
            return exp.Neg(this=operand)
        if key == "~":
            return exp.BitwiseNot(this=operand)
        if key == "!":
            return exp.Not(this=operand)
        if key == "BINARY":
            return exp.Cast(this=operand, to=exp.DataType(this=exp.DType.BINARY), safe=False)
        return operand

    def _suffix(self, node: exp.Expression) -> exp.Expression:
        while True:
            if self.take("COLLATE"):
                name = self.texts[self.at]
                if self.kinds[self.at] != STRING and self.keys[self.at] != "BINARY" and not self.names_next():
                    raise self.error()
                self.at += 1
                node = exp.Collate(this=node, expression=exp.Var(this=name))
            elif self.take_any("->", "->>"):
                if self.kinds[self.at] != STRING or not isinstance(node, exp.Column):
                    raise self.error()
                self.at += 1
                node = exp.JSONExtract(this=node)
            else:
                return node

    def _primary(self) -> exp.Expression:
        at = self.at
        kind, key = self.kinds[at], self.keys[at]
        if kind == OPERATOR:
            return self._bracket(key)
        if kind == NUMBER:
            self.at = at + 1
            return exp.Literal(this=self.texts[at], is_string=False)
        if kind == STRING:
            return self.string_literal()
        if kind == END:
            raise self.error()
        if kind in (HEX, BITS, VARIABLE, SETTING):
            return self._value(kind)
        following = self.keys[at + 1]
        if kind != NAME:
            special = self._special(key, following)
            if special is not None:
                return special
            if key in RESERVED and not (following == "(" and (key in CALLED or key in WITHOUT_PARENTHESES)):
                raise self.error()
        if following == "(" and kind != NAME:
            if key not in ADJACENT or self.tokens.starts[at + 1] == self.tokens.ends[at]:
                return self.call()
            if self.keys[at + 2] == "*" or key in ("DATE_ADD", "DATE_SUB", "CAST", "EXTRACT", "POSITION"):
                self.at = at + 2
                raise self.error()
            raise errors.spaced_function(self.texts[at])
        return self._column()

    def _special(self, key: str, following: str) -> exp.Expression | None:
        """What a word with a rule of its own begins; None where it is a name or a call like any other."""
        constant = _CONSTANTS.get(key)
        if constant is not None:
            self.at += 1
            return constant()
        if key in WITHOUT_PARENTHESES and following != "(":
            self.at += 1
            return exp.Anonymous(this=WITHOUT_PARENTHESES[key], expressions=[])
        if key == "CASE":
            return self._case()
        if key == "EXISTS":
            self.at += 1
            return exp.Exists(this=self.subquery().this)
        if key == "INTERVAL":
            node = self.interval()
            if isinstance(node.this, exp.Tuple):
                return node
            self.expect("+")
            return exp.Add(this=node, expression=self.expression(11))
        if key in ("DATE", "TIME", "TIMESTAMP") and self.kinds[self.at + 1] == STRING:
            self.at += 1
            return self._typed_literal(key)
        if key.startswith("_") and self.kinds[self.at + 1] in (STRING, HEX, BITS):
            return self.introduced(key)
        return self.special_call(key) if following == "(" else None

    def _typed_literal(self, key: str, *, braced: bool = False) -> exp.Expression:
        return exp.Cast(this=self.string_literal(), to=exp.DataType(this=_LITERAL_TYPES[key]), default=braced)

    def _value(self, kind: int) -> exp.Expression:
        text = self.texts[self.at]
        self.at += 1
        if kind == HEX:
            return exp.HexString(this=text)
        if kind == BITS:
            return exp.BitString(this=text)
        if kind == SETTING:
            return exp.SessionParameter(this=exp.Var(this=text.rpartition(".")[2]))
        node = exp.Parameter(this=exp.Var(this=text))
        if self.take(":="):
            return exp.PropertyEQ(this=node, expression=self.expression())
        return node

    def _case(self) -> exp.Expression:
        self.expect("CASE")
        self.deeper()
        subject = None if self.keys[self.at] == "WHEN" else self.expression()
        branches = []
        while self.take("WHEN"):
            test = self.expression()
            self.expect("THEN")
            branches.append(exp.If(this=test, true=self.expression()))
        if not branches:
            raise self.error()
        default = self.expression() if self.take("ELSE") else None
        self.expect("END")
        self.depth -= 1
        return exp.Case(this=subject, ifs=branches, default=default)

    def _bracket(self, key: str) -> exp.Expression:
        if key == "(":
            if self.resumed is not None and self.resumed[0] == self.at:
                _, self.at, node = self.resumed
                return node
            return self.parenthesized()
        if key == "." and self.kinds[self.at + 1] == NAME:
            self.at += 1
            return self._column()
        if key == "*" or key != "{":
            raise self.error()
        self.at += 1
        word = self.identifier().name.upper()
        node = (
            self._typed_literal(word, braced=True)
            if word in _ESCAPED_TYPES and self.kinds[self.at] == STRING
            else self.expression()
        )
        self.expect("}")
        return node

    def _column(self) -> exp.Expression:
        """A column, with its table and database; behind a point any word is a name."""
        names = [self.identifier()]
        while self.keys[self.at] == "." and len(names) < 3:
            self.at += 1
            names.append(self.identifier())
        if self.keys[self.at] == "(":
            if len(names) == 2 and self.kinds[self.at - 3] == NAME:
                raise errors.no_function(names[0].name, names[1].name)
            raise errors.no_function("", names[-1].name) if len(names) == 1 else self.error()
        parts = dict(zip(("this", "table", "db"), reversed(names), strict=False))
        return exp.Column(**parts)
