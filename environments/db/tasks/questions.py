"""Questions for a number or a place in an order: counting, aggregation, ranking. Simple ones first, with their gold SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from .conditions import ColumnRef, Condition, Dull, kept, source, where, whose
from .domains import Column, Table
from .populate import chance, pick
from .question import Asker, Forms, Question, own, select, tables_of, values_of


def counting(ask: Asker) -> Question:
    table = ask.table()
    conditions = ask.conditions(table)
    text = ask.any(
        f"How many {table.many} are there{whose(conditions)}?",
        f"Count the {table.many}{whose(conditions)}.",
        f"What is the number of {table.many}{whose(conditions)}?",
    )
    return Question(
        text,
        select(table, "COUNT(*)", conditions),
        f"count the {table.many} that meet the condition",
        ask.looks(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
    )


def counting_groups(ask: Asker) -> Question:
    parent, child, ref = ask.family()
    conditions = ask.own_conditions(child) if ask.level > 4 else []
    counts = Counter(row[ref.name] for row in kept(ask.made.rows[child.name], conditions))
    fitting = [n for n in (2, 3, 4) if 2 <= sum(c >= n for c in counts.values()) < len(ask.made.rows[parent.name])]
    if not fitting:
        raise Dull
    least = pick(ask.rng, fitting)
    text = ask.any(
        f"How many {parent.many} have at least {least} {child.many}{whose(conditions)}?",
        f"Count the {parent.many} that have {least} or more {child.many}{whose(conditions)}.",
    )
    group = own(child, ref, conditions)
    inner = select(child, group, conditions, f" GROUP BY {group} HAVING COUNT(*) >= {least}")
    return Question(
        text,
        f"SELECT COUNT(*) FROM ({inner}) AS counted",
        f"group the {child.many} by {ref.label}, keep the groups that are large enough and count them",
        ask.looks(child, parent),
        (str(least), *values_of(conditions)),
    )


_WORDS = {
    "SUM": ("total", "sum of the"),
    "AVG": ("average", "mean"),
    "MIN": ("lowest", "minimum"),
    "MAX": ("highest", "maximum"),
}


def aggregate(function: str) -> Callable[[Asker], Question]:
    """The form that asks for one aggregate of one column."""
    roles = ("number",) if function in ("SUM", "AVG") else ("number", "year")

    def question(ask: Asker) -> Question:
        table = ask.table(lambda t: any(c.role in roles for c in t.columns))
        column = ask.column(table, *roles)
        conditions = ask.conditions(table, least=3, without=(column.name,))
        name = own(table, column, conditions)
        wanted = f"ROUND(AVG({name}), 2)" if function == "AVG" else f"{function}({name})"
        sql, which = select(table, wanted, conditions), whose(conditions)
        if ask.level >= 4 and not any(c.place.joins for c in conditions):
            _above_average(ask, table, column, conditions)
            sql += f" AND {name} > (SELECT AVG({name}) FROM {table.name})"
            which += f" and whose {column.label} is above the average of all {table.many}"
        word = ask.any(*_WORDS[function])
        text = ask.any(
            f"What is the {word} {column.label} of the {table.many}{which}?",
            f"Find the {word} {column.label} among the {table.many}{which}.",
        )
        return Question(
            text + (" Round it to two decimals." if function == "AVG" else ""),
            sql,
            f"compute the {_WORDS[function][0]} {column.label}",
            ask.looks(*tables_of(table, conditions), conditions=conditions),
            values_of(conditions),
        )

    return question


def _above_average(ask: Asker, table: Table, column: Column, conditions: Sequence[Condition]) -> None:
    """Dull unless at least two rows are left, and none so near the average that rounding could decide."""
    rows = ask.made.rows[table.name]
    if column.gaps or column.role != "number":
        raise Dull
    mean = fmean(row[column.name] for row in rows)
    above = [row[column.name] for row in kept(rows, conditions) if row[column.name] > mean]
    if len(above) < 2 or any(abs(row[column.name] - mean) < 0.005 for row in rows):
        raise Dull


def _unique_top(values: Sequence[Any], count: int, reverse: bool) -> bool:
    """Whether the first `count` in order are the same in whatever way ties are broken."""
    top = sorted(values, reverse=reverse)[: count + 1]
    return len(top) > count and len(set(top)) == len(top)


def ranking(ask: Asker) -> Question:
    table = ask.table(lambda t: any(c.role in ("number", "year", "date") and not c.gaps for c in t.columns))
    column = ask.column(table, "number", "year", "date", gaps=False)
    conditions = ask.conditions(table, least=4, without=(column.name,)) if ask.level > 1 else []
    top = pick(ask.rng, (2, 3)) if ask.level >= 3 else 1
    down = chance(ask.rng, 0.5)
    rows = kept(ask.made.rows[table.name], conditions)
    if not _unique_top([r[column.name] for r in rows], top, down):
        raise Dull
    tail = f" ORDER BY {own(table, column, conditions)}{' DESC' if down else ''} LIMIT {top}"
    return Question(
        _ranked(ask, table, column, whose(conditions), top, down),
        select(table, own(table, table.known_by, conditions), conditions, tail),
        f"sort the {table.many} by {column.label} and take the first" + (f" {top}" if top > 1 else ""),
        ask.looks(*tables_of(table, conditions), conditions=conditions),
        values_of(conditions),
        "ordered",
    )


def _ranked(ask: Asker, table: Table, column: Column, which: str, top: int, down: bool) -> str:
    most = ("latest" if down else "earliest") if column.role == "date" else ("highest" if down else "lowest")
    known = table.known_by.label
    if top > 1:
        order = ask.any(f"starting with the {most}", f"the {most} first")
        return f"List the {known}s of the {top} {table.many}{which} that have the {most} {column.label}, {order}."
    among = f" among the {table.many}{which}" if which else ""
    return ask.any(
        f"Which {table.one}{which} has the {most} {column.label}? Give the {known}.",
        f"What is the {known} of the {table.one} with the {most} {column.label}{among}?",
    )


def ranking_groups(ask: Asker) -> Question:
    parent, child, ref = ask.family()
    conditions = ask.own_conditions(child, least=5) if ask.level == 5 else []
    numbers = [c for c in child.columns if c.role == "number" and not c.gaps]
    column = pick(ask.rng, numbers) if numbers and ask.level == 5 else None
    totals: Counter[int] = Counter()
    for row in kept(ask.made.rows[child.name], conditions):
        totals[row[ref.name]] += round(100 * row[column.name]) if column else 1
    if not _unique_top(list(totals.values()), 1, True):
        raise Dull
    both = chance(ask.rng, 0.5)
    total = f"SUM({child.name}.{column.name})" if column else "COUNT(*)"
    name = f"{parent.name}.{parent.known_by.name}"
    sql = (
        f"SELECT {name}{f', {total}' if both else ''}{_joined(parent, child, ref, conditions)}{where(conditions)} "
        f"GROUP BY {parent.name}.{parent.key.name}, {name} ORDER BY {total} DESC LIMIT 1"
    )
    what = f"the highest total {column.label} over its {child.many}" if column else f"the most {child.many}"
    wanted = parent.known_by.label + (f" and that {'total' if column else 'number'}" if both else "")
    only = f"Counting only the {child.many}{whose(conditions)}, which" if conditions else "Which"
    return Question(
        f"{only} {parent.one} has {what}? Give the {wanted}.",
        sql,
        f"join the {parent.many} with their {child.many}, add up per {parent.one} and take the largest",
        ask.looks(child, parent),
        values_of(conditions),
        "ordered",
        2 if both else 1,
    )


def _joined(parent: Table, child: Table, ref: Column, conditions: Sequence[Condition]) -> str:
    """FROM child with its parent and whatever the conditions on the child need; Dull where a name could mean either."""
    shared = {c.name for c in parent.columns}
    if any(not c.place.joins and "." not in c.sql and c.place.column.name in shared for c in conditions):
        raise Dull
    way = ColumnRef(parent, parent.key, "", lambda r: r, ((parent, ref),))
    return source(child, [way, *(c.place for c in conditions)])


FORMS: Forms = {
    "counting": ((1, counting), (4, counting_groups)),
    "ranking": ((1, ranking), (4, ranking_groups)),
    **{f"aggregation-{f}": ((1, aggregate(f)),) for f in ("SUM", "MIN", "MAX", "AVG")},
}
