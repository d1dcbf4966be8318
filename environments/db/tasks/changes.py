"""Tasks that change the tables: rows to insert, update or delete, in English and as the gold statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .conditions import (
    Condition,
    ConditionSpec,
    NoQuestion,
    choose_conditions,
    english,
    matching_rows,
    row_phrase,
    sql_literal,
    where_clause,
    whose_phrase,
)
from .domains import Column, Table
from .populate import Row, collation_key, random_value, unused_value
from .question_context import Question, QuestionContext, QuestionForms, tables_of
from .sampling import bernoulli, choose


def insert(context: QuestionContext) -> Question:
    """Insert one row, or two; references are given as keys."""
    table = context.table()
    rows = [_new_row(context, table)]
    if context.level >= 3:
        rows.append(_new_row(context, table, siblings=rows))
    names = [c.name for c in table.columns if c.role != "id" and any(row[c.name] is not None for row in rows)]
    descriptions = "; ".join(_cells_text(table, row) for row in rows)
    many = f"{len(rows)} {table.many}" if len(rows) > 1 else f"a new {table.one}"
    order = ", in this order" if len(rows) > 1 else ""
    text = context.any(
        f"Add {many} to {table.name}{order}: {descriptions}.",
        f"Insert {many} into the table {table.name}{order}: {descriptions}.",
    )
    if any(row[c.name] is None for row in rows for c in table.columns if c.role != "id"):
        text += " Leave what is not mentioned empty (NULL)."
    text += f" The {table.key.name} is assigned automatically."
    values = ", ".join("(" + ", ".join(sql_literal(row[n]) for n in names) + ")" for row in rows)
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}"
    plan = f"insert the {table.many if len(rows) > 1 else table.one}"
    return Question(text, sql, plan, context.exploration(table), check=_newest_rows(table, len(rows)))


def insert_by_name(context: QuestionContext) -> Question:
    """Insert one row whose references are given by name and must be looked up."""
    table = context.table(lambda t: bool(t.refs))
    row = _new_row(context, table)
    values = {c.name: sql_literal(row[c.name]) for c in table.columns if c.role != "id" and row[c.name] is not None}
    parts = []
    for ref in table.refs:
        parent = context.database.tables[ref.ref]
        owner = context.database.parent(row, ref)
        name_column = parent.name_column
        parts.append(row_phrase(parent, owner))
        values[ref.name] = (
            f"(SELECT {parent.key.name} FROM {parent.name} WHERE {name_column.name} = {sql_literal(owner[name_column.name])})"
        )
    cells = _cells_text(table, {**row, **{ref.name: None for ref in table.refs}})
    text = f"Record a new {table.one} for {' and '.join(parts)}: {cells}. Leave what is not mentioned empty (NULL)."
    text += f" The {table.key.name} is assigned automatically."
    sql = f"INSERT INTO {table.name} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
    owners = [context.database.tables[ref.ref] for ref in table.refs]
    plan = f"insert the {table.one}, looking up the referenced keys in subqueries"
    return Question(text, sql, plan, context.exploration(table, *owners), check=_newest_rows(table, 1))


def insert_for_each(context: QuestionContext) -> Question:
    """Insert a row for every parent that meets a condition."""
    parent, child, ref = context.family()
    if len(child.refs) > 1:
        raise NoQuestion
    conditions = choose_conditions(context.database, parent, context.rng, ConditionSpec(hard=True))
    row = _new_row(context, child)
    values = {
        c.name: sql_literal(row[c.name])
        for c in child.columns
        if c.role not in ("id", "ref") and row[c.name] is not None
    }
    text = (
        f"For every {parent.one}{whose_phrase(conditions)}, add one {child.one} that refers to it: "
        f"{_cells_text(child, {**row, ref.name: None})}. Leave what is not mentioned empty (NULL). "
        f"The {child.key.name} is assigned automatically, in the order of the {parent.many}' {parent.key.name}."
    )
    sql = (
        f"INSERT INTO {child.name} ({', '.join([ref.name, *values])}) "
        f"SELECT {', '.join([parent.key.name, *values.values()])} FROM {parent.name}{where_clause(conditions)} "
        f"ORDER BY {parent.key.name}"
    )
    check = _newest_rows(child, len(matching_rows(context.database.rows[parent.name], conditions)))
    return Question(
        text, sql, f"insert from a SELECT over the {parent.many}", context.exploration(parent, child), check=check
    )


def update_one(context: QuestionContext) -> Question:
    """Set one column, or two, of one row."""
    table = context.table()
    row = choose(context.rng, context.database.rows[table.name])
    columns = _choose_columns(context, table, 2 if context.level >= 2 else 1)
    new = {c.name: _other_value(context, c, row[c.name]) for c in columns}
    name_column = table.name_column
    test = f"{name_column.name} = {sql_literal(row[name_column.name])}"
    sets = " and ".join(f"the {c.label} to {english(new[c.name])}" for c in columns)
    text = context.any(f"Set {sets} for {row_phrase(table, row)}.", f"For {row_phrase(table, row)}, change {sets}.")
    sql = f"UPDATE {table.name} SET {', '.join(f'{n} = {sql_literal(v)}' for n, v in new.items())} WHERE {test}"
    return Question(
        text,
        sql,
        f"update {row_phrase(table, row)}",
        (*context.exploration(table), f"SELECT * FROM {table.name} WHERE {test}"),
        check=f"SELECT {', '.join([name_column.name, *new])} FROM {table.name} WHERE {test}",
    )


def update_many(context: QuestionContext) -> Question:
    """Set or change one column of all rows that meet the conditions."""
    table = context.table(lambda t: any(c.role in ("category", "number") for c in t.columns))
    column = context.column(table, "category", "number")
    conditions = _own_conditions(context, table, without=(column.name,))
    if column.role == "number" and context.level >= 3:
        opening, expression = _change_number(context, column)
    else:
        new = random_value(column, context.fake, context.rng)
        opening, expression = f"Set the {column.label} to {english(new)} for", sql_literal(new)
    rows = matching_rows(context.database.rows[table.name], conditions)
    if column.gaps and any(r[column.name] is None for r in rows):
        raise NoQuestion
    text = f"{opening} all {table.many}{whose_phrase(conditions)}."
    sql = f"UPDATE {table.name} SET {column.name} = {expression}{_where_with_subquery(conditions)}"
    keys = ", ".join(str(r[table.key.name]) for r in rows)
    check = f"SELECT {table.key.name}, {column.name} FROM {table.name} WHERE {table.key.name} IN ({keys})"
    plan = f"update the {column.label} of the {table.many} that qualify"
    return Question(
        text, sql, plan, context.exploration(*tables_of(table, conditions), conditions=conditions), check=check
    )


def update_count(context: QuestionContext) -> Question:
    """Set a column to the number of referring rows."""
    parent, child, ref = context.family()
    columns = [c for c in parent.columns if c.role == "number" and c.type == "INT"]
    if not columns:
        raise NoQuestion
    column = choose(context.rng, columns)
    conditions = choose_conditions(
        context.database, parent, context.rng, ConditionSpec(hard=True, without=(column.name,))
    )
    subject = f"every {parent.one}{whose_phrase(conditions)}"
    text = f"Set the {column.label} of {subject} to the number of {child.many} that refer to it."
    inner = f"SELECT COUNT(*) FROM {child.name} WHERE {child.name}.{ref.name} = {parent.name}.{parent.key.name}"
    sql = f"UPDATE {parent.name} SET {column.name} = ({inner}){where_clause(conditions)}"
    check = f"SELECT {parent.key.name}, {column.name} FROM {parent.name}{where_clause(conditions)}"
    return Question(
        text, sql, f"count the {child.many} in a correlated subquery", context.exploration(parent, child), check=check
    )


def delete_one(context: QuestionContext) -> Question:
    """Delete one row to which nothing refers."""
    table = _leaf_table(context)
    row = choose(context.rng, context.database.rows[table.name])
    test = f"{table.name_column.name} = {sql_literal(row[table.name_column.name])}"
    text = context.any(f"Delete {row_phrase(table, row)}.", f"Remove {row_phrase(table, row)} from {table.name}.")
    return Question(
        text,
        f"DELETE FROM {table.name} WHERE {test}",
        f"delete {row_phrase(table, row)}",
        (*context.exploration(table), f"SELECT * FROM {table.name} WHERE {test}"),
        check=f"SELECT COUNT(*) FROM {table.name} WHERE {test}",
    )


def delete_many(context: QuestionContext) -> Question:
    """Delete the rows that meet the conditions, from a table to which nothing refers."""
    table = _leaf_table(context)
    conditions = _own_conditions(context, table)
    text = context.any(
        f"Delete all {table.many}{whose_phrase(conditions)}.", f"Remove every {table.one}{whose_phrase(conditions)}."
    )
    return Question(
        text,
        f"DELETE FROM {table.name}{_where_with_subquery(conditions)}",
        f"delete the {table.many} that qualify",
        context.exploration(*tables_of(table, conditions), conditions=conditions),
        check=f"SELECT COUNT(*) FROM {table.name}",
    )


def delete_childless(context: QuestionContext) -> Question:
    """Delete the rows to which no other row refers."""
    parent = context.table(lambda t: bool(context.database.children(t.name)))
    children = context.database.children(parent.name)
    parents = {row[ref.name] for child, ref in children for row in context.database.rows[child.name]}
    if not any(row[parent.key.name] not in parents for row in context.database.rows[parent.name]):
        raise NoQuestion
    key = f"{parent.name}.{parent.key.name}"
    tests = [f"NOT EXISTS (SELECT 1 FROM {c.name} WHERE {c.name}.{ref.name} = {key})" for c, ref in children]
    nothing = " and no ".join(c.many for c, _ in children)
    return Question(
        f"Delete the {parent.many} that have no {nothing}.",
        f"DELETE FROM {parent.name} WHERE {' AND '.join(tests)}",
        f"delete the {parent.many} to which nothing refers",
        context.exploration(parent, *(c for c, _ in children)),
        check=f"SELECT COUNT(*) FROM {parent.name}",
    )


def _new_row(context: QuestionContext, table: Table, siblings: Sequence[Row] = ()) -> Row:
    """A row whose references exist and whose name is new; some cells that may be NULL are."""
    row: Row = {}
    rows = [*context.database.rows[table.name], *siblings]
    for column in table.columns:
        if column.role == "id":
            continue
        if column.role == "name":
            row[column.name] = unused_value(
                column, {collation_key(r[column.name]) for r in rows}, context.fake, context.rng
            )
        elif column.role == "ref":
            row[column.name] = choose(context.rng, context.database.rows[column.ref])[column.name]
        else:
            empty = column.gaps and bernoulli(context.rng, 0.4)
            row[column.name] = None if empty else random_value(column, context.fake, context.rng)
    return row


def _cells_text(table: Table, row: Row) -> str:
    columns = [c for c in table.columns if row.get(c.name) is not None]
    return ", ".join(f"{c.name if c.role == 'ref' else c.label} {english(row[c.name])}" for c in columns)


def _newest_rows(table: Table, count: int) -> str:
    return f"SELECT * FROM {table.name} ORDER BY {table.key.name} DESC LIMIT {count}"


def _choose_columns(context: QuestionContext, table: Table, count: int) -> list[Column]:
    columns = [c for c in table.columns if c.role in ("category", "number", "year", "date", "text")]
    order = context.rng.permutation(len(columns))
    return [columns[int(i)] for i in order[:count]]


def _other_value(context: QuestionContext, column: Column, old: Any) -> Any:
    for _ in range(20):
        if (new := random_value(column, context.fake, context.rng)) != old:
            return new
    raise NoQuestion


def _change_number(context: QuestionContext, column: Column) -> tuple[str, str]:
    """The beginning of the instruction and the SQL of a change of a number; NULL would stay NULL."""
    if column.type == "INT":
        step = int(context.rng.integers(1, 6))
        return f"Increase the {column.label} by {step} for", f"{column.name} + {step}"
    percent = int(choose(context.rng, (5, 10, 15, 20)))
    return (
        f"Raise the {column.label} by {percent} percent, rounded to two decimals, for",
        f"ROUND({column.name} * 1.{percent:02d}, 2)",
    )


def _own_conditions(context: QuestionContext, table: Table, without: Sequence[str] = ()) -> list[Condition]:
    """Conditions on the table, and from difficulty 4 on also on the tables it refers to."""
    level = context.level
    far = level >= 4 and bool(table.refs) and bernoulli(context.rng, 0.7)
    amount = 1 if far else 1 + (level >= 3)
    return choose_conditions(
        context.database, table, context.rng, ConditionSpec(amount, int(far), level >= 3, 1, without, far)
    )


def _where_with_subquery(conditions: Sequence[Condition]) -> str:
    """WHERE of a statement that changes one table; conditions beyond a reference go into a subquery."""
    far = [c for c in conditions if c.place.joins]
    if not far:
        return where_clause(conditions)
    ref = far[0].place.joins[0][1]
    parent = far[0].place.table
    near = [c.sql for c in conditions if not c.place.joins]
    inner = f"SELECT {ref.name} FROM {parent.name} WHERE {' AND '.join(c.sql for c in far)}"
    return " WHERE " + " AND ".join([f"{ref.name} IN ({inner})", *near])


def _leaf_table(context: QuestionContext) -> Table:
    return context.table(lambda t: not context.database.children(t.name))


FORMS: QuestionForms = {
    "INSERT": ((1, insert), (4, insert_by_name), (5, insert_for_each)),
    "UPDATE": ((1, update_one), (2, update_many), (5, update_count)),
    "DELETE": ((1, delete_one), (2, delete_many), (5, delete_childless)),
}
