"""CREATE, DROP, TRUNCATE and RENAME, from tokens to definitions; `alter_rules` adds ALTER.

What MySQL takes and the engine lacks is read to its end and then refused; where the rest of a statement is another
language's (partitions, routines, accounts) it is refused unread.
"""

from __future__ import annotations

from dataclasses import replace

from ...session import SQLError, Unsupported
from .definitions import (
    CreateIndex,
    CreateTable,
    CreateView,
    DefiningQuery,
    Definition,
    DeniedDatabase,
    DropIndex,
    DropTables,
    KeyDefinition,
    RenameTables,
    TableElement,
    TableName,
    Truncate,
)
from .node_parts import without_brackets
from .table_options import TableRules

_DATABASES = ("DATABASE", "SCHEMA")
_UNREAD = frozenset(
    """TRIGGER PROCEDURE FUNCTION AGGREGATE EVENT USER ROLE SERVER SEQUENCE TABLESPACE LOGFILE UNDO PACKAGE PREPARE
    RESOURCE INSTANCE""".split()  # noqa: SIM905
)
_ALGORITHMS = ("DEFAULT", "INPLACE", "COPY", "NOCOPY", "INSTANT")
_LOCKS = ("DEFAULT", "NONE", "SHARED", "EXCLUSIVE")
_QUERIES = ("SELECT", "WITH", "VALUES", "TABLE")


