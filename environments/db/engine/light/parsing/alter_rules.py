"""ALTER TABLE, from tokens to its actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...session import Unsupported
from .definition_rules import DefinitionRules
from .definitions import (
    AddColumn,
    AddKey,
    AlterAction,
    AlterTable,
    ChangeColumn,
    ChangeDefault,
    ColumnDefinition,
    ConvertText,
    Definition,
    DropColumn,
    DropForeignKey,
    DropKey,
    Place,
    RenameColumn,
    RenameKey,
    RenameTable,
    TableOptions,
)

_KEYS = ("INDEX", "KEY")
_CONSTRAINTS = ("CONSTRAINT", "PRIMARY", "UNIQUE", "INDEX", "KEY", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL")
_PARTITIONS = frozenset(
    """PARTITION CHECK REORGANIZE COALESCE REBUILD OPTIMIZE ANALYZE REPAIR EXCHANGE REMOVE TRUNCATE SECONDARY_LOAD
    SECONDARY_UNLOAD""".split()  # noqa: SIM905
)


class Definitions(DefinitionRules):
    """The rules of all definitions."""

    def definition(self) -> Definition:
        """The whole text as one definition. Raises 1064, and 1235 for what the engine lacks."""
        return self.complete(_VERBS[self.keys[self.at]](self))

    def alter(self) -> Definition:
        """ALTER TABLE; ALTER of anything else is refused."""
        self.expect("ALTER")
        ignoring = bool(self.take_any("ONLINE", "IGNORE"))
        if not self.take("TABLE"):
            if not ignoring and self.take_any("DATABASE", "SCHEMA"):
                return self._denied()
            if not ignoring and (self._view_attributes() or self.keys[self.at] == "VIEW"):
                self.expect("VIEW")
                return replace(self._view(replacing=False), replacing=True, altering=True)
            raise self._unread("ALTER")
        if ignoring:
            self.refuse("ALTER IGNORE TABLE", "ALTER TABLE")
        if self.if_exists():
            self.refuse("IF EXISTS in ALTER TABLE")
        table = self.table_name()
        self._waiting()
        actions, options = self._actions()
        return AlterTable(table, tuple(actions), replace(options, narrow_columns=self.narrow_columns))

    def _actions(self) -> tuple[list[AlterAction], TableOptions]:
        actions: list[AlterAction] = []
        options = TableOptions()
        if not self.keys[self.at] and not self.names_next():
            return actions, options
        while True:
            rule = _ACTIONS.get(self.keys[self.at])
            if rule is not None:
                actions += rule(self)
            elif not self.copying():
                options = self._options_of_alter(options)
            if not self.take(","):
                self._refuse_partitions()
                return actions, options

    def _options_of_alter(self, options: TableOptions) -> TableOptions:
        """One option or more, without commas between them."""
        changed = self.table_option(options)
        if changed is None:
            self._refuse_partitions()
            raise self.error()
        while changed is not None:
            options, changed = changed, self.table_option(changed)
        return options

    def _refuse_partitions(self) -> None:
        if self.keys[self.at] in _PARTITIONS:
            raise Unsupported(f"{self.keys[self.at]} in ALTER TABLE")

    def _add(self) -> list[AlterAction]:
        self.expect("ADD")
        if self.keys[self.at] in ("PARTITION", "SYSTEM", "PERIOD"):
            raise Unsupported(f"ALTER TABLE ADD {self.keys[self.at]}")
        if self.keys[self.at] in _CONSTRAINTS:
            key = self.constraint()
            return [] if key is None else [AddKey(key)]
        self.take("COLUMN")
        tolerant = self.if_not_exists()
        if self.keys[self.at] != "(":
            return [AddColumn(self.column(), self._place(), tolerant)]
        return [
            AddColumn(e, None, tolerant) if isinstance(e, ColumnDefinition) else AddKey(e) for e in self.elements()
        ]  # fmt: skip

    def _place(self) -> Place | None:
        if self.take("FIRST"):
            return Place(None)
        return Place(self.identifier().name) if self.take("AFTER") else None

    def _change(self) -> list[AlterAction]:
        self.expect("CHANGE")
        self.take("COLUMN")
        tolerant = self.if_exists()
        old = self.identifier().name
        return [ChangeColumn(old, self.column(), self._place(), tolerant)]

    def _modify(self) -> list[AlterAction]:
        self.expect("MODIFY")
        self.take("COLUMN")
        tolerant = self.if_exists()
        column = self.column()
        return [ChangeColumn(column.name, column, self._place(), tolerant)]

    def _drop(self) -> list[AlterAction]:
        self.expect("DROP")
        if self.keys[self.at] in ("PARTITION", "SYSTEM", "PERIOD"):
            raise Unsupported(f"ALTER TABLE DROP {self.keys[self.at]}")
        if self.take_all("PRIMARY", "KEY") or self.take_all("CONSTRAINT", "PRIMARY", "KEY"):
            return [DropKey("PRIMARY")]
        kind = "FOREIGN KEY" if self.take_all("FOREIGN", "KEY") else self.take_any("CONSTRAINT", "CHECK")
        if kind:
            tolerant = self.if_exists()
            return [DropForeignKey(self.identifier().name, kind, tolerant)]
        if self.take_any(*_KEYS):
            tolerant = self.if_exists()
            return [DropKey(self.identifier().name, tolerant)]
        self.take("COLUMN")
        tolerant = self.if_exists()
        name = self.identifier().name
        self.take_any("RESTRICT", "CASCADE")
        return [DropColumn(name, tolerant)]

    def _alter_part(self) -> list[AlterAction]:
        """ALTER [COLUMN] … {SET | DROP} DEFAULT; ALTER of an index or a constraint is refused."""
        self.expect("ALTER")
        kind = self.take_any(*_KEYS, "CONSTRAINT", "CHECK")
        if kind:
            self.if_exists()
            self.identifier()
            self.take("NOT")
            if not self.take_any("VISIBLE", "INVISIBLE", "IGNORED", "ENFORCED"):
                raise self.error()
            self.refuse(f"ALTER {kind} in ALTER TABLE")
            return []
        self.take("COLUMN")
        if self.if_exists():
            self.refuse("IF EXISTS in ALTER COLUMN")
        name = self.identifier().name
        if self.take_all("DROP", "DEFAULT"):
            return [ChangeDefault(name, None)]
        self.expect("SET")
        if self.take_any("VISIBLE", "INVISIBLE"):
            self.refuse("an invisible column")
            return []
        self.expect("DEFAULT")
        return [ChangeDefault(name, self.default_value())]

    def _rename_part(self) -> list[AlterAction]:
        self.expect("RENAME")
        kind = self.take_any("COLUMN", *_KEYS)
        if kind:
            if self.if_exists():
                self.refuse("IF EXISTS in ALTER TABLE ... RENAME")
            old = self.identifier().name
            self.expect("TO")
            new = self.identifier().name
            return [RenameColumn(old, new) if kind == "COLUMN" else RenameKey(old, new)]
        self.take_any("TO", "AS", "=")
        return [RenameTable(self.table_name())]

    def _conversion(self) -> list[AlterAction]:
        self.expect("CONVERT", "TO")
        if not self.take("CHARSET"):
            self.expect("CHARACTER", "SET")
        if self.texts[self.at].lower() != "utf8mb4":
            self.refuse("CONVERT TO this character set", "utf8mb4")
        self.character_set_name()
        if self.take("COLLATE") and self.collation():
            self.refuse("CONVERT TO a binary collation", "MODIFY of the columns")
        return [ConvertText()]

    def _order(self) -> list[AlterAction]:
        self.expect("ORDER", "BY")
        self.list_of(self.ordered)
        self.refuse("ORDER BY in ALTER TABLE", "ORDER BY in the query")
        return []

    def _maintenance(self) -> list[AlterAction]:
        """FORCE, DISABLE KEYS, DISCARD TABLESPACE and their like."""
        word = self.take_any("FORCE", "ENABLE", "DISABLE", "DISCARD", "IMPORT", "WITH", "WITHOUT")
        if word in ("ENABLE", "DISABLE"):
            self.expect("KEYS")
        elif word in ("DISCARD", "IMPORT"):
            self.expect("TABLESPACE")
        elif word in ("WITH", "WITHOUT"):
            self.expect("VALIDATION")
        if word not in ("ENABLE", "DISABLE"):
            self.refuse(f"{word} in ALTER TABLE")
        return []


_VERBS: dict[str, Callable[[Definitions], Definition]] = {
    "CREATE": Definitions.create, "ALTER": Definitions.alter, "DROP": Definitions.drop, "TRUNCATE": Definitions.truncate,
    "RENAME": Definitions.rename,
}  # fmt: skip
VERBS = frozenset(_VERBS)
_ACTIONS: dict[str, Callable[[Definitions], list[AlterAction]]] = {
    "ADD": Definitions._add, "CHANGE": Definitions._change, "MODIFY": Definitions._modify, "DROP": Definitions._drop,
    "ALTER": Definitions._alter_part, "RENAME": Definitions._rename_part, "CONVERT": Definitions._conversion,
    "ORDER": Definitions._order,
    **dict.fromkeys(("FORCE", "ENABLE", "DISABLE", "DISCARD", "IMPORT", "WITH", "WITHOUT"), Definitions._maintenance),
}  # fmt: skip
