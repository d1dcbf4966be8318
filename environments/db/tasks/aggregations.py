"""Questions for a number or a place in an order, with their gold SQL: counting, aggregation and ranking.

Simple ones come first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from .conditions import ColumnRef, Condition, NoQuestion, from_clause, matching_rows, where_clause, whose_phrase
from .domains import Column, Table
from .question_context import Question, QuestionContext, QuestionForms, column_text, select, tables_of, values_of
from .sampling import bernoulli, choose


def counting(context: QuestionContext) -> Question:
    """How many rows meet the conditions."""
    table = context.table()
    conditions = context.conditions(table)
    text = context.any(
        f"How many {table.many} are there{whose_phrase(conditions)}?",
        f"Count the {table.many}{whose_phrase(conditions)}.",
        f"What is the number of {table.many}{whose_phrase(conditions)}?",
    )
    return Question(
        text,
        select(table, "COUNT(*)", conditions),
        f"count the {table.many} that meet the condition",
        context.exploration(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
    )


def counting_groups(context: QuestionContext) -> Question:
    """How many rows have at least so many others that refer to them."""
    parent, child, ref = context.family()
    conditions = context.own_conditions(child) if context.level > 4 else []
    counts = Counter(row[ref.name] for row in matching_rows(context.database.rows[child.name], conditions))
    fitting = [
        n for n in (2, 3, 4) if 2 <= sum(c >= n for c in counts.values()) < len(context.database.rows[parent.name])
    ]
    if not fitting:
        raise NoQuestion
    least = choose(context.rng, fitting)
    text = context.any(
        f"How many {parent.many} have at least {least} {child.many}{whose_phrase(conditions)}?",
        f"Count the {parent.many} that have {least} or more {child.many}{whose_phrase(conditions)}.",
    )
    group = column_text(child, ref, conditions)
    inner = select(child, group, conditions, f" GROUP BY {group} HAVING COUNT(*) >= {least}")
    return Question(
        text,
        f"SELECT COUNT(*) FROM ({inner}) AS counted",
        f"group the {child.many} by {ref.label}, keep the groups that are large enough and count them",
        context.exploration(child, parent),
        (str(least), *values_of(conditions)),
    )


_WORDS = {
    "SUM": ("total", "sum of the"),
    "AVG": ("average", "mean"),
    "MIN": ("lowest", "minimum"),
    "MAX": ("highest", "maximum"),
}


def aggregate(function: str) -> Callable[[QuestionContext], Question]:
    """The question form for one aggregate (SUM, AVG, MIN or MAX) of one column."""
    roles = ("number",) if function in ("SUM", "AVG") else ("number", "year")

    def question(context: QuestionContext) -> Question:
        table = context.table(lambda t: any(c.role in roles for c in t.columns))
        column = context.column(table, *roles)
        conditions = context.conditions(table, least=3, without=(column.name,))
        name = column_text(table, column, conditions)
        expression = f"ROUND(AVG({name}), 2)" if function == "AVG" else f"{function}({name})"
        sql, which = select(table, expression, conditions), whose_phrase(conditions)
        if context.level >= 4 and not any(c.place.joins for c in conditions):
            _above_average(context, table, column, conditions)
            sql += f" AND {name} > (SELECT AVG({name}) FROM {table.name})"
            which += f" and whose {column.label} is above the average of all {table.many}"
        word = context.any(*_WORDS[function])
        text = context.any(
            f"What is the {word} {column.label} of the {table.many}{which}?",
            f"Find the {word} {column.label} among the {table.many}{which}.",
        )
        return Question(
            text + (" Round it to two decimals." if function == "AVG" else ""),
            sql,
            f"compute the {_WORDS[function][0]} {column.label}",
            context.exploration(*tables_of(table, conditions), conditions=conditions),
            values_of(conditions),
        )

    return question


def _above_average(context: QuestionContext, table: Table, column: Column, conditions: Sequence[Condition]) -> None:
    """Raise NoQuestion unless at least two rows are left, and none is so near the average that rounding could decide."""
    rows = context.database.rows[table.name]
    if column.gaps or column.role != "number":
        raise NoQuestion
    mean = fmean(row[column.name] for row in rows)
    above = [row[column.name] for row in matching_rows(rows, conditions) if row[column.name] > mean]
    if len(above) < 2 or any(abs(row[column.name] - mean) < 0.005 for row in rows):
        raise NoQuestion


def _unique_top(values: Sequence[Any], count: int, reverse: bool) -> bool:
    """Whether the first `count` in order are the same in whatever way ties are broken."""
    top = sorted(values, reverse=reverse)[: count + 1]
    return len(top) > count and len(set(top)) == len(top)


def ranking(context: QuestionContext) -> Question:
    """Names of the first rows in the order of one column."""
    table = context.table(lambda t: any(c.role in ("number", "year", "date") and not c.gaps for c in t.columns))
    column = context.column(table, "number", "year", "date", gaps=False)
    conditions = context.conditions(table, least=4, without=(column.name,)) if context.level > 1 else []
    top = choose(context.rng, (2, 3)) if context.level >= 3 else 1
    down = bernoulli(context.rng, 0.5)
    rows = matching_rows(context.database.rows[table.name], conditions)
    if not _unique_top([r[column.name] for r in rows], top, down):
        raise NoQuestion
    tail = f" ORDER BY {column_text(table, column, conditions)}{' DESC' if down else ''} LIMIT {top}"
    return Question(
        _ranking_text(context, table, column, whose_phrase(conditions), top, down),
        select(table, column_text(table, table.name_column, conditions), conditions, tail),
        f"sort the {table.many} by {column.label} and take the first" + (f" {top}" if top > 1 else ""),
        context.exploration(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
        "ordered",
    )


def _ranking_text(context: QuestionContext, table: Table, column: Column, which: str, top: int, down: bool) -> str:
    most = ("latest" if down else "earliest") if column.role == "date" else ("highest" if down else "lowest")
    label = table.name_column.label
    if top > 1:
        order = context.any(f"starting with the {most}", f"the {most} first")
        return f"List the {label}s of the {top} {table.many}{which} that have the {most} {column.label}, {order}."
    among = f" among the {table.many}{which}" if which else ""
    return context.any(
        f"Which {table.one}{which} has the {most} {column.label}? Give the {label}.",
        f"What is the {label} of the {table.one} with the {most} {column.label}{among}?",
    )


def ranking_groups(context: QuestionContext) -> Question:
    """The row with the most referring rows, or with the largest total over them."""
    parent, child, ref = context.family()
    conditions = context.own_conditions(child, least=5) if context.level == 5 else []
    numbers = [c for c in child.columns if c.role == "number" and not c.gaps]
    column = choose(context.rng, numbers) if numbers and context.level == 5 else None
    totals: Counter[int] = Counter()
    for row in matching_rows(context.database.rows[child.name], conditions):
        totals[row[ref.name]] += round(100 * row[column.name]) if column else 1
    if not _unique_top(list(totals.values()), 1, True):
        raise NoQuestion
    with_total = bernoulli(context.rng, 0.5)
    total = f"SUM({child.name}.{column.name})" if column else "COUNT(*)"
    name = f"{parent.name}.{parent.name_column.name}"
    joins = _join_parent(parent, child, ref, conditions)
    sql = (
        f"SELECT {name}{f', {total}' if with_total else ''}{joins}{where_clause(conditions)} "
        f"GROUP BY {parent.name}.{parent.key.name}, {name} ORDER BY {total} DESC LIMIT 1"
    )
    superlative = f"the highest total {column.label} over its {child.many}" if column else f"the most {child.many}"
    fields = parent.name_column.label + (f" and that {'total' if column else 'number'}" if with_total else "")
    only = f"Counting only the {child.many}{whose_phrase(conditions)}, which" if conditions else "Which"
    return Question(
        f"{only} {parent.one} has {superlative}? Give the {fields}.",
        sql,
        f"join the {parent.many} with their {child.many}, add up per {parent.one} and take the largest",
        context.exploration(child, parent),
        values_of(conditions),
        "ordered",
        2 if with_total else 1,
    )


def _join_parent(parent: Table, child: Table, ref: Column, conditions: Sequence[Condition]) -> str:
    """FROM child with its parent and the tables of the conditions; raises NoQuestion where a name is ambiguous."""
    common = {c.name for c in parent.columns}
    if any(not c.place.joins and "." not in c.sql and c.place.column.name in common for c in conditions):
        raise NoQuestion
    reference = ColumnRef(parent, parent.key, "", lambda r: r, ((parent, ref),))
    return from_clause(child, [reference, *(c.place for c in conditions)])


FORMS: QuestionForms = {
    "counting": ((1, counting), (4, counting_groups)),
    "ranking": ((1, ranking), (4, ranking_groups)),
    **{f"aggregation-{f}": ((1, aggregate(f)),) for f in ("SUM", "MIN", "MAX", "AVG")},
}
