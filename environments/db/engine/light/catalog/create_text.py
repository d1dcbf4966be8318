"""CREATE TABLE text: MySQL's own, for SHOW CREATE TABLE and the server engine, and SQLite's, for the light one."""

from __future__ import annotations

from collections.abc import Mapping

from ...session import Unsupported
from ..values import types as ty
from .catalog import NOW, Column, Key, Table
from .expression_text import shown

_LITERAL_ESCAPES = str.maketrans({"\\": "\\\\", "'": "''"})


def quote_name(name: str) -> str:
    """A name between backticks."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A MySQL string literal."""
    return "'" + text.translate(_LITERAL_ESCAPES) + "'"


def column_line(column: Column) -> str:
    """One column as SHOW CREATE TABLE prints it."""
    line = f"{quote_name(column.name)} {column.decl}"
    if column.binary:
        line += " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    comment = f" COMMENT {literal(column.comment)}" if column.comment else ""
    if column.generated:
        return f"{line} GENERATED ALWAYS AS ({shown(column.generated)}) {'STORED' if column.lasting else 'VIRTUAL'}{comment}"
    stamp = column.domain.base == "timestamp"
    if not column.nullable:
        line += " NOT NULL"
    elif stamp:
        line += " NULL"
    if column.auto_increment:
        line += " AUTO_INCREMENT"
    elif column.default is not None:
        line += f" DEFAULT {default_text(column)}"
    elif column.nullable:
        line += " DEFAULT NULL"
    line += f" ON UPDATE {column.clock}" if column.on_update else ""
    return line + comment + (f" CHECK ({shown(column.check)})" if column.check else "")


def default_text(column: Column) -> str:
    """A default as MariaDB prints it: numbers bare, the rest quoted."""
    if column.default == NOW:
        return column.clock
    text = column.default or ""
    return text if column.type.kind in ty.NUMERIC else literal(text)


def key_line(key: Key) -> str:
    """One key as SHOW CREATE TABLE prints it."""
    lengths = [f"({key.prefix(n)})" if key.prefix(n) else "" for n in range(len(key.columns))]
    names = ",".join(quote_name(c) + length for c, length in zip(key.columns, lengths, strict=True))
    if key.name == "PRIMARY":
        return f"PRIMARY KEY ({names})"
    return f"{'UNIQUE ' if key.unique else ''}KEY {quote_name(key.name)} ({names})"


def foreign_lines(table: Table) -> list[str]:
    """The foreign keys as SHOW CREATE TABLE prints them, in the table's order."""
    lines = []
    for f in table.foreign:
        line = (
            f"CONSTRAINT {quote_name(f.name)} FOREIGN KEY ({', '.join(map(quote_name, f.columns))}) "
            f"REFERENCES {quote_name(f.table)} ({', '.join(map(quote_name, f.references))})"
        )
        # RESTRICT is the default and goes without saying; NO ACTION is said.
        line += "" if f.on_delete == "RESTRICT" else f" ON DELETE {f.on_delete}"
        lines.append(line + ("" if f.on_update == "RESTRICT" else f" ON UPDATE {f.on_update}"))
    return lines


def create_statement(table: Table, counter: int = 1) -> str:
    """The table's MySQL definition as SHOW CREATE TABLE prints it."""
    unique_first = sorted(table.keys, key=lambda k: (k.name != "PRIMARY", not k.unique))
    lines = [*map(column_line, table.columns), *map(key_line, unique_first), *sorted(foreign_lines(table))]
    lines += [f"CONSTRAINT {quote_name(name)} CHECK ({shown(text)})" for name, text in table.checks]
    body = ",\n  ".join(lines)
    auto = f" AUTO_INCREMENT={counter}" if counter > 1 and table.counter else ""
    if table.narrow == "partly" or (table.narrow and any(c.binary for c in table.columns)):
        raise Unsupported("SHOW CREATE TABLE of columns in several character sets", "DESCRIBE")
    charset = "utf8mb3" if table.narrow else "utf8mb4"
    tail = f"ENGINE=InnoDB{auto} DEFAULT CHARSET={charset} COLLATE={charset}_general_ci"
    comment = f" COMMENT={literal(table.comment)}" if table.comment else ""
    kind = "TEMPORARY TABLE" if table.temporary else "TABLE"
    return f"CREATE {kind} {quote_name(table.name)} (\n  {body}\n) {tail}{comment}"


def sqlite_statements(table: Table, tables: Mapping[str, Table]) -> list[str]:
    """The same table in SQLite: columns without affinity, so that nothing is converted behind our back."""
    columns = []
    for c in table.columns:
        collate = "" if c.type.kind not in ty.TEXTUAL else f" COLLATE {'pad' if c.type.binary else 'ci'}"
        columns.append(f"{c.phys}{collate}")
    for f in table.foreign:
        target = table if f.table == table.name else tables.get(f.table)
        if target is None:
            continue
        ours = ",".join(table.by_name[c.lower()].phys for c in f.columns)
        theirs = ",".join(target.by_name[c.lower()].phys for c in f.references)
        columns.append(
            f"FOREIGN KEY ({ours}) REFERENCES {target.phys} ({theirs}) ON DELETE {f.on_delete} ON UPDATE {f.on_update}"
        )
    statements = [f"CREATE TABLE {table.phys} ({', '.join(columns)})"]
    for n, key in enumerate(table.keys):
        names = ",".join(table.by_name[c.lower()].phys for c in key.columns)
        statements.append(f"CREATE {'UNIQUE ' if key.unique else ''}INDEX {table.phys}k{n} ON {table.phys} ({names})")
    return statements
