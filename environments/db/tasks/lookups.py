"""Questions for rows or their values, with their gold SQL: comparison, and what DBBench calls other.

Simple ones come first.
"""

from __future__ import annotations

from statistics import fmean

from simenv.english import article

from .conditions import (
    NoQuestion,
    column_sql,
    english,
    from_clause,
    matching_rows,
    reachable_columns,
    row_phrase,
    sql_literal,
    where_clause,
    whose_phrase,
)
from .question_context import (
    MAX_ROWS,
    Question,
    QuestionContext,
    QuestionForms,
    column_text,
    select,
    tables_of,
    values_of,
)
from .sampling import bernoulli, choose


def comparison(context: QuestionContext) -> Question:
    """Names of the rows whose numbers or dates meet a condition."""
    table = context.table(lambda t: any(c.role in ("number", "year") for c in t.columns))
    conditions = context.conditions(table, least=1)
    if not 1 <= len(matching_rows(context.database.rows[table.name], conditions)) <= MAX_ROWS:
        raise NoQuestion
    if not any(c.place.column.role in ("number", "year", "date") for c in conditions):
        raise NoQuestion
    name_column = table.name_column
    text = context.any(
        f"Which {table.many} are there{whose_phrase(conditions)}? List their {name_column.label}s.",
        f"List the {name_column.label} of every {table.one}{whose_phrase(conditions)}.",
        f"Find all {table.many}{whose_phrase(conditions)} and give the {name_column.label} of each.",
    )
    return Question(
        text,
        select(table, column_text(table, name_column, conditions), conditions),
        f"select the {name_column.label} of the {table.many} that qualify",
        context.exploration(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
    )


def comparison_row(context: QuestionContext) -> Question:
    """Names of the rows above or below another row in one column."""
    table = context.table(lambda t: any(c.role in ("number", "year", "date") and not c.gaps for c in t.columns))
    column = context.column(table, "number", "year", "date", gaps=False)
    rows = context.database.rows[table.name]
    one, more = choose(context.rng, rows), bernoulli(context.rng, 0.5)
    limit = one[column.name]
    matches = [r for r in rows if (r[column.name] > limit if more else r[column.name] < limit)]
    if not 1 <= len(matches) <= MAX_ROWS:
        raise NoQuestion
    word = ("a later" if more else "an earlier") if column.role == "date" else ("a higher" if more else "a lower")
    name_column = table.name_column
    inner = f"(SELECT {column.name} FROM {table.name} WHERE {name_column.name} = {sql_literal(one[name_column.name])})"
    return Question(
        f"Which {table.many} have {word} {column.label} than {row_phrase(table, one)}? List their {name_column.label}s.",
        f"SELECT {name_column.name} FROM {table.name} WHERE {column.name} {'>' if more else '<'} {inner}",
        f"compare the {column.label} of every {table.one} with that of {english(one[name_column.name])}",
        (
            *context.exploration(table),
            f"SELECT {column.name} FROM {table.name} WHERE {name_column.name} = {sql_literal(one[name_column.name])}",
        ),
        (str(one[name_column.name]),),
    )


def comparison_mean(context: QuestionContext) -> Question:
    """Names of the rows above the average of all rows, or of their own group."""
    table = context.table(lambda t: any(c.role == "number" and not c.gaps for c in t.columns))
    column = context.column(table, "number", gaps=False)
    groups = [c for c in table.columns if c.role == "category" and not c.gaps]
    group = choose(context.rng, groups) if groups and context.level == 5 else None
    rows = context.database.rows[table.name]
    means = {
        key: fmean(r[column.name] for r in rows if not group or r[group.name] == key)
        for key in {r[group.name] if group else "" for r in rows}
    }
    gaps = [(r, r[column.name] - means[r[group.name] if group else ""]) for r in rows]
    matches = [r for r, gap in gaps if gap > 0]
    if not 1 <= len(matches) <= MAX_ROWS or any(abs(gap) < 0.005 for _, gap in gaps):
        raise NoQuestion
    among = f"of all {table.many} with the same {group.label}" if group else f"of all {table.many}"
    name_column, inner = table.name_column, f"SELECT AVG(o.{column.name}) FROM {table.name} AS o"
    inner += f" WHERE o.{group.name} = {table.name}.{group.name}" if group else ""
    question = f"Which {table.many} have {article(column.label)} above the average {column.label} {among}?"
    return Question(
        f"{question} List their {name_column.label}s.",
        f"SELECT {name_column.name} FROM {table.name} WHERE {column.name} > ({inner})",
        f"compare each {column.label} with the average {among} in a subquery",
        context.exploration(table),
    )


def lookup(context: QuestionContext) -> Question:
    """One cell of one row."""
    table = context.table()
    column = context.column(table, "text", "category", "number", "year", "date")
    row = choose(context.rng, context.database.rows[table.name])
    name_column = table.name_column
    text = context.any(
        f"What is the {column.label} of {row_phrase(table, row)}?",
        f"Find the {column.label} of {row_phrase(table, row)}.",
    )
    sql = f"SELECT {column.name} FROM {table.name} WHERE {name_column.name} = {sql_literal(row[name_column.name])}"
    return Question(
        text, sql, f"look up {row_phrase(table, row)}", context.exploration(table), (str(row[name_column.name]),)
    )


def lookup_parent(context: QuestionContext) -> Question:
    """A cell of a row that another row refers to, over one reference or two."""
    table = context.table(lambda t: bool(t.refs))
    row = choose(context.rng, context.database.rows[table.name])
    far = [p for p in reachable_columns(context.database, table, 2) if p.joins and p.column.role not in ("id", "ref")]
    far = [p for p in far if len(p.joins) > 1] or far if context.level > 3 else far
    place = choose(context.rng, far)
    column = f"{table.name}.{table.name_column.name}"
    row_name = row[table.name_column.name]
    owner, _, label = place.label.rpartition("'s ")
    chain = " of the ".join(reversed([*owner.split("'s "), label]))
    return Question(
        f"What is the {chain} of {row_phrase(table, row)}?",
        f"SELECT {column_sql(place, False)}{from_clause(table, [place])} WHERE {column} = {sql_literal(row_name)}",
        f"follow the reference from {row_phrase(table, row)} with a join",
        context.exploration(table, place.table),
        (str(row_name),),
    )


def listing(context: QuestionContext) -> Question:
    """One column of all rows that meet the conditions."""
    table = context.table()
    column = context.column(table, "text", "category", "date", gaps=False)
    conditions = context.conditions(table, least=1, without=(column.name,))
    matches = matching_rows(context.database.rows[table.name], conditions)
    if not 1 <= len(matches) <= MAX_ROWS:
        raise NoQuestion
    name = column_text(table, column, conditions)
    different = column.role == "category" and len({r[column.name] for r in matches}) > 1
    looks = context.exploration(*tables_of(table, conditions), conditions=conditions)
    if different:
        text = f"Which different values of {column.label} occur among the {table.many}{whose_phrase(conditions)}?"
        sql = select(table, f"DISTINCT {name}", conditions)
        return Question(text, sql, f"select the distinct {column.label}", looks, values_of(conditions), "set")
    text = f"List the {column.label} of every {table.one}{whose_phrase(conditions)}, once for each {table.one}."
    plan = f"list the {column.label} of those {table.many}"
    return Question(text, select(table, name, conditions), plan, looks, values_of(conditions))


def without_children(context: QuestionContext) -> Question:
    """Names of the rows to which no row, or none that meets a condition, refers."""
    parent, child, ref = context.family()
    conditions = context.own_conditions(child) if bernoulli(context.rng, 0.5) else []
    parents = {row[ref.name] for row in matching_rows(context.database.rows[child.name], conditions)}
    matches = [row for row in context.database.rows[parent.name] if row[parent.key.name] not in parents]
    if not 1 <= len(matches) <= MAX_ROWS:
        raise NoQuestion
    name_column = parent.name_column
    inner = f"SELECT {ref.name} FROM {child.name}{where_clause(conditions)}"
    return Question(
        f"Which {parent.many} have no {child.many}{whose_phrase(conditions)}? List their {name_column.label}s.",
        f"SELECT {name_column.name} FROM {parent.name} WHERE {parent.key.name} NOT IN ({inner})",
        f"select the {parent.many} that no such {child.one} refers to",
        context.exploration(parent, child),
        values_of(conditions),
    )


FORMS: QuestionForms = {
    "comparison": ((1, comparison), (3, comparison_row), (4, comparison_mean)),
    "other": ((1, lookup), (2, listing), (3, lookup_parent), (4, without_children)),
}
