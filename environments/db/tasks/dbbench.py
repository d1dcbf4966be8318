"""A DBBench record read as a task. Pure: the task depends on the record and its location alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from simenv.types import Move, Task

from ..engine.agentbench_grading import CHANGES, same_answer, state_hash
from ..engine.answers import number
from ..engine.light import LightSession
from ..engine.session import SQLError
from ..engine.spec import faults
from ..teacher import json_cell, state_goal
from .solutions import final_move, query_move

_LONGEST_NAME = 64
GoalAndSolution = tuple[dict[str, Any], tuple[Move, ...]]
"""Goal and solution."""
TYPES = (
    *CHANGES,
    "other",
    "counting",
    "comparison",
    "ranking",
    *(f"aggregation-{f}" for f in ("SUM", "MIN", "MAX", "AVG")),
)


class InvalidRecord(Exception):
    """A record that is no task; the text is `field: reason`."""


def read_task(record: Any, id: str, location: str) -> Task:
    """The task of a record. Answers are graded by the label, changes by the tables that the gold statement leaves behind.

    `location` is the record's file and line. Raises InvalidRecord, which names the field.
    """
    if not isinstance(record, dict):
        raise InvalidRecord(f"record: expected an object, found {type(record).__name__}")
    if record.get("user_sqlite"):
        raise InvalidRecord("user_sqlite: its tables are in a SQLite file of AgentBench's, and this world speaks MySQL")
    kind = _kind(record)
    label = _label(record)
    tables = record.get("table")
    by_path = {f"table[{n}]": t for n, t in enumerate(tables)} if isinstance(tables, list) else {"table": tables}
    spec = {"tables": [_table(table, path) for path, table in by_path.items()]}
    for path, reason in faults(spec):
        raise InvalidRecord(f"{path}: {reason}")
    parts = (_text(record, "description"), _text(record, "evidence", ""), _text(record, "add_description", ""))
    text = "\n".join(filter(None, parts))
    goal, solution = (_change if kind in CHANGES else _question)(record, kind, label, spec)
    return Task(
        id=id, environment="db", instruction=text, spec=spec, goal=goal, solution=solution, kind=kind, source=location
    )


def _kind(record: dict[str, Any]) -> str:
    kinds = record.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind not in TYPES:
        raise InvalidRecord(f"type: {kind!r} is none of {', '.join(TYPES)}")
    return str(kind)


def _label(record: dict[str, Any]) -> list[Any]:
    label = record.get("label")
    if not isinstance(label, list) or not all(isinstance(item, str | int | float | None) for item in label):
        raise InvalidRecord(f"label: expected a list of values, found {label!s:.80}")
    return label


def _text(record: dict[str, Any], field: str, default: str | None = None) -> str:
    text = record.get(field, default)
    if not isinstance(text, str):
        raise InvalidRecord(f"{field}: expected text, found {type(text).__name__}")
    return text


def _table(record: Any, path: str) -> dict[str, Any]:
    """All columns are TEXT, as AgentBench makes them, whatever type is declared."""
    info = record.get("table_info") if isinstance(record, dict) else None
    name = record.get("table_name") if isinstance(record, dict) else None
    if not isinstance(info, dict) or not isinstance(name, str) or not name:
        raise InvalidRecord(f"{path}: expected table_name and table_info")
    columns, rows = info.get("columns"), info.get("rows")
    if not isinstance(columns, list) or not columns or not isinstance(rows, list):
        raise InvalidRecord(f"{path}.table_info: expected columns and rows")
    names = [c.get("name") if isinstance(c, dict) else None for c in columns]
    for n, column in enumerate(names):
        if not isinstance(column, str):
            raise InvalidRecord(f"{path}.table_info.columns[{n}].name: expected a name, found {column!r}")
    for n, row in enumerate(rows):
        if not isinstance(row, list):
            raise InvalidRecord(f"{path}.table_info.rows[{n}]: expected a list, found {type(row).__name__}")
    if fault := _mysql_fault(names, rows):
        place, reason = fault
        raise InvalidRecord(f"{path}.table_info.{place}: {reason}; AgentBench's own MySQL refuses this table, too")
    return {
        "name": name,
        "columns": [{"name": column, "type": "TEXT"} for column in names],
        "rows": [[None if cell is None else str(cell) for cell in row] for row in rows],
    }


def _mysql_fault(names: Sequence[Any], rows: Sequence[Sequence[Any]]) -> tuple[str, str] | None:
    """Where and why MySQL cannot make a table of these columns, or put these rows into it."""
    seen: dict[str, int] = {}
    for n, name in enumerate(names):
        place = f"columns[{n}].name"
        if not name.strip() or name != name.rstrip():
            return place, f"expected a name that does not end in a blank, found {name!r} (1166)"
        if len(name) > _LONGEST_NAME:
            return place, f"{name!r:.80} is longer than {_LONGEST_NAME} characters (1059)"
        if (first := seen.setdefault(name.casefold(), n)) != n:
            return place, f"{name!r} is there already as columns[{first}] (1060)"
    ragged = next((n for n, row in enumerate(rows) if len(row) != len(names)), None)
    if ragged is not None:
        return f"rows[{ragged}]", f"{len(rows[ragged])} cells for {len(names)} columns (1136)"
    return None


def _change(record: dict[str, Any], kind: str, label: list[Any], spec: dict[str, Any]) -> GoalAndSolution:
    """The goal is the state after the gold statement, whose hash must be the record's."""
    sql, md5 = _gold(record, label), _text(record, "answer_md5", "")
    try:
        before, after = _run(sql, spec)
    except SQLError as e:
        # The labels were made where numbers and texts compare; MySQL's strict mode stops at a text that is no number.
        sql = with_quoted_numbers(sql) if md5 else ""
        if not sql or not _leaves(sql, spec, md5):
            raise InvalidRecord(f"label: the gold statement fails: {e.message}") from e
        before, after = _run(sql, spec)
    goal = state_goal(before, after)
    if goal is None:
        raise InvalidRecord("label: the gold statement changes nothing")
    digest = state_hash(after, before)
    if md5 and (digest is None or digest not in md5):
        raise InvalidRecord(f"answer_md5: the gold statement leaves tables of hash {digest}, not {md5}")
    goal["agentbench"] = {"type": kind, "label": label, "md5": md5 or digest or ""}
    return goal, (
        query_move(f"The task is to change the table, which takes one {kind} statement.", sql),
        final_move(goal),
    )


