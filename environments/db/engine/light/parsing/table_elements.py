"""The elements of a table, from tokens to definitions: columns with their attributes, keys and foreign keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from .character_sets import NARROW
from .definitions import ColumnDefinition, ColumnType, TableElement
from .key_rules import KeyRules
from .lexer import NUMBER

_NOW = frozenset({"NOW", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP"})
_SERIAL = ColumnType("bigint", marks=("unsigned",))


class TableElements(KeyRules):
    """The rules of what stands between the parentheses of CREATE TABLE."""

    def table_element(self) -> TableElement | None:
        """A column, a key or a constraint; None for one that is read and not supported."""
        key, following = self.keys[self.at], self.keys[self.at + 1]
        if key == "PERIOD" and following == "FOR":
            self.expect("PERIOD", "FOR")
            self._period()
            return None
        if key in ("CONSTRAINT", "PRIMARY", "UNIQUE", "INDEX", "KEY", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL"):
            return self.constraint()
        return self.column()

    def _period(self) -> None:
        self.identifier()
        self.expect("(")
        self.list_of(self.identifier)
        self.expect(")")
        self.refuse("PERIOD")

    def column(self) -> ColumnDefinition:
        """A column's name, type and attributes."""
        name = self.identifier().name
        if self.take("."):
            self.identifier()
            self.refuse("a table before the name of a new column", "the name alone")
        kind, binary = self.column_type()
        definition = ColumnDefinition(name, kind, binary=binary)
        if kind.word == "serial":
            definition = replace(definition, type=_SERIAL, nullable=False, auto_increment=True, key="UNIQUE")
        if self.keys[self.at] == "COLLATE":
            definition = self._collate(definition)
        if self.keys[self.at] in ("AS", "GENERATED"):
            definition = self._generation(definition)
        while (attribute := _ATTRIBUTES.get(self.keys[self.at])) is not None:
            if definition.generated and self.keys[self.at] not in ("COMMENT", "UNIQUE"):
                self.refuse(f"{self.keys[self.at]} on a generated column", "a plain column")
            definition = attribute(self, definition)
        return self._json(definition) if kind.word == "json" else definition

    def _json(self, column: ColumnDefinition) -> ColumnDefinition:
        """JSON is LONGTEXT that compares by bytes, with a check of its own."""
        if column.check or column.generated or "`" in column.name:
            self.refuse("a JSON column with a CHECK or a generated value", "LONGTEXT")
        return replace(column, type=ColumnType("longtext"), binary=True, check=f"json_valid(`{column.name}`)")

    def _generation(self, column: ColumnDefinition) -> ColumnDefinition:
        """[GENERATED ALWAYS] AS (expression) [VIRTUAL | STORED | PERSISTENT], or AS ROW {START | END}."""
        self.take_all("GENERATED", "ALWAYS")
        self.expect("AS")
        if self.take("ROW"):
            if not self.take_any("START", "END"):
                raise self.error()
        else:
            column = replace(column, generated=self._parenthesis())
        kind = self.take_any("VIRTUAL", "STORED", "PERSISTENT")
        if not column.generated:
            self.refuse("a column AS ROW", "DATETIME")
        return replace(column, lasting=kind in ("STORED", "PERSISTENT"))

    def _refuse_serial(self, column: ColumnDefinition) -> None:
        """Raise 1064: SERIAL says itself what stands here."""
        if column.type is _SERIAL:
            raise self.error()

    def _null(self, column: ColumnDefinition) -> ColumnDefinition:
        negative = self.take("NOT")
        if not negative:
            self._refuse_serial(column)
        self.expect("NULL")
        return replace(column, nullable=not negative)

    def _default(self, column: ColumnDefinition) -> ColumnDefinition:
        self._refuse_serial(column)
        self.expect("DEFAULT")
        return replace(column, default=self.default_value())

    def default_value(self) -> exp.Expression:
        """A literal with its sign, a function, or an expression in parentheses."""
        sign = self.take_any("-", "+")
        if sign and self.kinds[self.at] != NUMBER:
            raise self.error()
        node = self._moment() if self.keys[self.at] in _NOW else self._primary()
        return exp.Neg(this=node) if sign == "-" else node

    def _moment(self) -> exp.Expression:
        """NOW in one of its names, with the digits of its fraction or without."""
        if self.keys[self.at] not in _NOW:
            raise self.error()
        self.at += 1
        digits = []
        if self.take("("):
            digits = [] if self.keys[self.at] == ")" else [self.whole_number()]
            self.expect(")")
        elif self.keys[self.at - 1] == "NOW":
            raise self.error()
        return exp.CurrentTimestamp(this=exp.Literal.number(digits[0]) if digits else None)

    def _on_update(self, column: ColumnDefinition) -> ColumnDefinition:
        self.expect("ON", "UPDATE")
        return replace(column, on_update=self._moment())

    def _auto_increment(self, column: ColumnDefinition) -> ColumnDefinition:
        self._refuse_serial(column)
        self.expect("AUTO_INCREMENT")
        return replace(column, auto_increment=True, nullable=False)

    def _unique(self, column: ColumnDefinition) -> ColumnDefinition:
        self.expect("UNIQUE")
        self.take("KEY")
        return replace(column, key=column.key or "UNIQUE")

    def _primary_key(self, column: ColumnDefinition) -> ColumnDefinition:
        self.take("PRIMARY")
        self.expect("KEY")
        return replace(column, key="PRIMARY", nullable=False)

    def _comment(self, column: ColumnDefinition) -> ColumnDefinition:
        self.expect("COMMENT")
        return replace(column, comment=self.string())

    def _collate(self, column: ColumnDefinition) -> ColumnDefinition:
        self.expect("COLLATE")
        self.narrow_columns |= self.texts[self.at].lower().partition("_")[0] in NARROW
        return replace(column, binary=self.collation())

    def _serial(self, column: ColumnDefinition) -> ColumnDefinition:
        self._refuse_serial(column)
        self.expect("SERIAL", "DEFAULT", "VALUE")
        return replace(column, nullable=False, auto_increment=True, key=column.key or "UNIQUE")

    def _column_check(self, column: ColumnDefinition) -> ColumnDefinition:
        if self.take("CONSTRAINT") and self.keys[self.at] != "CHECK":
            self.identifier()
            self.refuse("the name of a column's own CHECK", "CONSTRAINT ... CHECK behind the columns")
        return replace(column, check=self._check())

    def _references(self, column: ColumnDefinition) -> ColumnDefinition:
        self._reference("", ())
        self.refuse("REFERENCES beside a column", "FOREIGN KEY (...) REFERENCES ...")
        return column

    def _other_attribute(self, column: ColumnDefinition) -> ColumnDefinition:
        """COLUMN_FORMAT, STORAGE, INVISIBLE and their like."""
        word = self.keys[self.at]
        self.at += 1
        if word in ("WITH", "WITHOUT"):
            self.expect("SYSTEM", "VERSIONING")
        elif word in ("COLUMN_FORMAT", "STORAGE", "SRID"):
            self.at += 1
        elif word in ("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"):
            self.take("=")
            self.string()
        if word != "VISIBLE":
            self.refuse(f"{word} on a column")
        return column


_Attribute = Callable[[TableElements, ColumnDefinition], ColumnDefinition]
_ATTRIBUTES: dict[str, _Attribute] = {
    "NOT": TableElements._null,
    "NULL": TableElements._null, "DEFAULT": TableElements._default,
    "ON": TableElements._on_update, "AUTO_INCREMENT": TableElements._auto_increment, "UNIQUE": TableElements._unique,
    "PRIMARY": TableElements._primary_key, "KEY": TableElements._primary_key, "COMMENT": TableElements._comment,
    "COLLATE": TableElements._collate, "SERIAL": TableElements._serial, "CHECK": TableElements._column_check,
    "CONSTRAINT": TableElements._column_check, "REFERENCES": TableElements._references,
    **dict.fromkeys(
        ("COLUMN_FORMAT", "STORAGE", "SRID", "VISIBLE", "INVISIBLE", "COMPRESSED", "WITH", "WITHOUT", "ENGINE_ATTRIBUTE",
         "SECONDARY_ENGINE_ATTRIBUTE"), TableElements._other_attribute,
    ),
}  # fmt: skip
