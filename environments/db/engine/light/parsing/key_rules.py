"""The keys of a table, from tokens to definitions: primary, unique, plain and foreign ones, and checks."""

from __future__ import annotations

from ...session import SQLError
from .column_types import ColumnTypes
from .definitions import CheckDefinition, ForeignKeyDefinition, KeyDefinition, TableName
from .reserved import ADJACENT

_ACTIONS = (("RESTRICT",), ("CASCADE",), ("SET", "NULL"), ("NO", "ACTION"), ("SET", "DEFAULT"))
_KEYS = ("INDEX", "KEY")


class KeyRules(ColumnTypes):
    """The rules of keys and of the names of tables."""

    def table_name(self) -> TableName:
        """[schema.]table. Raises 1064."""
        at = self.at
        name = self.identifier().name
        if (
            self.keys[at] in ADJACENT
            and self.keys[self.at] == "("
            and self.tokens.starts[self.at] == self.tokens.ends[at]
        ):
            self.at = at
            raise self.error()
        schema = None
        if self.take("."):
            schema, name = name, self.identifier().name
        if not name.strip():
            raise SQLError(1103, "42000", f"Incorrect table name '{name}'")
        return TableName(name, schema)

    def if_not_exists(self) -> bool:
        """Whether IF NOT EXISTS stands here."""
        return self.take_all("IF", "NOT", "EXISTS")

    def if_exists(self) -> bool:
        """Whether IF EXISTS stands here."""
        return self.take_all("IF", "EXISTS")

    def _parenthesis(self) -> str:
        """An expression in parentheses, as its text."""
        self.expect("(")
        start = self.at
        self.expression()
        text = self.text(start)
        self.expect(")")
        return text

    def _check(self) -> str:
        """CHECK (expression), as the expression's text."""
        self.expect("CHECK")
        text = self._parenthesis()
        if self.take_all("NOT", "ENFORCED") or self.take("ENFORCED"):
            self.refuse("ENFORCED", "CHECK alone")
        return text

    def constraint(self) -> KeyDefinition | ForeignKeyDefinition | CheckDefinition | None:
        """[CONSTRAINT [name]] and a key, or a check; None for a kind that is read and not supported."""
        name = ""
        named = self.take("CONSTRAINT")
        if named:
            tolerant = self.if_not_exists()
            if tolerant or self.keys[self.at] not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
                name = self.identifier().name
        if self.keys[self.at] == "CHECK":
            return CheckDefinition(name, self._check())
        if self.take_all("FOREIGN", "KEY"):
            return self._foreign_key(name)
        return self.key(name, named=named)

    def key(self, name: str, *, named: bool = False) -> KeyDefinition | None:
        """PRIMARY KEY, UNIQUE, INDEX and their like, with columns and options."""
        if self.take_all("PRIMARY", "KEY"):
            kind = "PRIMARY"
        elif self.take("UNIQUE"):
            kind = "UNIQUE"
            self.take_any(*_KEYS)
        elif not named and self.take_any("FULLTEXT", "SPATIAL"):
            kind = "INDEX"
            self.take_any(*_KEYS)
            self.refuse(f"a {self.keys[self.at - 1]} key", "INDEX (columns)")
        elif not named and self.take_any(*_KEYS):
            kind = "INDEX"
        else:
            raise self.error()
        tolerant = self.if_not_exists()
        if self.keys[self.at] not in ("(", "USING") and not (
            self.keys[self.at] == "TYPE" and self.keys[self.at + 2] == "("
        ):
            name = self.key_name()
        self.key_type()
        columns, prefixes = self.key_parts()
        self.key_options()
        return KeyDefinition(kind, "PRIMARY" if kind == "PRIMARY" else name, columns, tolerant, prefixes)

    def key_name(self) -> str:
        """The name of a key. Raises 1280 for an empty one."""
        name = self.identifier().name
        if not name.strip():
            raise SQLError(1280, "42000", f"Incorrect index name '{name}'")
        return name

    def key_type(self) -> None:
        """[USING BTREE]."""
        if self.take("USING") or self.take("TYPE"):
            if self.keys[self.at] not in ("BTREE", "HASH", "RTREE"):
                raise self.error()
            if not self.take("BTREE"):
                self.refuse("this index type", "INDEX (columns)")
                self.at += 1

    def key_parts(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The columns of a key in parentheses, and how many characters of each it holds, 0 for all. Raises 1064."""
        self.expect("(")
        parts = self.list_of(self._key_part)
        if self.take_all("WITHOUT", "OVERLAPS"):
            self.refuse("WITHOUT OVERLAPS")
        self.expect(")")
        return tuple(name for name, _ in parts), tuple(length for _, length in parts)

    def _key_part(self) -> tuple[str, int]:
        if self.keys[self.at] == "(":
            self._parenthesis()
            self.refuse("a key over an expression")
            name, length = "", 0
        else:
            name, length = self.identifier().name, 0
            if self.take("("):
                length = self.whole_number()
                self.expect(")")
                if length == 0:
                    raise SQLError(1391, "HY000", f"Key part '{name}' length cannot be 0")
        if self.take_any("ASC", "DESC") == "DESC":
            self.refuse("a descending key")
        return name, length

    def key_options(self) -> None:
        """What follows the columns of a key."""
        while True:
            if self.keys[self.at] == "USING":
                self.key_type()
            elif self.take("KEY_BLOCK_SIZE"):
                self.take("=")
                self.whole_number()
                self.refuse("KEY_BLOCK_SIZE")
            elif self.take("COMMENT"):
                self.string()
                self.refuse("COMMENT on a key")
            elif self.take_all("WITH", "PARSER"):
                self.identifier()
                self.refuse("WITH PARSER")
            elif self.take("INVISIBLE") or self.take("IGNORED"):
                self.refuse("an invisible key")
            elif not (self.take("VISIBLE") or self.take_all("NOT", "IGNORED")):
                return

    def _foreign_key(self, name: str) -> ForeignKeyDefinition:
        if self.if_not_exists():
            self.refuse("IF NOT EXISTS of a foreign key", "ADD FOREIGN KEY")
        own = self.identifier().name if self.keys[self.at] != "(" else ""
        self.expect("(")
        columns = tuple(self.list_of(lambda: self.identifier().name))
        self.expect(")")
        return self._reference(name or own, columns)

    def _reference(self, name: str, columns: tuple[str, ...]) -> ForeignKeyDefinition:
        """REFERENCES table (columns) and its rules."""
        self.expect("REFERENCES")
        table = self.table_name()
        references: tuple[str, ...] = ()
        if self.take("("):
            references = tuple(self.list_of(lambda: self.identifier().name))
            self.expect(")")
        rules = {"DELETE": "RESTRICT", "UPDATE": "RESTRICT"}
        if self.take("MATCH"):
            if not self.take_any("FULL", "PARTIAL", "SIMPLE"):
                raise self.error()
            self.refuse("MATCH")
        while self.take("ON"):
            event = self.take_any("DELETE", "UPDATE")
            if not event:
                raise self.error()
            rules[event] = self._action()
        if references and columns and len(references) != len(columns):
            raise SQLError(1239, "42000", f"Incorrect foreign key definition for '{name or 'foreign key without name'}': "
                           "Key reference and table reference don't match")  # fmt: skip
        return ForeignKeyDefinition(name, columns, table, references, rules["DELETE"], rules["UPDATE"])

    def _action(self) -> str:
        for words in _ACTIONS:
            if self.take_all(*words):
                if words == ("SET", "DEFAULT"):
                    self.refuse("SET DEFAULT of a foreign key")
                return " ".join(words)
        raise self.error()