def _run(sql: str, spec: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tables before and after a statement. Raises SQLError."""
    session = _open(spec)
    try:
        before = session.tables()
        session.execute(sql)
        return before, session.tables()
    finally:
        session.close()


def _leaves(sql: str, spec: dict[str, Any], md5: str) -> bool:
    """Whether a statement leaves the tables of a hash."""
    try:
        before, after = _run(sql, spec)
    except SQLError:
        return False
    digest = state_hash(after, before)
    return digest is not None and digest in md5


def with_quoted_numbers(sql: str) -> str:
    """A statement in which columns are compared with texts where it has bare numbers; '' where it cannot be read."""
    try:
        tree = sqlglot.parse_one(sql, read="mysql")
    except (SqlglotError, RecursionError):
        return ""
    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        sides = [comparison.this, *(comparison.args.get("expressions") or [comparison.args.get("expression")])]
        if not (isinstance(comparison.parent, exp.Update) and comparison.arg_key == "expressions"):
            for side in sides:
                if isinstance(side, exp.Literal) and not side.is_string:
                    side.replace(exp.Literal.string(side.name))
    return tree.sql(dialect="mysql")


def _gold(record: dict[str, Any], label: list[Any]) -> str:
    if label and isinstance(label[0], str) and label[0].strip():
        return label[0]
    sql = record.get("sql")
    if isinstance(sql, dict) and isinstance(sql.get("query"), str):
        return str(sql["query"])
    raise InvalidRecord("label: no gold statement")


def _question(record: dict[str, Any], kind: str, label: list[Any], spec: dict[str, Any]) -> GoalAndSolution:
    """The label is the gold answer; the bundled SQL is often broken and is shown only where it yields the label.

    No rows, or nothing but NULL, yield the label none.
    """
    goal = {"answer": [_cell(item) for item in label], "compare": "set", "agentbench": {"type": kind, "label": label}}
    sql = record.get("sql")
    text = sql.get("query") if isinstance(sql, dict) else None
    session = _open(spec)
    try:
        result = session.execute(text) if isinstance(text, str) else None
    except SQLError:
        result = None
    finally:
        session.close()
    end = _commit(goal, label)
    if result is None or not result.columns or not _yields(result.rows, goal["answer"], label):
        return goal, (end,)
    return goal, (query_move("I look this up in the table.", str(text)), end)


def _commit(goal: dict[str, Any], label: list[Any]) -> Move:
    """The commit of a label; a NULL in the label's own words, which v0.2 compares as they are."""
    words = [
        str(item) if cell is None and item is not None else cell
        for cell, item in zip(goal["answer"], label, strict=True)
    ]
    return final_move(goal | {"answer": words})


def _yields(rows: Sequence[Sequence[Any]], answer: Any, label: list[Any]) -> bool:
    cells = [json_cell(cell) for row in rows for cell in row]
    if answer == [None]:
        return all(cell is None for cell in cells)
    return bool(cells) and same_answer(cells, label)


def _cell(item: Any) -> Any:
    """A label as a cell: `none` is DBBench's NULL, and numbers are compared as numbers, since its labels are floats."""
    if not isinstance(item, str):
        return item
    if item.strip().casefold() in ("none", "null"):
        return None
    value = number(item)
    leading = item.strip().lstrip("+-")
    if value is None or (len(leading) > 1 and leading[0] == "0" and leading[1] != "."):
        return item
    return int(value) if value == value.to_integral_value() and abs(value) < 10**15 else float(value)


def _open(spec: dict[str, Any]) -> LightSession:
    try:
        return LightSession(spec)
    except SQLError as e:
        raise InvalidRecord(f"table: cannot be made: {e.message}") from e
