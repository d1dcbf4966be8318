"""Tasks that change the tables: rows to insert, update or delete, said in English with the gold statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .conditions import Choice, Condition, Dull, choose, kept, named, quoted, said, where, whose
from .domains import Column, Table
from .populate import Row, chance, folded, fresh, pick, value
from .question import Asker, Forms, Question, tables_of


def insert(ask: Asker) -> Question:
    """One row, or two; references as keys."""
    table = ask.table()
    rows = [_new_row(ask, table)]
    if ask.level >= 3:
        rows.append(_new_row(ask, table, taken=rows))
    names = [c.name for c in table.columns if c.role != "id" and any(row[c.name] is not None for row in rows)]
    listed = "; ".join(_described(table, row) for row in rows)
    many = f"{len(rows)} {table.many}" if len(rows) > 1 else f"a new {table.one}"
    order = ", in this order" if len(rows) > 1 else ""
    text = ask.any(
        f"Add {many} to {table.name}{order}: {listed}.", f"Insert {many} into the table {table.name}{order}: {listed}."
    )
    if any(row[c.name] is None for row in rows for c in table.columns if c.role != "id"):
        text += " Leave what is not mentioned empty (NULL)."
    text += f" The {table.key.name} is assigned automatically."
    values = ", ".join("(" + ", ".join(quoted(row[n]) for n in names) + ")" for row in rows)
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}"
    plan = f"insert the {table.many if len(rows) > 1 else table.one}"
    return Question(text, sql, plan, ask.looks(table), check=_newest(table, len(rows)))


def insert_by_name(ask: Asker) -> Question:
    """One row whose references are told by name and must be looked up."""
    table = ask.table(lambda t: bool(t.refs))
    row = _new_row(ask, table)
    given = {c.name: quoted(row[c.name]) for c in table.columns if c.role != "id" and row[c.name] is not None}
    parts = []
    for ref in table.refs:
        there = ask.made.tables[ref.ref]
        owner = ask.made.parent(row, ref)
        known = there.known_by
        parts.append(named(there, owner))
        given[ref.name] = (
            f"(SELECT {there.key.name} FROM {there.name} WHERE {known.name} = {quoted(owner[known.name])})"
        )
    described = _described(table, {**row, **{ref.name: None for ref in table.refs}})
    text = f"Record a new {table.one} for {' and '.join(parts)}: {described}. Leave what is not mentioned empty (NULL)."
    text += f" The {table.key.name} is assigned automatically."
    sql = f"INSERT INTO {table.name} ({', '.join(given)}) VALUES ({', '.join(given.values())})"
    owners = [ask.made.tables[ref.ref] for ref in table.refs]
    plan = f"insert the {table.one}, looking up the referenced keys in subqueries"
    return Question(text, sql, plan, ask.looks(table, *owners), check=_newest(table, 1))


def insert_for_each(ask: Asker) -> Question:
    """A row for every parent that meets a condition."""
    parent, child, ref = ask.family()
    if len(child.refs) > 1:
        raise Dull
    conditions = choose(ask.made, parent, ask.rng, Choice(hard=True))
    row = _new_row(ask, child)
    given = {
        c.name: quoted(row[c.name]) for c in child.columns if c.role not in ("id", "ref") and row[c.name] is not None
    }
    text = (
        f"For every {parent.one}{whose(conditions)}, add one {child.one} that refers to it: "
        f"{_described(child, {**row, ref.name: None})}. Leave what is not mentioned empty (NULL). "
        f"The {child.key.name} is assigned automatically, in the order of the {parent.many}' {parent.key.name}."
    )
    sql = (
        f"INSERT INTO {child.name} ({', '.join([ref.name, *given])}) "
        f"SELECT {', '.join([parent.key.name, *given.values()])} FROM {parent.name}{where(conditions)} "
        f"ORDER BY {parent.key.name}"
    )
    check = _newest(child, len(kept(ask.made.rows[parent.name], conditions)))
    return Question(text, sql, f"insert from a SELECT over the {parent.many}", ask.looks(parent, child), check=check)


def update_one(ask: Asker) -> Question:
    table = ask.table()
    row = pick(ask.rng, ask.made.rows[table.name])
    columns = _settable(ask, table, 2 if ask.level >= 2 else 1)
    new = {c.name: _other(ask, c, row[c.name]) for c in columns}
    known = table.known_by
    test = f"{known.name} = {quoted(row[known.name])}"
    sets = " and ".join(f"{c.label} to {said(new[c.name])}" for c in columns)
    text = ask.any(f"Set the {sets} for {named(table, row)}.", f"For {named(table, row)}, change the {sets}.")
    sql = f"UPDATE {table.name} SET {', '.join(f'{n} = {quoted(v)}' for n, v in new.items())} WHERE {test}"
    return Question(
        text,
        sql,
        f"update {named(table, row)}",
        (*ask.looks(table), f"SELECT * FROM {table.name} WHERE {test}"),
        check=f"SELECT {', '.join([known.name, *new])} FROM {table.name} WHERE {test}",
    )


def update_many(ask: Asker) -> Question:
    table = ask.table(lambda t: any(c.role in ("category", "number") for c in t.columns))
    column = ask.column(table, "category", "number")
    conditions = _own_conditions(ask, table, without=(column.name,))
    if column.role == "number" and ask.level >= 3:
        said_so, expression = _raised(ask, column)
    else:
        new = value(column, ask.fake, ask.rng)
        said_so, expression = f"Set the {column.label} to {said(new)} for", quoted(new)
    rows = kept(ask.made.rows[table.name], conditions)
    if column.gaps and any(r[column.name] is None for r in rows):
        raise Dull
    text = f"{said_so} all {table.many}{whose(conditions)}."
    sql = f"UPDATE {table.name} SET {column.name} = {expression}{_through(conditions)}"
    keys = ", ".join(str(r[table.key.name]) for r in rows)
    check = f"SELECT {table.key.name}, {column.name} FROM {table.name} WHERE {table.key.name} IN ({keys})"
    plan = f"update the {column.label} of the {table.many} that qualify"
    return Question(text, sql, plan, ask.looks(*tables_of(table, conditions), conditions=conditions), check=check)


def update_count(ask: Asker) -> Question:
    """A column set to the number of referring rows."""
    parent, child, ref = ask.family()
    columns = [c for c in parent.columns if c.role == "number" and c.type == "INT"]
    if not columns:
        raise Dull
    column = pick(ask.rng, columns)
    conditions = choose(ask.made, parent, ask.rng, Choice(hard=True, without=(column.name,)))
    text = f"Set the {column.label} of every {parent.one}{whose(conditions)} to the number of {child.many} that refer to it."
    inner = f"SELECT COUNT(*) FROM {child.name} WHERE {child.name}.{ref.name} = {parent.name}.{parent.key.name}"
    sql = f"UPDATE {parent.name} SET {column.name} = ({inner}){where(conditions)}"
    check = f"SELECT {parent.key.name}, {column.name} FROM {parent.name}{where(conditions)}"
    return Question(
        text, sql, f"count the {child.many} in a correlated subquery", ask.looks(parent, child), check=check
    )


def delete_one(ask: Asker) -> Question:
    table = _leaf(ask)
    row = pick(ask.rng, ask.made.rows[table.name])
    test = f"{table.known_by.name} = {quoted(row[table.known_by.name])}"
    text = ask.any(f"Delete {named(table, row)}.", f"Remove {named(table, row)} from {table.name}.")
    return Question(
        text,
        f"DELETE FROM {table.name} WHERE {test}",
        f"delete {named(table, row)}",
        (*ask.looks(table), f"SELECT * FROM {table.name} WHERE {test}"),
        check=f"SELECT COUNT(*) FROM {table.name} WHERE {test}",
    )


def delete_many(ask: Asker) -> Question:
    table = _leaf(ask)
    conditions = _own_conditions(ask, table)
    text = ask.any(f"Delete all {table.many}{whose(conditions)}.", f"Remove every {table.one}{whose(conditions)}.")
    return Question(
        text,
        f"DELETE FROM {table.name}{_through(conditions)}",
        f"delete the {table.many} that qualify",
        ask.looks(*tables_of(table, conditions), conditions=conditions),
        check=f"SELECT COUNT(*) FROM {table.name}",
    )


def delete_childless(ask: Asker) -> Question:
    parent = ask.table(lambda t: bool(ask.made.children(t.name)))
    children = ask.made.children(parent.name)
    used = {row[ref.name] for child, ref in children for row in ask.made.rows[child.name]}
    if not any(row[parent.key.name] not in used for row in ask.made.rows[parent.name]):
        raise Dull
    key = f"{parent.name}.{parent.key.name}"
    tests = [f"NOT EXISTS (SELECT 1 FROM {c.name} WHERE {c.name}.{ref.name} = {key})" for c, ref in children]
    nothing = " and no ".join(c.many for c, _ in children)
    return Question(
        f"Delete the {parent.many} that have no {nothing}.",
        f"DELETE FROM {parent.name} WHERE {' AND '.join(tests)}",
        f"delete the {parent.many} to which nothing refers",
        ask.looks(parent, *(c for c, _ in children)),
        check=f"SELECT COUNT(*) FROM {parent.name}",
    )


def _new_row(ask: Asker, table: Table, taken: Sequence[Row] = ()) -> Row:
    """Its references exist, its name is new, and some of what may be missing is."""
    row: Row = {}
    rows = [*ask.made.rows[table.name], *taken]
    for column in table.columns:
        if column.role == "id":
            continue
        if column.role == "name":
            row[column.name] = fresh(column, {folded(r[column.name]) for r in rows}, ask.fake, ask.rng)
        elif column.role == "ref":
            row[column.name] = pick(ask.rng, ask.made.rows[column.ref])[column.name]
        else:
            empty = column.gaps and chance(ask.rng, 0.4)
            row[column.name] = None if empty else value(column, ask.fake, ask.rng)
    return row


def _described(table: Table, row: Row) -> str:
    known = [c for c in table.columns if row.get(c.name) is not None]
    return ", ".join(f"{c.name if c.role == 'ref' else c.label} {said(row[c.name])}" for c in known)


def _newest(table: Table, count: int) -> str:
    return f"SELECT * FROM {table.name} ORDER BY {table.key.name} DESC LIMIT {count}"


def _settable(ask: Asker, table: Table, wanted: int) -> list[Column]:
    columns = [c for c in table.columns if c.role in ("category", "number", "year", "date", "text")]
    order = ask.rng.permutation(len(columns))
    return [columns[int(i)] for i in order[:wanted]]


def _other(ask: Asker, column: Column, old: Any) -> Any:
    for _ in range(20):
        if (new := value(column, ask.fake, ask.rng)) != old:
            return new
    raise Dull


def _raised(ask: Asker, column: Column) -> tuple[str, str]:
    """How a number changes, and its SQL; NULL would stay NULL."""
    if column.type == "INT":
        step = int(ask.rng.integers(1, 6))
        return f"Increase the {column.label} by {step} for", f"{column.name} + {step}"
    percent = int(pick(ask.rng, (5, 10, 15, 20)))
    return (
        f"Raise the {column.label} by {percent} percent, rounded to two decimals, for",
        f"ROUND({column.name} * 1.{percent:02d}, 2)",
    )


def _own_conditions(ask: Asker, table: Table, without: Sequence[str] = ()) -> list[Condition]:
    """Conditions on the table, from difficulty 4 on also on those it refers to."""
    level = ask.level
    far = level >= 4 and bool(table.refs) and chance(ask.rng, 0.7)
    amount = 1 if far else 1 + (level >= 3)
    return choose(ask.made, table, ask.rng, Choice(amount, int(far), level >= 3, 1, without, far))


def _through(conditions: Sequence[Condition]) -> str:
    """WHERE of a statement that changes one table: what lies beyond a reference goes into a subquery."""
    far = [c for c in conditions if c.place.joins]
    if not far:
        return where(conditions)
    ref = far[0].place.joins[0][1]
    there = far[0].place.table
    near = [c.sql for c in conditions if not c.place.joins]
    inner = f"SELECT {ref.name} FROM {there.name} WHERE {' AND '.join(c.sql for c in far)}"
    return " WHERE " + " AND ".join([f"{ref.name} IN ({inner})", *near])


def _leaf(ask: Asker) -> Table:
    return ask.table(lambda t: not ask.made.children(t.name))


FORMS: Forms = {
    "INSERT": ((1, insert), (4, insert_by_name), (5, insert_for_each)),
    "UPDATE": ((1, update_one), (2, update_many), (5, update_count)),
    "DELETE": ((1, delete_one), (2, delete_many), (5, delete_childless)),
}
