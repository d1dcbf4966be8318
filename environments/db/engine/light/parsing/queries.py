"""MySQL's queries, from tokens to sqlglot's nodes: WITH, set operations, SELECT and its clauses in their one order."""

from __future__ import annotations

from sqlglot import exp

from ...session import SQLError, Unsupported
from ..values import errors
from .expressions import Expressions
from .lexer import NUMBER, VARIABLE, WORD, without_version_marks
from .table_references import TableReferences

_OPERATIONS: dict[str, type[exp.SetOperation]] = {"UNION": exp.Union, "EXCEPT": exp.Except, "INTERSECT": exp.Intersect}
_OPTIONS = frozenset(
    """ALL DISTINCT DISTINCTROW HIGH_PRIORITY STRAIGHT_JOIN SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT
    SQL_NO_CACHE SQL_CACHE SQL_CALC_FOUND_ROWS""".split()  # noqa: SIM905
)
_MOST_ROWS = 30  # of VALUES as a query
_NAMELESS = (exp.Column, exp.Star)


class Queries(TableReferences, Expressions):
    """The rules of queries."""

    def query(self) -> exp.Expression:
        """A query expression: [WITH …] body [ORDER BY …] [LIMIT …] [FOR UPDATE]. Raises 1064."""
        lead = self._with() if self.keys[self.at] == "WITH" else None
        node = self._tail(self._body(self._operand()))
        if lead is not None:
            if node.args.get("with_") is not None:
                node = exp.Subquery(this=node)
            node.set("with_", lead)
        return node

    def query_after(self, first: exp.Subquery) -> exp.Expression:
        """The rest of a query expression whose first operand, in parentheses, is read already."""
        return self._tail(self._body(first))

    def _with(self) -> exp.With:
        self.expect("WITH")
        recursive = self.take("RECURSIVE")
        return exp.With(expressions=self.list_of(self._common_table), recursive=recursive)

    def _common_table(self) -> exp.CTE:
        name = self.identifier()
        columns: list[exp.Identifier] = []
        if self.take("("):
            columns = self.list_of(self.identifier)
            self.expect(")")
        self.expect("AS")
        alias = exp.TableAlias(this=name, columns=columns)
        node = exp.CTE(this=self.subquery().this, alias=alias)
        if self.take("CYCLE"):
            self.list_of(self.identifier)
            self.expect("RESTRICT")
            raise Unsupported("CYCLE in WITH", "UNION")
        return node

    def _body(self, first: exp.Expression) -> exp.Expression:
        """Operands with UNION and EXCEPT between them, from left to right; INTERSECT binds tighter."""
        left = self._intersections(first)
        while self.keys[self.at] in ("UNION", "EXCEPT"):
            operation = self.keys[self.at]
            self.at += 1
            every = self._every()
            right = self._intersections(self._operand())
            left = _OPERATIONS[operation](this=_bare(left), expression=_bare(right), distinct=not every)
        return left

    def _intersections(self, left: exp.Expression) -> exp.Expression:
        while self.take("INTERSECT"):
            every = self._every()
            left = exp.Intersect(this=_bare(left), expression=_bare(self._operand()), distinct=not every)
        return left

    def _every(self) -> bool:
        if self.take("ALL"):
            return True
        self.take("DISTINCT")
        return False

    def _operand(self) -> exp.Expression:
        key = self.keys[self.at]
        if key == "SELECT":
            return self._select()
        if key == "(":
            return self.subquery()
        if key == "TABLE" and self.names_after():
            raise Unsupported("TABLE as a query", "SELECT")
        if key == "VALUES":
            return self._table_of_values()
        raise self.error()

    def _table_of_values(self) -> exp.Expression:
        """VALUES (…), (…) as the union of a SELECT for each row. Raises 1064 and 4099."""
        self.expect("VALUES")
        if self.keys[self.at] == "ROW":
            raise Unsupported("VALUES ROW(...)", "VALUES (...)")
        rows = self.list_of(self._constant_row)
        if len(rows) > _MOST_ROWS:
            raise Unsupported(f"VALUES of more than {_MOST_ROWS} rows", "a table")
        if any(len(row.expressions) != len(rows[0].expressions) for row in rows):
            raise SQLError(4099, "HY000", "The used table value constructor has a different number of values")
        node: exp.Expression = rows[0]
        for row in rows[1:]:
            node = exp.Union(this=node, expression=row, distinct=False)
        return node

    def _constant_row(self) -> exp.Select:
        self.expect("(")
        items = self.list_of(self._item)
        self.expect(")")
        if any(isinstance(item, exp.Alias | exp.Star) for item in items):
            raise self.error()
        if any(next(item.find_all(exp.Column, exp.Query), None) for item in items):
            raise Unsupported("a column or a query in VALUES", "SELECT")
        return exp.Select(expressions=items)

    def names_after(self) -> bool:
        """Whether a name stands behind the next token."""
        self.at += 1
        named = self.names_next()
        self.at -= 1
        return named

    def _tail(self, node: exp.Expression) -> exp.Expression:
        """ORDER BY, LIMIT and locks, of the query as a whole."""
        while self.keys[self.at] == "LIMIT" and _holds_nothing(node) and node.this.args.get("limit") is None:
            # A query in parentheses keeps its order under a LIMIT behind them.
            node = node.this
        if self.take_all("ORDER", "BY"):
            order = exp.Order(expressions=self.list_of(self.ordered))
            node.set("order", order)
        self.limit(node)
        if self.keys[self.at] == "INTO":
            self._into(node)
        if self.keys[self.at] == "PROCEDURE":
            raise Unsupported("PROCEDURE")
        self._locks()
        if self.keys[self.at] == "INTO" and node.args.get("into") is None:
            self._into(node)
        return node

    def limit(self, node: exp.Expression) -> None:
        """LIMIT, in one of its three forms; those of other dialects are refused later."""
        if self.take("LIMIT"):
            if node.args.get("limit") is not None:
                raise self.error()
            self._rows_examined()
            first = self._row_count()
            if self.take(","):
                node.set("offset", exp.Offset(expression=first))
                first = self._row_count()
            elif self.take("OFFSET"):
                node.set("offset", exp.Offset(expression=self._row_count()))
            node.set("limit", exp.Limit(expression=first))
            self._rows_examined()
        elif self.keys[self.at] in ("OFFSET", "FETCH"):
            self._fetch(node)

    def _rows_examined(self) -> None:
        """ROWS EXAMINED n, which MariaDB has."""
        if self.take_all("ROWS", "EXAMINED"):
            self._row_count()
            raise Unsupported("LIMIT ROWS EXAMINED", "LIMIT")

    def _row_count(self) -> exp.Expression:
        if self.names_next() and self.keys[self.at + 1] not in ("(", "."):
            raise SQLError(1327, "42000", f"Undeclared variable: {self.texts[self.at]}")
        if self.kinds[self.at] != NUMBER or not self.texts[self.at].isdigit():
            raise self.error()
        self.at += 1
        return exp.Literal(this=self.texts[self.at - 1], is_string=False)

    def _fetch(self, node: exp.Expression) -> None:
        """[OFFSET n ROWS] [FETCH FIRST n ROWS ONLY], which MariaDB has."""
        if self.take("OFFSET"):
            self._row_count()
            if not self.take_any("ROW", "ROWS"):
                raise self.error()
        if self.take("FETCH"):
            if not self.take_any("FIRST", "NEXT"):
                raise self.error()
            if self.kinds[self.at] == NUMBER:
                self._row_count()
            if not self.take_any("ROW", "ROWS") or not (self.take("ONLY") or self.take_all("WITH", "TIES")):
                raise self.error()
        node.set("limit", exp.Fetch(direction="FIRST"))

    def _into(self, node: exp.Expression) -> None:
        """INTO @variable, OUTFILE or DUMPFILE."""
        self.expect("INTO")
        if self.take_any("OUTFILE", "DUMPFILE"):
            raise errors.access_denied("FILE")
        node.set("into", exp.Into(expressions=self.list_of(self._variable)))

    def _variable(self) -> exp.Expression:
        """A user variable. Raises 1327 for another name, as of a variable in a procedure."""
        if self.kinds[self.at] == VARIABLE:
            self.at += 1
            return exp.Var(this=self.texts[self.at - 1])
        if self.names_next():
            raise SQLError(1327, "42000", f"Undeclared variable: {self.texts[self.at]}")
        raise self.error()

    def _locks(self) -> None:
        """FOR UPDATE and its kin, which change nothing where one session runs alone."""
        while True:
            if self.take_all("LOCK", "IN", "SHARE", "MODE"):
                self._waiting_for_locks()
                return
            if not (self.take_all("FOR", "UPDATE") or self.take_all("FOR", "SHARE")):
                return
            if self.take("OF"):
                self.list_of(self.identifier)
            self._waiting_for_locks()

    def _waiting_for_locks(self) -> None:
        if self.take("WAIT"):
            self._row_count()
        elif not self.take("NOWAIT"):
            self.take_all("SKIP", "LOCKED")

    def _select(self) -> exp.Select:
        self.expect("SELECT")
        node = exp.Select()
        self._options(node)
        node.set("expressions", self._items())
        if self.keys[self.at] == "INTO":
            self._into(node)
        if self.take("FROM"):
            node.set("from_", self.from_clause())
        if self.take("WHERE"):
            node.set("where", exp.Where(this=self.expression()))
        if self.take_all("GROUP", "BY"):
            node.set("group", self._group())
        if self.take("HAVING"):
            node.set("having", exp.Having(this=self.expression()))
        if self.keys[self.at] == "WINDOW" and self.kinds[self.at] == WORD:
            self.at += 1
            node.set("windows", self.list_of(self._named_window))
        return node

    def _options(self, node: exp.Select) -> None:
        words = []
        while self.keys[self.at] in _OPTIONS:
            words.append(self.keys[self.at])
            self.at += 1
        if not words:
            return
        distinct = "DISTINCT" in words or "DISTINCTROW" in words
        if distinct and "ALL" in words:
            raise SQLError(1221, "HY000", "Incorrect usage of ALL and DISTINCT")
        if distinct:
            node.set("distinct", exp.Distinct())
        others = [exp.Var(this=w) for w in words if w not in ("ALL", "DISTINCT", "DISTINCTROW")]
        if others:
            node.set("operation_modifiers", others)

    def _items(self) -> list[exp.Expression]:
        """The select list. A bare star comes first or not at all."""
        items: list[exp.Expression] = []
        if self.take("*"):
            items.append(exp.Star())
            if not self.take(","):
                return items
        items.extend(self.list_of(self._item))
        return items

    def _item(self) -> exp.Expression:
        start = self.at
        star = self.qualified_star()
        if star is not None:
            return star
        node = self.expression()
        end = self.tokens.ends[self.at - 1]
        alias = self.alias()
        if isinstance(node, exp.Anonymous) and node.this == "NAME_CONST" and len(node.expressions) == 2:
            name, node = node.expressions
            if not (isinstance(name, exp.Literal) and name.is_string and isinstance(node, exp.Literal)):
                raise Unsupported("NAME_CONST of anything but literals", "AS")
            alias = alias or exp.Identifier(this=name.name, quoted=True)
        if alias is not None:
            return exp.Alias(this=node, alias=alias)
        if not isinstance(node, _NAMELESS):
            node.meta["text"] = without_version_marks(self.sql[self.tokens.starts[start] : end]).strip()
        return node

    def _group(self) -> exp.Group:
        node = exp.Group(expressions=[key.this for key in self.list_of(self.ordered)])
        cube = self.take_all("WITH", "CUBE")
        if cube or self.take_all("WITH", "ROLLUP"):
            node.set("rollup", True)
            node.set("cube", cube)
        return node

    def _named_window(self) -> exp.Window:
        name = self.identifier()
        self.expect("AS")
        return self.window_definition(name)


def _holds_nothing(node: exp.Expression) -> bool:
    """Whether a node is nothing but parentheses around a query."""
    return isinstance(node, exp.Subquery) and not any(node.args.get(p) for p in ("order", "limit", "with_"))


def _bare(node: exp.Expression) -> exp.Expression:
    """An operand without parentheses that hold nothing together; its order says nothing where it has no LIMIT."""
    while _holds_nothing(node):
        inner = node.this
        if isinstance(inner, exp.Select) and inner.args.get("limit") is None:
            inner.set("order", None)
        if not isinstance(inner, exp.Select | exp.Subquery) or any(
            inner.args.get(p) for p in ("order", "limit", "with_")
        ):
            return node
        node = inner
    return node