class DefinitionRules(TableRules):
    """The rules of definitions but ALTER."""

    def complete(self, definition: Definition) -> Definition:
        """The definition, if the text ends here and asks for nothing that the engine lacks."""
        self.end()
        if self.refusal is not None:
            raise self.refusal
        return definition

    def create(self) -> Definition:
        """CREATE of a table, a view, an index or a database."""
        self.expect("CREATE")
        replacing = self.take_all("OR", "REPLACE")
        attributes = self._view_attributes()
        if self.take("VIEW"):
            return self._view(replacing)
        temporary = self.take("TEMPORARY")
        if self.take("TABLE") and not attributes:
            return replace(self._table_definition(replacing), temporary=temporary)
        kind = "" if temporary or attributes else self.take_any("UNIQUE", "FULLTEXT", "SPATIAL")
        if not temporary and not attributes and self.take("INDEX"):
            return self._index(kind, replacing)
        if not kind and not temporary and self.take_any(*_DATABASES):
            self.if_not_exists()
            return self._denied()
        raise self._unread("CREATE")

    def _unread(self, verb: str) -> SQLError:
        word = self.keys[self.at]
        if word in _UNREAD or (word == "REFERENCE" and self.keys[self.at - 1] == "SPATIAL"):
            return Unsupported(f"{verb} {word}")
        return self.error()

    def _denied(self) -> DeniedDatabase:
        """A database by its name; what else is said of it does not matter to who may not."""
        name = self.identifier().name
        while self.keys[self.at]:
            self.at += 1
        return DeniedDatabase(name)

    def _view_attributes(self) -> bool:
        """[ALGORITHM = …] [DEFINER = …] [SQL SECURITY …], which routines and triggers share."""
        start = self.at
        if self.take("ALGORITHM"):
            self.expect("=")
            if not self.take_any("UNDEFINED", "MERGE", "TEMPTABLE"):
                raise self.error()
        if self.take("DEFINER"):
            self.expect("=")
            self._account()
        if self.take_all("SQL", "SECURITY") and not self.take_any("DEFINER", "INVOKER"):
            raise self.error()
        return self.at > start

    def _account(self) -> None:
        if self.take_any("CURRENT_USER", "CURRENT_ROLE"):
            if self.take("("):
                self.expect(")")
            return
        # A name with @host behind it, which the lexer reads as a variable.
        self.at += 1
        if self.texts[self.at] == "" and self.tokens.ends[self.at - 1] == self.tokens.starts[self.at]:
            self.at += 1
        while self.tokens.starts[self.at] == self.tokens.ends[self.at - 1]:
            self.at += 1

    def _view(self, replacing: bool) -> CreateView:
        tolerant = self.if_not_exists()
        if replacing and tolerant:
            raise SQLError(1221, "HY000", "Incorrect usage of OR REPLACE and IF NOT EXISTS")
        name = self.table_name()
        columns: tuple[str, ...] = ()
        if self.take("("):
            columns = tuple(self.list_of(lambda: self.identifier().name))
            self.expect(")")
        self.expect("AS")
        query = self._defining_query()
        if self.take("WITH"):
            self.take_any("CASCADED", "LOCAL")
            self.expect("CHECK", "OPTION")
            self.refuse("WITH CHECK OPTION", "a view without it")
        return CreateView(name, columns, query, replacing, tolerant)

    def _defining_query(self) -> DefiningQuery:
        start = self.at
        tree = without_brackets(self.query())
        return DefiningQuery(tree, self.text(start))

    def _table_definition(self, replacing: bool) -> CreateTable:
        tolerant = self.if_not_exists()
        if replacing and tolerant:
            raise SQLError(1221, "HY000", "Incorrect usage of OR REPLACE and IF NOT EXISTS")
        name = self.table_name()
        if self.keys[self.at] == "LIKE" or (self.keys[self.at] == "(" and self.keys[self.at + 1] == "LIKE"):
            return CreateTable(name, like=self._like(), tolerant=tolerant, replacing=replacing)
        elements: list[TableElement] = []
        if self.keys[self.at] == "(" and not self._query_next():
            elements = self.elements()
        options = self.table_options()
        if self.keys[self.at] == "PARTITION":
            raise Unsupported("PARTITION in CREATE")
        query = self._query_of_table()
        options = replace(options, narrow_columns=self.narrow_columns)
        refused = self.refusal is not None
        if not elements and query is None and not refused:
            self.end()
            raise SQLError(1113, "42000", "A table must have at least 1 column")
        return CreateTable(name, tuple(elements), None, options, query, tolerant, replacing)

    def elements(self) -> list[TableElement]:
        """Columns and keys in parentheses."""
        self.expect("(")
        elements = self.list_of(self.table_element)
        self.expect(")")
        return [e for e in elements if e is not None]

    def _query_next(self) -> bool:
        """Whether a query stands here, perhaps in parentheses."""
        at = self.at
        while self.keys[at] == "(":
            at += 1
        return self.keys[at] in _QUERIES

    def _query_of_table(self) -> DefiningQuery | None:
        if self.take_any("IGNORE", "REPLACE"):
            self.refuse(f"{self.keys[self.at - 1]} in CREATE TABLE", "INSERT ... SELECT afterwards")
        if self.take("AS") or self._query_next():
            return self._defining_query()
        return None

    def _like(self) -> TableName:
        bracketed = self.take("(")
        self.expect("LIKE")
        name = self.table_name()
        if bracketed:
            self.expect(")")
        return name

    def _index(self, kind: str, replacing: bool) -> CreateIndex:
        if kind in ("FULLTEXT", "SPATIAL"):
            self.refuse(f"a {kind} index", "INDEX (columns)")
        if replacing:
            self.refuse("CREATE OR REPLACE INDEX", "DROP INDEX, then CREATE INDEX")
        tolerant = self.if_not_exists()
        name = self.key_name()
        self.key_type()
        self.expect("ON")
        table = self.table_name()
        columns, prefixes = self.key_parts()
        self.key_options()
        self.copying()
        key = KeyDefinition("UNIQUE" if kind == "UNIQUE" else "INDEX", name, columns, tolerant, prefixes)
        return CreateIndex(table, key)

    def copying(self) -> bool:
        """ALGORITHM = … and LOCK = …, which choose how and not what; whether one stands here."""
        start = self.at
        self._waiting()
        while word := self.take_any("ALGORITHM", "LOCK"):
            self.take("=")
            choice = "DEFAULT" if self.take("DEFAULT") else self.identifier().name.upper()
            kinds = _ALGORITHMS if word == "ALGORITHM" else _LOCKS
            if choice not in kinds:
                code = 1800 if word == "ALGORITHM" else 1801
                raise SQLError(code, "HY000", f"Unknown {word} '{choice}'")
            if choice != "DEFAULT":
                self.refuse(f"{word} = {choice}", f"a statement without {word}")
        return self.at > start

    def _waiting(self) -> None:
        """[WAIT n | NOWAIT], which means nothing to one session alone."""
        if self.take("WAIT"):
            self.whole_number()
        else:
            self.take("NOWAIT")

    def drop(self) -> Definition:
        """DROP of tables, views, an index or a database."""
        self.expect("DROP")
        temporary = self.take("TEMPORARY")
        kind = self.take_any("TABLE", "TABLES", "VIEW")
        if kind:
            dropped = self._drop_tables("VIEW" if kind == "VIEW" else "TABLE")
            return replace(dropped, temporary=temporary and kind != "VIEW")
        if not temporary and self.take("INDEX"):
            tolerant = self.if_exists()
            name = self.identifier().name
            self.expect("ON")
            table = self.table_name()
            self.copying()
            return DropIndex(name, table, tolerant)
        if not temporary and self.take_any(*_DATABASES):
            self.if_exists()
            return self._denied()
        raise self._unread("DROP")

    def _drop_tables(self, kind: str) -> DropTables:
        tolerant = self.if_exists()
        tables = tuple(self.list_of(self.table_name))
        self._waiting()
        self.take_any("RESTRICT", "CASCADE")
        return DropTables(kind, tables, tolerant)

    def truncate(self) -> Truncate:
        """TRUNCATE [TABLE]."""
        self.expect("TRUNCATE")
        self.take("TABLE")
        table = self.table_name()
        self._waiting()
        return Truncate(table)

    def rename(self) -> Definition:
        """RENAME TABLE."""
        self.expect("RENAME")
        if self.keys[self.at] == "USER":
            raise Unsupported("RENAME USER")
        if not self.take_any("TABLE", "TABLES"):
            raise self.error()
        if self.if_exists():
            self.refuse("IF EXISTS in RENAME TABLE")
        return RenameTables(tuple(self.list_of(self._pair)))

    def _pair(self) -> tuple[TableName, TableName]:
        old = self.table_name()
        self._waiting()
        self.expect("TO")
        return old, self.table_name()
