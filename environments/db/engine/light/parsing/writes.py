"""INSERT, REPLACE, UPDATE and DELETE, from tokens to sqlglot's nodes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from ...session import Unsupported
from ..values import errors
from .queries import Queries

_MODIFIERS = {
    "INSERT": ("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE"), "REPLACE": ("LOW_PRIORITY", "DELAYED"),
    "UPDATE": ("LOW_PRIORITY", "IGNORE"), "DELETE": ("LOW_PRIORITY", "QUICK", "IGNORE"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement's tree, and the words of a write that change how its rows are stored."""

    tree: exp.Expression
    replacing: bool = False
    ignoring: bool = False


class Statements(Queries):
    """The rules of the statements that are compiled: queries and writes."""

    def statement(self) -> Parsed:
        """The whole text as one statement. Raises 1064."""
        verb = self.keys[self.at]
        rule = _VERBS.get(verb)
        parsed = rule(self) if rule is not None else Parsed(self._query_statement())
        self.end()
        return parsed

    def _query_statement(self) -> exp.Expression:
        if self.keys[self.at] == "WITH":
            lead = self.at
            self._with()
            if self.keys[self.at] in ("UPDATE", "DELETE"):
                raise Unsupported("WITH before a write", "a subquery")
            self.at = lead
        return self.query()

    def _modifiers(self) -> tuple[str, list[str]]:
        verb = self.keys[self.at]
        self.at += 1
        words = []
        while self.keys[self.at] in _MODIFIERS[verb]:
            words.append(self.keys[self.at])
            self.at += 1
        return verb, words

    def insert(self) -> Parsed:
        """INSERT and REPLACE."""
        verb, words = self._modifiers()
        delayed = "DELAYED" in words
        self.take("INTO")
        target: exp.Expression = self._target()
        columns: list[exp.Identifier] = []
        source: exp.Expression
        if self.take("SET"):
            assignments = self.list_of(self._assignment)
            columns = [a.this.this for a in assignments]
            row = exp.Tuple(expressions=[a.expression for a in assignments])
            source = exp.Values(expressions=[row])
        else:
            named = self.keys[self.at] == "(" and not self.opens_query(self.at) and self.keys[self.at + 1] != "("
            columns = self._columns() if named else []
            source = self._rows()
        if columns and isinstance(source, exp.Values) and not all(row.expressions for row in source.expressions):
            raise errors.column_count(1)
        if columns:
            target = exp.Schema(this=target, expressions=columns)
        node = exp.Insert(this=target, expression=source)
        if verb == "INSERT" and self.take_all("ON", "DUPLICATE", "KEY", "UPDATE"):
            node.set("conflict", exp.OnConflict(expressions=self.list_of(self._assignment)))
        self._returning()
        if delayed:
            self.end()
            raise Unsupported("DELAYED", f"{verb} without it")
        return Parsed(node, verb == "REPLACE", "IGNORE" in words)

    def _target(self) -> exp.Table:
        names = [self.identifier()]
        if self.keys[self.at] == "." and self.keys[self.at + 1] != "*":
            self.at += 1
            names.append(self.identifier())
        if self.keys[self.at] == "PARTITION" and self.keys[self.at + 1] == "(":
            raise Unsupported("PARTITION")
        return exp.Table(**dict(zip(("this", "db"), reversed(names), strict=False)))

    def _columns(self) -> list[exp.Identifier]:
        self.expect("(")
        if self.take(")"):
            return []
        names = self.list_of(self._column_of_target)
        self.expect(")")
        return names

    def _column_of_target(self) -> exp.Identifier:
        name = self.identifier()
        while self.take("."):
            name = self.identifier()
        return name

    def _rows(self) -> exp.Expression:
        """VALUES and its rows, or a query."""
        if self.take("VALUES") or self.take("VALUE"):
            if self.keys[self.at] == "ROW":
                raise Unsupported("VALUES ROW(...)", "VALUES (...)")
            rows = exp.Values(expressions=self.list_of(self._row_of_values))
            if self.take("AS"):
                raise Unsupported("a name for the new row", "VALUES(column)")
            return rows
        if self.keys[self.at] in ("SELECT", "WITH", "("):
            return self.query()
        if self.keys[self.at] == "TABLE" and self.names_after():
            raise Unsupported("TABLE as a query", "SELECT")
        raise self.error()

    def _row_of_values(self) -> exp.Tuple:
        self.expect("(")
        items = [] if self.keys[self.at] == ")" else self.list_of(self._assigned)
        self.expect(")")
        return exp.Tuple(expressions=items)

    def _assigned(self) -> exp.Expression:
        """A value, or the word DEFAULT."""
        if self.keys[self.at] == "IGNORE" and self.keys[self.at + 1] in (",", ")"):
            raise Unsupported("IGNORE as a value", "DEFAULT")
        if self.keys[self.at] == "DEFAULT" and self.keys[self.at + 1] != "(":
            self.at += 1
            return exp.Var(this="DEFAULT")
        return self.expression()

    def _assignment(self) -> exp.EQ:
        names = [self.identifier()]
        while self.take("."):
            names.append(self.identifier())
        if not self.take("="):
            self.expect(":=")
        column = exp.Column(**dict(zip(("this", "table", "db"), reversed(names), strict=False)))
        return exp.EQ(this=column, expression=self._assigned())

    def _returning(self) -> None:
        if self.take("RETURNING"):
            self._items()
            raise Unsupported("RETURNING", "SELECT afterwards")

    def update(self) -> Parsed:
        """UPDATE of one table or of joined ones."""
        _, words = self._modifiers()
        node = exp.Update(this=self.from_clause())
        self.expect("SET")
        node.set("expressions", self.list_of(self._assignment))
        self._selection(node)
        return Parsed(node, ignoring="IGNORE" in words)

    def _selection(self, node: exp.Expression) -> None:
        """WHERE, ORDER BY and LIMIT n."""
        if self.take("WHERE"):
            node.set("where", exp.Where(this=self.expression()))
        if self.take_all("ORDER", "BY"):
            node.set("order", exp.Order(expressions=self.list_of(self.ordered)))
        if self.take("LIMIT"):
            node.set("limit", exp.Limit(expression=self._row_count()))

    def delete(self) -> Parsed:
        """DELETE in its three forms: FROM one table, some tables FROM a join, FROM some tables USING a join."""
        _, words = self._modifiers()
        node = exp.Delete()
        if not self.take("FROM"):
            node.set("tables", self.list_of(self._victim))
            self.expect("FROM")
            node.set("this", self.from_clause())
            self._where(node)
            return Parsed(node, ignoring="IGNORE" in words)
        victims = self.list_of(self._victim)
        if self.take("USING"):
            node.set("tables", victims)
            node.set("this", self.from_clause())
            self._where(node)
            return Parsed(node, ignoring="IGNORE" in words)
        if len(victims) > 1:
            raise self.error()
        self._alias_of(victims[0])
        node.set("this", exp.From(expressions=victims))
        self._selection(node)
        self._returning()
        return Parsed(node, ignoring="IGNORE" in words)

    def _alias_of(self, table: exp.Table) -> None:
        """An alias of the one table, which MySQL 8 takes and MariaDB does not."""
        if self.take("AS") or self.names_next():
            self.identifier()
            raise Unsupported("an alias in DELETE FROM", "the table's name")

    def _victim(self) -> exp.Table:
        table = self._target()
        if self.take("."):
            self.expect("*")
        return table

    def _where(self, node: exp.Expression) -> None:
        if self.take("WHERE"):
            node.set("where", exp.Where(this=self.expression()))


_VERBS = {
    "INSERT": Statements.insert, "REPLACE": Statements.insert, "UPDATE": Statements.update, "DELETE": Statements.delete,
}  # fmt: skip
