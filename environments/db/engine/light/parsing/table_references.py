"""FROM, from tokens to sqlglot's nodes: a tree of joins.

A Join has `left` and `this` (its right side), `kind` (INNER, LEFT, RIGHT or CROSS), and `natural`, `on` or `using`.
"""

from __future__ import annotations

from sqlglot import exp

from ...session import Unsupported
from .calls import Calls
from .lexer import NAME, WORD

_INNER = frozenset({"JOIN", "INNER", "CROSS", "STRAIGHT_JOIN"})
_STARTS = frozenset({*_INNER, "LEFT", "RIGHT", "NATURAL"})


class TableReferences(Calls):
    """The rules of FROM."""

    def from_clause(self) -> exp.From:
        """Tables and joins with commas between them; `DUAL` is no table."""
        if self.keys[self.at] == "DUAL" and self.kinds[self.at] == WORD:
            self.at += 1
            return exp.From(expressions=[])
        return exp.From(expressions=self.list_of(self.joined))

    def joined(self) -> exp.Expression:
        """A table with all that is joined to it. Raises 1064."""
        return self._joins_of(self._factor())

    def _joins_of(self, left: exp.Expression) -> exp.Expression:
        while self.keys[self.at] in _STARTS:
            left = self._join(left)
        return left

    def _join(self, left: exp.Expression) -> exp.Expression:
        if self.take("NATURAL"):
            side = self.take_any("LEFT", "RIGHT")
            if side:
                self.take("OUTER")
            else:
                self.take("INNER")
            if side or not self.take("STRAIGHT_JOIN"):
                self.expect("JOIN")
            return exp.Join(left=left, this=self._factor(), kind=side or "INNER", natural=True)
        side = self.take_any("LEFT", "RIGHT")
        if side:
            self.take("OUTER")
            self.expect("JOIN")
            # The right side may be a join of its own, whose ON comes first.
            right = self._joins_of(self._factor())
            return exp.Join(left=left, this=right, kind=side, **self._condition(required=True))
        kind = "CROSS" if self.take("CROSS") else "INNER"
        if not self.take("STRAIGHT_JOIN"):
            self.take("INNER")
            self.expect("JOIN")
        right = self._joins_of(self._factor())
        if isinstance(right, exp.Join) and self.keys[self.at] not in ("ON", "USING"):
            return _insert_left(left, right, kind)
        condition = self._condition(required=False)
        return exp.Join(left=left, this=right, kind="INNER" if condition else kind, **condition)

    def _condition(self, *, required: bool) -> dict[str, object]:
        if self.take("ON"):
            return {"on": self.expression()}
        if self.take("USING"):
            self.expect("(")
            names = self.list_of(self.identifier)
            self.expect(")")
            return {"using": names}
        if required:
            raise self.error()
        return {}

    def _factor(self) -> exp.Expression:
        key, following = self.keys[self.at], self.keys[self.at + 1 : self.at + 2]
        if key == "(":
            node = self._bracketed()
            return self._derived(node) if isinstance(node, exp.Subquery) else node
        if key in ("LATERAL", "JSON_TABLE") and following == ["("]:
            raise Unsupported(key, "a subquery in the select list")
        if key == "{":
            raise Unsupported("{OJ …}", "LEFT JOIN")
        return self._table()

    def _derived(self, node: exp.Subquery) -> exp.Subquery:
        """A query in FROM with its name."""
        self.take("AS")
        if self._begins_clause():
            raise self.error()
        node.set("alias", exp.TableAlias(this=self.identifier()))
        if self.keys[self.at] == "(":
            raise Unsupported("a column list behind a derived table's alias", "AS inside it")
        return node

    def _bracketed(self) -> exp.Expression:
        """A join in parentheses, or a query whose name is still to come."""
        if self.opens_query(self.at):
            return self.subquery()
        self.expect("(")
        self.deeper()
        if self.keys[self.at] == "(":
            first = self._bracketed()
            if isinstance(first, exp.Subquery) and first.args.get("alias") is None:
                if self.keys[self.at] in ("UNION", "EXCEPT", "INTERSECT", "ORDER", "LIMIT"):
                    first = exp.Subquery(this=self.query_after(first))
                if self.take(")"):
                    self.depth -= 1
                    return first
                first = self._derived(first)
        else:
            first = self._factor()
        tables = [self._joins_of(first)]
        if self.take(","):
            tables.extend(self.list_of(self.joined))
        self.expect(")")
        self.depth -= 1
        return exp.Paren(this=exp.From(expressions=tables))

    def _table(self) -> exp.Table:
        node = self.bare_table()
        if self.keys[self.at] == "PARTITION" and self.keys[self.at + 1] == "(":
            raise Unsupported("PARTITION", "WHERE")
        if self.take("AS") or (self.names_next() and not self._begins_clause()):
            if self._begins_clause():
                raise self.error()
            node.set("alias", exp.TableAlias(this=self.identifier()))
        hints = []
        while self.keys[self.at] in ("USE", "IGNORE", "FORCE") and self.keys[self.at + 1] in ("INDEX", "KEY"):
            hints.extend(self._index_hint())
            if self.keys[self.at + 1] in ("USE", "IGNORE", "FORCE") and self.keys[self.at + 2] in ("INDEX", "KEY"):
                self.take(",")
        if hints:
            node.set("hints", hints)
        return node

    def bare_table(self) -> exp.Table:
        """A table without an alias."""
        names = [self.identifier()]
        if self.take("."):
            names.append(self.identifier())
        return exp.Table(**dict(zip(("this", "db"), reversed(names), strict=False)))

    def _begins_clause(self) -> bool:
        return self.kinds[self.at] != NAME and self.keys[self.at] == "WINDOW"

    def _index_hint(self) -> list[exp.Identifier]:
        word = self.keys[self.at]
        self.at += 2
        if self.take("FOR") and not (self.take("JOIN") or self.take_all("ORDER", "BY") or self.take_all("GROUP", "BY")):
            raise self.error()
        self.expect("(")
        names: list[exp.Identifier] = []
        if word != "USE" or self.keys[self.at] != ")":
            names = self.list_of(self._index_name)
        self.expect(")")
        return names

    def _index_name(self) -> exp.Identifier:
        if self.take("PRIMARY"):
            return exp.Identifier(this="PRIMARY", quoted=False)
        return self.identifier()

    def qualified_star(self) -> exp.Column | None:
        """`t.*` in a select list."""
        at = self.at
        if self.keys[at + 1] != "." or self.kinds[at] not in (NAME, WORD):
            return None
        if self.keys[at + 2] == "*":
            self.at = at + 3
            return exp.Column(this=exp.Star(), table=self._name_at(at))
        if self.keys[at + 3] == "." and self.keys[at + 4] == "*":
            self.at = at + 5
            return exp.Column(this=exp.Star(), table=self._name_at(at + 2), db=self._name_at(at))
        return None

    def _name_at(self, at: int) -> exp.Identifier:
        return exp.Identifier(this=self.texts[at], quoted=True)


def _insert_left(left: exp.Expression, right: exp.Expression, kind: str) -> exp.Expression:
    """`a JOIN (b … c ON …)` without an ON of its own is `(a JOIN b) … c ON …`: a bare join binds to the left."""
    node = right
    while isinstance(node.args.get("left"), exp.Join):
        node = node.args["left"]
    node.set("left", exp.Join(left=left, this=node.args["left"], kind=kind))
    return right
