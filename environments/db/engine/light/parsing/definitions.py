"""What a definition says: the tables, columns, keys and actions that CREATE, ALTER, DROP, TRUNCATE and RENAME name."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class TableName:
    """A table's or view's name, with its schema where one is written."""

    name: str
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type as MySQL spells it: its word, the numbers in its parentheses, the members of an ENUM, and UNSIGNED."""

    word: str
    sizes: tuple[int, ...] = ()
    members: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The type as one text, such as `decimal(5,2) unsigned`."""
        inner = ",".join(map(str, self.sizes)) or ",".join("'" + m.replace("'", "''") + "'" for m in self.members)
        return " ".join((f"{self.word}({inner})" if inner else self.word, *self.marks))


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column's line. `default` is the DEFAULT's expression; `key` is PRIMARY, UNIQUE or empty."""

    name: str
    type: ColumnType
    nullable: bool = True
    default: exp.Expression | None = None
    auto_increment: bool = False
    on_update: exp.Expression | None = None
    binary: bool = False
    comment: str = ""
    key: str = ""
    check: str = ""
    generated: str = ""
    lasting: bool = False
    """whether the generated value is stored"""


@dataclass(frozen=True, slots=True)
class KeyDefinition:
    """A key's line. `kind` is PRIMARY, UNIQUE or INDEX; an empty name is for the server to choose."""

    kind: str
    name: str
    columns: tuple[str, ...]
    tolerant: bool = False
    """IF NOT EXISTS"""
    prefixes: tuple[int, ...] = ()
    """the characters that it holds of each column, 0 for all"""


@dataclass(frozen=True, slots=True)
class ForeignKeyDefinition:
    """A foreign key's line."""

    name: str
    columns: tuple[str, ...]
    table: TableName
    references: tuple[str, ...]
    on_delete: str = "RESTRICT"
    on_update: str = "RESTRICT"


@dataclass(frozen=True, slots=True)
class CheckDefinition:
    """A CHECK beside the columns; an empty name is for the server to choose."""

    name: str
    text: str


TableElement = ColumnDefinition | KeyDefinition | ForeignKeyDefinition | CheckDefinition


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What stands behind the columns, as far as it changes something."""

    counter: int | None = None
    comment: str | None = None
    narrow: bool | None = None
    """whether the character set is utf8mb3; None where none is named"""
    narrow_columns: bool = False
    """whether that of a column is"""


@dataclass(frozen=True, slots=True)
class DefiningQuery:
    """The query of CREATE TABLE or CREATE VIEW: its tree and its text."""

    tree: exp.Expression
    text: str


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE, in its three forms: with elements, LIKE another table, and AS a query."""

    table: TableName
    elements: tuple[TableElement, ...] = ()
    like: TableName | None = None
    options: TableOptions = TableOptions()
    query: DefiningQuery | None = None
    tolerant: bool = False
    """IF NOT EXISTS"""
    replacing: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW."""

    view: TableName
    columns: tuple[str, ...]
    query: DefiningQuery
    replacing: bool = False
    tolerant: bool = False
    altering: bool = False
    """ALTER VIEW"""


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE [UNIQUE] INDEX."""

    table: TableName
    key: KeyDefinition


@dataclass(frozen=True, slots=True)
class DropTables:
    """DROP TABLE and DROP VIEW; `kind` is TABLE or VIEW."""

    kind: str
    tables: tuple[TableName, ...]
    tolerant: bool = False
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class DropIndex:
    """DROP INDEX … ON a table."""

    name: str
    table: TableName
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE TABLE."""

    table: TableName


@dataclass(frozen=True, slots=True)
class RenameTables:
    """RENAME TABLE: old and new names."""

    pairs: tuple[tuple[TableName, TableName], ...]


@dataclass(frozen=True, slots=True)
class DeniedDatabase:
    """CREATE, ALTER or DROP of a whole database, which the agent's account may not."""

    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where ALTER TABLE puts a column: behind another, or first."""

    after: str | None


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD [COLUMN]."""

    column: ColumnDefinition
    place: Place | None = None
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class AddKey:
    """ADD of a key; `key` may be a foreign one."""

    key: KeyDefinition | ForeignKeyDefinition | CheckDefinition


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    """CHANGE and MODIFY; `name` is the column as it is called before."""

    name: str
    column: ColumnDefinition
    place: Place | None = None
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME COLUMN a TO b."""

    name: str
    new: str


@dataclass(frozen=True, slots=True)
class RenameKey:
    """RENAME INDEX a TO b."""

    name: str
    new: str


@dataclass(frozen=True, slots=True)
class RenameTable:
    """RENAME [TO] a new name."""

    new: TableName


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP [COLUMN]."""

    name: str
    tolerant: bool = False
    again: bool = False
    """whether the same ALTER adds a column of this name, for which the keys stay"""


@dataclass(frozen=True, slots=True)
class DropKey:
    """DROP INDEX, and DROP PRIMARY KEY under the name PRIMARY."""

    name: str
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class DropForeignKey:
    """DROP FOREIGN KEY and DROP CONSTRAINT; `kind` is the word for it."""

    name: str
    kind: str
    tolerant: bool = False


@dataclass(frozen=True, slots=True)
class ChangeDefault:
    """ALTER COLUMN … SET DEFAULT, and DROP DEFAULT where there is no expression."""

    name: str
    default: exp.Expression | None


@dataclass(frozen=True, slots=True)
class ConvertText:
    """CONVERT TO CHARACTER SET, to the only one there is."""


AlterAction = (
    AddColumn | AddKey | ChangeColumn | RenameColumn | RenameKey | RenameTable | DropColumn | DropKey | DropForeignKey
    | ChangeDefault | ConvertText
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE: its actions in their order, and the options it sets."""

    table: TableName
    actions: tuple[AlterAction, ...]
    options: TableOptions = TableOptions()


Definition = (
    CreateTable
    | CreateView
    | CreateIndex
    | DropTables
    | DropIndex
    | Truncate
    | RenameTables
    | DeniedDatabase
    | AlterTable
)
