"""Questions for rows or their values: comparison, and what DBBench calls other. Simple ones first, with their gold SQL."""

from __future__ import annotations

from statistics import fmean

from .conditions import Dull, column_sql, kept, named, places, quoted, said, source, where, whose
from .populate import chance, pick
from .question import MOST, Asker, Forms, Question, own, select, tables_of, values_of


def comparison(ask: Asker) -> Question:
    table = ask.table(lambda t: any(c.role in ("number", "year") for c in t.columns))
    conditions = ask.conditions(table, least=1)
    if not 1 <= len(kept(ask.made.rows[table.name], conditions)) <= MOST:
        raise Dull
    if not any(c.place.column.role in ("number", "year", "date") for c in conditions):
        raise Dull
    known = table.known_by
    text = ask.any(
        f"Which {table.many} are there{whose(conditions)}? List their {known.label}s.",
        f"List the {known.label} of every {table.one}{whose(conditions)}.",
        f"Find all {table.many}{whose(conditions)} and give the {known.label} of each.",
    )
    return Question(
        text,
        select(table, own(table, known, conditions), conditions),
        f"select the {known.label} of the {table.many} that qualify",
        ask.looks(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
    )


def comparison_row(ask: Asker) -> Question:
    table = ask.table(lambda t: any(c.role in ("number", "year", "date") and not c.gaps for c in t.columns))
    column = ask.column(table, "number", "year", "date", gaps=False)
    rows = ask.made.rows[table.name]
    one, more = pick(ask.rng, rows), chance(ask.rng, 0.5)
    bound = one[column.name]
    found = [r for r in rows if (r[column.name] > bound if more else r[column.name] < bound)]
    if not 1 <= len(found) <= MOST:
        raise Dull
    word = ("a later" if more else "an earlier") if column.role == "date" else ("a higher" if more else "a lower")
    known = table.known_by
    inner = f"(SELECT {column.name} FROM {table.name} WHERE {known.name} = {quoted(one[known.name])})"
    return Question(
        f"Which {table.many} have {word} {column.label} than {named(table, one)}? List their {known.label}s.",
        f"SELECT {known.name} FROM {table.name} WHERE {column.name} {'>' if more else '<'} {inner}",
        f"compare the {column.label} of every {table.one} with that of {said(one[known.name])}",
        (*ask.looks(table), f"SELECT {column.name} FROM {table.name} WHERE {known.name} = {quoted(one[known.name])}"),
        (str(one[known.name]),),
    )


def comparison_mean(ask: Asker) -> Question:
    table = ask.table(lambda t: any(c.role == "number" and not c.gaps for c in t.columns))
    column = ask.column(table, "number", gaps=False)
    groups = [c for c in table.columns if c.role == "category" and not c.gaps]
    group = pick(ask.rng, groups) if groups and ask.level == 5 else None
    rows = ask.made.rows[table.name]
    means = {
        key: fmean(r[column.name] for r in rows if not group or r[group.name] == key)
        for key in {r[group.name] if group else "" for r in rows}
    }
    gaps = [(r, r[column.name] - means[r[group.name] if group else ""]) for r in rows]
    found = [r for r, gap in gaps if gap > 0]
    if not 1 <= len(found) <= MOST or any(abs(gap) < 0.005 for _, gap in gaps):
        raise Dull
    among = f"of all {table.many} with the same {group.label}" if group else f"of all {table.many}"
    known, inner = table.known_by, f"SELECT AVG(o.{column.name}) FROM {table.name} AS o"
    inner += f" WHERE o.{group.name} = {table.name}.{group.name}" if group else ""
    asked = f"Which {table.many} have a {column.label} above the average {column.label} {among}?"
    return Question(
        f"{asked} List their {known.label}s.",
        f"SELECT {known.name} FROM {table.name} WHERE {column.name} > ({inner})",
        f"compare each {column.label} with the average {among} in a subquery",
        ask.looks(table),
    )


def lookup(ask: Asker) -> Question:
    table = ask.table()
    column = ask.column(table, "text", "category", "number", "year", "date")
    row = pick(ask.rng, ask.made.rows[table.name])
    known = table.known_by
    text = ask.any(
        f"What is the {column.label} of {named(table, row)}?", f"Find the {column.label} of {named(table, row)}."
    )
    sql = f"SELECT {column.name} FROM {table.name} WHERE {known.name} = {quoted(row[known.name])}"
    return Question(text, sql, f"look up {named(table, row)}", ask.looks(table), (str(row[known.name]),))


def lookup_parent(ask: Asker) -> Question:
    table = ask.table(lambda t: bool(t.refs))
    row = pick(ask.rng, ask.made.rows[table.name])
    far = [p for p in places(ask.made, table, 2) if p.joins and p.column.role not in ("id", "ref")]
    far = [p for p in far if len(p.joins) > 1] or far if ask.level > 3 else far
    place = pick(ask.rng, far)
    name = f"{table.name}.{table.known_by.name}"
    known = row[table.known_by.name]
    owner, _, label = place.label.rpartition("'s ")
    chain = " of the ".join(reversed([*owner.split("'s "), label]))
    return Question(
        f"What is the {chain} of {named(table, row)}?",
        f"SELECT {column_sql(place, False)}{source(table, [place])} WHERE {name} = {quoted(known)}",
        f"follow the reference from {named(table, row)} with a join",
        ask.looks(table, place.table),
        (str(known),),
    )


def listing(ask: Asker) -> Question:
    table = ask.table()
    column = ask.column(table, "text", "category", "date", gaps=False)
    conditions = ask.conditions(table, least=1, without=(column.name,))
    found = kept(ask.made.rows[table.name], conditions)
    if not 1 <= len(found) <= MOST:
        raise Dull
    name = own(table, column, conditions)
    different = column.role == "category" and len({r[column.name] for r in found}) > 1
    looks = ask.looks(*tables_of(table, conditions), conditions=conditions)
    if different:
        text = f"Which different values of {column.label} occur among the {table.many}{whose(conditions)}?"
        sql = select(table, f"DISTINCT {name}", conditions)
        return Question(text, sql, f"select the distinct {column.label}", looks, values_of(conditions), "set")
    text = f"List the {column.label} of every {table.one}{whose(conditions)}, once for each {table.one}."
    plan = f"list the {column.label} of those {table.many}"
    return Question(text, select(table, name, conditions), plan, looks, values_of(conditions))


def without_children(ask: Asker) -> Question:
    parent, child, ref = ask.family()
    conditions = ask.own_conditions(child) if chance(ask.rng, 0.5) else []
    used = {row[ref.name] for row in kept(ask.made.rows[child.name], conditions)}
    found = [row for row in ask.made.rows[parent.name] if row[parent.key.name] not in used]
    if not 1 <= len(found) <= MOST:
        raise Dull
    known = parent.known_by
    inner = f"SELECT {ref.name} FROM {child.name}{where(conditions)}"
    return Question(
        f"Which {parent.many} have no {child.many}{whose(conditions)}? List their {known.label}s.",
        f"SELECT {known.name} FROM {parent.name} WHERE {parent.key.name} NOT IN ({inner})",
        f"select the {parent.many} that no such {child.one} refers to",
        ask.looks(parent, child),
        values_of(conditions),
    )


FORMS: Forms = {
    "comparison": ((1, comparison), (3, comparison_row), (4, comparison_mean)),
    "other": ((1, lookup), (2, listing), (3, lookup_parent), (4, without_children)),
}
