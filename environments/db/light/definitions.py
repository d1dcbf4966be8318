"""Column and key definitions: from sqlglot's nodes into the catalog, and what ALTER does to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokens import TokenType

from ..session import SQLError, Unsupported
from . import errors, store, values
from . import types as ty
from .catalog import NOW, Catalog, Column, ForeignKey, Key, Table, domain, key_name
from .parse import Parsed
from .rows import Rows
from .store import Stored

if TYPE_CHECKING:
    from .session import LightSession

_NAMES = {"UINT": "int unsigned", "UBIGINT": "bigint unsigned", "USMALLINT": "smallint unsigned",
          "UTINYINT": "tinyint unsigned", "UMEDIUMINT": "mediumint unsigned", "TIMESTAMPTZ": "timestamp",
          "UDECIMAL": "decimal unsigned", "UDOUBLE": "double unsigned", "BOOLEAN": "boolean"}  # fmt: skip
# InnoDB's limit.
_MAX_COLUMNS = 1017
_ACTIONS = {"CASCADE": "CASCADE", "SET NULL": "SET NULL", "RESTRICT": "RESTRICT", "NO ACTION": "NO ACTION"}


def type_text(node: exp.DataType) -> str:
    """A DataType as MySQL type text."""
    name = node.this.value if hasattr(node.this, "value") else str(node.this)
    text = _NAMES.get(name, name.lower())
    if name in ("ENUM", "SET"):
        return "enum(" + ",".join("'" + str(e.this).replace("'", "''") + "'" for e in node.expressions) + ")" if name == "ENUM" else "set"
    sizes = ",".join(str(p.this.name) for p in node.expressions)
    if not sizes:
        return text
    base, _, mark = text.partition(" ")
    return f"{base}({sizes}){f' {mark}' if mark else ''}"


def column(node: exp.ColumnDef, phys: str) -> tuple[Column, list[Key]]:
    """One column, with the keys that its own words ask for."""
    if node.args.get("kind") is None:
        raise errors.syntax(node.name, 1)
    made = Column(node.name, phys, domain(type_text(node.args["kind"])).decl)
    keys: list[Key] = []
    for constraint in node.args.get("constraints") or ():
        kind = constraint.args.get("kind") if isinstance(constraint, exp.ColumnConstraint) else constraint
        match kind:
            case exp.NotNullColumnConstraint():
                made = replace(made, nullable=bool(kind.args.get("allow_null")))
            case exp.AutoIncrementColumnConstraint():
                made = replace(made, auto_increment=True, nullable=False)
            case exp.PrimaryKeyColumnConstraint() | exp.PrimaryKey():
                made = replace(made, nullable=False)
                keys.append(Key("PRIMARY", (made.name,), True))
            case exp.UniqueColumnConstraint():
                keys.append(Key("", (made.name,), True))
            case exp.DefaultColumnConstraint():
                made = replace(made, default=default(kind.this, made))
            case exp.OnUpdateColumnConstraint():
                made = replace(made, on_update=True)
            case exp.CommentColumnConstraint():
                raise Unsupported("COMMENT on a column")
            case exp.CollateColumnConstraint():
                made = replace(made, binary=_collated(kind.this.name))
            case exp.CharacterSetColumnConstraint():
                if kind.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                    raise Unsupported(f"CHARACTER SET {kind.this.name}", "utf8mb4")
            case exp.Reference():
                raise Unsupported("REFERENCES beside a column", "FOREIGN KEY (...) REFERENCES ...")
            case _:
                raise Unsupported(f"{type(kind).__name__.removesuffix('ColumnConstraint')} on a column")
    if made.domain.base == "timestamp" and made.default is None:
        raise Unsupported("TIMESTAMP without a DEFAULT", "DATETIME, or DEFAULT CURRENT_TIMESTAMP")
    if made.default is not None and made.default != NOW and made.type.kind != ty.STR:
        _checked_default(made)
    return made, keys


def _checked_default(made: Column) -> None:
    try:
        store.given(made.default, replace(made, nullable=True), made.name, 1)
    except SQLError as e:
        if isinstance(e, Unsupported):
            raise
        raise errors.invalid_default(made.name) from e


def _collated(name: str) -> bool:
    if name.lower() in ("utf8mb4_bin", "utf8_bin"):
        return True
    if name.lower() in ("utf8mb4_general_ci", "utf8_general_ci"):
        return False
    raise Unsupported(f"COLLATE {name}", "utf8mb4_general_ci")


def default(node: exp.Expression, made: Column) -> str | None:
    """A DEFAULT as text: literals and the current time only."""
    if isinstance(node, exp.Null):
        return None
    sign = ""
    if isinstance(node, exp.Neg):
        sign, node = "-", node.this
    if isinstance(node, exp.Literal):
        text = sign + str(node.this)
        if made.type.kind == ty.DEC:
            number = values.scaled(text, made.type.scale)[0]
            return f"{ty.exact(number, made.type.scale):f}"
        return text
    if isinstance(node, exp.Boolean):
        return "1" if node.this else "0"
    if isinstance(node, exp.CurrentTimestamp) or (isinstance(node, exp.Anonymous) and node.name.upper() == "NOW"):
        if made.domain.base not in ("datetime", "timestamp"):
            raise Unsupported("DEFAULT CURRENT_TIMESTAMP here", "a DATETIME column")
        return NOW
    raise Unsupported("a computed DEFAULT", "a literal")


def table(name: str, nodes: Sequence[exp.Expression], serial: int, catalog: Catalog) -> Table:
    """A whole CREATE TABLE (…)."""
    if len(nodes) > _MAX_COLUMNS:
        raise SQLError(1117, "HY000", "Too many columns")
    made = Table(name, f"t{serial}", ())
    later: list[exp.Expression] = []
    keys: list[Key] = []
    for i, node in enumerate(nodes):
        if not isinstance(node, exp.ColumnDef):
            later.append(node)
            continue
        one, own = column(node, f"c{serial + 1 + i}")
        if one.name.lower() in made.__dict__.get("by_name", {c.name.lower(): c for c in made.columns}):
            raise errors.duplicate_column(one.name)
        made = Table(name, made.phys, (*made.columns, one))
        keys.extend(own)
    if not made.columns:
        raise errors.syntax(")", 1)
    for key in keys:
        made = add_key(made, key.name, key.columns, unique=True)
    for node in later:
        made = constraint(made, node, catalog)
    counters = [c for c in made.columns if c.auto_increment]
    if len(counters) > 1 or (counters and not any(k.columns[0].lower() == counters[0].name.lower() for k in made.keys)):
        raise SQLError(1075, "42000", "Incorrect table definition; there can be only one auto column and it must be defined as a key")
    return made


def constraint(made: Table, node: exp.Expression, catalog: Catalog | None) -> Table:
    """PRIMARY KEY, UNIQUE, INDEX and FOREIGN KEY lines."""
    name = ""
    if isinstance(node, exp.Constraint):
        name, node = node.name, node.expressions[0]
    if isinstance(node, exp.PrimaryKey):
        return add_key(made, "PRIMARY", key_columns(node.expressions), unique=True)
    if isinstance(node, exp.UniqueColumnConstraint):
        named = node.this.this
        return add_key(made, named.name if named is not None else name, key_columns(node.this.expressions), unique=True)
    if isinstance(node, exp.IndexColumnConstraint):
        if node.args.get("kind") or node.args.get("index_type") or node.args.get("options"):
            raise Unsupported("this kind of index", "INDEX (columns)")
        return add_key(made, node.name if node.this is not None else "", key_columns(node.expressions), unique=False)
    if isinstance(node, exp.ForeignKey) and catalog is not None:
        return _foreign(made, name, node, catalog)
    raise Unsupported(f"{type(node).__name__.removesuffix('ColumnConstraint')} in a table definition")


def key_columns(nodes: Sequence[exp.Expression]) -> tuple[str, ...]:
    names = []
    for node in nodes:
        if isinstance(node, exp.Ordered):
            if node.args.get("desc"):
                raise Unsupported("a descending key")
            node = node.this
        if isinstance(node, exp.ColumnPrefix | exp.Anonymous):
            raise Unsupported("a key over a column's prefix", "the whole column")
        names.append(node.name)
    return tuple(names)


def add_key(made: Table, name: str, columns: tuple[str, ...], *, unique: bool) -> Table:
    """The table with one more key. Raises 1061, 1068 and 1072."""
    if name == "PRIMARY" and made.primary is not None:
        raise errors.multiple_primary()
    for c in columns:
        if c.lower() not in made.by_name:
            raise errors.key_column(c)
        if made.by_name[c.lower()].domain.base in ("text", "blob", "longtext", "mediumtext", "longblob", "mediumblob"):
            raise SQLError(1170, "42000", f"BLOB/TEXT column '{c}' used in key specification without a key length")
    if name and any(k.name.lower() == name.lower() for k in made.keys):
        raise errors.duplicate_key_name(name)
    full = tuple(made.by_name[c.lower()].name for c in columns)
    key = Key(name or key_name(full[0], list(made.keys)), full, unique)
    definition = made.columns
    if name == "PRIMARY":
        definition = tuple(replace(c, nullable=False) if c.name in full else c for c in made.columns)
    return Table(made.name, made.phys, definition, (*made.keys, key), made.foreign)


def drop_key(made: Table, name: str) -> Table:
    if not any(k.name.lower() == name.lower() for k in made.keys):
        raise errors.cannot_drop("INDEX", name)
    return Table(made.name, made.phys, made.columns, tuple(k for k in made.keys if k.name.lower() != name.lower()), made.foreign)


def _foreign(made: Table, name: str, node: exp.ForeignKey, catalog: Catalog) -> Table:
    target = node.args["reference"].this
    parent_name = target.this.name
    parent = made if parent_name == made.name else catalog.tables.get(parent_name)
    columns = tuple(c.name for c in node.expressions)
    theirs = tuple(c.name for c in target.expressions)
    for c in columns:
        if c.lower() not in made.by_name:
            raise errors.key_column(c)
    unmade = SQLError(1005, "HY000", f"Can't create table `{made.name}` (errno: 150 \"Foreign key constraint is incorrectly formed\")")
    if parent is None or any(c.lower() not in parent.by_name for c in theirs):
        raise unmade
    wanted = [c.lower() for c in theirs]
    if not any(k.unique and [c.lower() for c in k.columns] == wanted for k in parent.keys):
        if any([c.lower() for c in k.columns[: len(wanted)]] == wanted for k in parent.keys):
            raise Unsupported("a foreign key to columns that are not unique")
        raise unmade
    if any(made.by_name[a.lower()].domain.base != parent.by_name[b.lower()].domain.base for a, b in zip(columns, theirs, strict=True)):
        raise unmade
    rules = {"DELETE": "RESTRICT", "UPDATE": "RESTRICT"}
    for option in node.args["reference"].args.get("options") or ():
        for event in rules:
            if str(option).startswith(f"ON {event} "):
                rules[event] = _ACTIONS[str(option)[len(event) + 4 :]]
    number = len(made.foreign) + 1
    full = tuple(made.by_name[c.lower()].name for c in columns)
    key = ForeignKey(name or f"{made.name}_ibfk_{number}", full, parent.name, tuple(parent.by_name[c].name for c in wanted), rules["DELETE"], rules["UPDATE"])
    if not any(k.columns[: len(full)] == full for k in made.keys):
        made = add_key(made, name or "", full, unique=False)
    return Table(made.name, made.phys, made.columns, made.keys, (*made.foreign, key))


def copy(source: Table, name: str, serial: int) -> Table:
    """CREATE TABLE … LIKE: columns and keys, no rows and no foreign keys."""
    columns = tuple(replace(c, phys=f"c{serial + 1 + i}") for i, c in enumerate(source.columns))
    return Table(name, f"t{serial}", columns, source.keys)


def properties(node: exp.Expression) -> tuple[str | None, int]:
    """The table of LIKE, if any, and the first AUTO_INCREMENT value."""
    like, counter = None, 1
    held = node.args.get("properties")
    for item in held.expressions if held is not None else ():
        if isinstance(item, exp.LikeProperty):
            like = item.this.name
        elif isinstance(item, exp.AutoIncrementProperty):
            counter = int(item.this.name)
        elif isinstance(item, exp.EngineProperty):
            if item.this.name.lower() != "innodb":
                raise Unsupported(f"ENGINE {item.this.name}", "InnoDB")
        elif isinstance(item, exp.CharacterSetProperty):
            if item.this.name.lower() not in ("utf8mb4", "utf8", "utf8mb3"):
                raise Unsupported("this character set", "utf8mb4")
        elif isinstance(item, exp.CollateProperty):
            if _collated(item.this.name):
                raise Unsupported("a binary collation for a whole table", "COLLATE beside the column")
        else:
            raise Unsupported(f"{type(item).__name__.removesuffix('Property').upper()} in CREATE")
    return like, counter


def query_text(parsed: Parsed) -> str:
    """The text of the query in CREATE VIEW."""
    for token in parsed.tokens:
        if token.token_type in (TokenType.SELECT, TokenType.WITH):
            return parsed.sql[token.start :].rstrip().rstrip(";")
    raise errors.syntax("", 1)


def filler(into: Rows, c: Column) -> Stored:
    """What a new column holds in rows that were there before: its default, else NULL, else zero or the empty text."""
    if c.default is not None or c.nullable:
        return into.default(c)
    match c.type.kind:
        case "int" | "decimal":
            return 0
        case "double":
            return 0.0
        case "string":
            return ""
        case "enum":
            return c.type.members[0]
    raise Unsupported("a new NOT NULL date column without a DEFAULT", "a DEFAULT")


def option(session: LightSession, made: Table, node: exp.Expression) -> None:
    """ALTER TABLE t AUTO_INCREMENT = n, ENGINE = InnoDB."""
    if isinstance(node, exp.AutoIncrementProperty) and made.counter is not None:
        session.counters[made.phys] = max(session.counters.get(made.phys, 1), int(node.this.name))
        return
    if isinstance(node, exp.EngineProperty) and node.this.name.lower() == "innodb":
        return
    raise Unsupported("this table option")


def alter(made: Table, action: exp.Expression, serial: int) -> Table:
    """One action of ALTER TABLE. Raises 1054, 1060, 1090, 1091 as MySQL does."""
    match action:
        case exp.ColumnDef():
            one, keys = column(action, f"c{serial + len(made.columns)}")
            if one.name.lower() in made.by_name:
                if action.args.get("exists"):
                    return made
                raise errors.duplicate_column(one.name)
            return _with_keys(_placed(made, one, action.args.get("position")), keys)
        case exp.ModifyColumn():
            return _modified(made, action)
        case exp.RenameColumn():
            return _renamed(made, action.this.name, action.args["to"].name)
        case exp.Drop():
            return _dropped(made, action)
        case exp.DropPrimaryKey():
            if made.primary is None:
                raise errors.cannot_drop("INDEX", "PRIMARY")
            return drop_key(made, "PRIMARY")
        case exp.AddConstraint():
            for node in action.expressions:
                made = constraint(made, node, None)
            return made
        case exp.AlterColumn():
            return _altered(made, action)
    raise Unsupported(f"ALTER TABLE {type(action).__name__}")


def _with_keys(made: Table, keys: Sequence[Key]) -> Table:
    for key in keys:
        made = add_key(made, key.name, key.columns, unique=True)
    return made


def _find(made: Table, name: str) -> Column:
    found = made.by_name.get(name.lower())
    if found is None:
        raise errors.unknown_column_in_table(name, made.name)
    return found


def _placed(made: Table, one: Column, position: exp.Expression | None) -> Table:
    columns = [c for c in made.columns if c.phys != one.phys]
    if position is None:
        at = next((i for i, c in enumerate(made.columns) if c.phys == one.phys), len(columns))
    elif position.args.get("position") == "FIRST":
        at = 0
    else:
        at = columns.index(_find(made, position.this.name)) + 1
    return Table(made.name, made.phys, (*columns[:at], one, *columns[at:]), made.keys, made.foreign)


def _modified(made: Table, action: exp.Expression) -> Table:
    definition = action.this
    source = action.args.get("rename_from")
    old = _find(made, source.name if source is not None else definition.name)
    one, keys = column(definition, old.phys)
    if one.name.lower() != old.name.lower() and one.name.lower() in made.by_name:
        raise errors.duplicate_column(one.name)
    if made.primary is not None and old.name in made.primary.columns:
        one = replace(one, nullable=False)
    placed = _placed(_renamed(made, old.name, one.name), one, definition.args.get("position"))
    return _with_keys(placed, keys)


def _renamed(made: Table, old: str, new: str) -> Table:
    found = _find(made, old)
    if new.lower() != old.lower() and new.lower() in made.by_name:
        raise errors.duplicate_column(new)
    columns = tuple(replace(c, name=new) if c is found else c for c in made.columns)
    keys = tuple(replace(k, columns=tuple(new if c == found.name else c for c in k.columns)) for k in made.keys)
    return Table(made.name, made.phys, columns, keys, made.foreign)


def _dropped(made: Table, action: exp.Expression) -> Table:
    kind, target = str(action.args.get("kind")).upper(), action.args["tables"][0].name
    if kind == "INDEX":
        return drop_key(made, target)
    if kind != "COLUMN":
        raise Unsupported(f"ALTER TABLE DROP {kind}")
    found = made.by_name.get(target.lower())
    if found is None:
        if action.args.get("exists"):
            return made
        raise errors.cannot_drop("COLUMN", target)
    if len(made.columns) == 1:
        raise errors.last_column()
    keys = []
    for key in made.keys:
        left = tuple(c for c in key.columns if c != found.name)
        if left and left != key.columns and key.unique:
            raise Unsupported("dropping a column of a unique key over several")
        if left:
            keys.append(replace(key, columns=left))
    return Table(made.name, made.phys, tuple(c for c in made.columns if c is not found), tuple(keys), made.foreign)


def _altered(made: Table, action: exp.Expression) -> Table:
    found = _find(made, action.this.name)
    value = action.args.get("default")
    if value is None and not action.args.get("drop"):
        raise Unsupported("this ALTER COLUMN", "MODIFY")
    if value is None:
        raise Unsupported("DROP DEFAULT", "MODIFY")
    changed = replace(found, default=default(value, found))
    _checked_default(changed)
    columns = tuple(changed if c is found else c for c in made.columns)
    return Table(made.name, made.phys, columns, made.keys, made.foreign)
