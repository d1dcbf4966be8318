"""A DBBench record as a task. Pure: a record and where it stood go in, a Task or the reason why not comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simenv.types import Move, Task

from ..engine.agentbench_grading import CHANGES, same_answer, state_hash
from ..engine.answers import number
from ..engine.light import LightSession
from ..engine.session import SQLError
from ..engine.spec import faults
from ..teacher import state_goal, typed
from .solutions import final, query

Made = tuple[dict[str, Any], tuple[Move, ...]]
"""Goal and solution."""
TYPES = (
    *CHANGES,
    "other",
    "counting",
    "comparison",
    "ranking",
    *(f"aggregation-{f}" for f in ("SUM", "MIN", "MAX", "AVG")),
)


class Unreadable(Exception):
    """`field: reason` of a record that is no task."""


def task(record: Any, id: str, where: str) -> Task:
    """Unreadable names the field. Answers are graded by the label, changes by what the gold statement leaves behind."""
    if not isinstance(record, dict):
        raise Unreadable(f"record: expected an object, found {type(record).__name__}")
    kind = _kind(record)
    label = _label(record)
    given = record.get("table")
    listed = {f"table[{n}]": t for n, t in enumerate(given)} if isinstance(given, list) else {"table": given}
    spec = {"tables": [_table(table, path) for path, table in listed.items()]}
    for path, reason in faults(spec):
        raise Unreadable(f"{path}: {reason}")
    text = "\n".join(filter(None, (_text(record, "description"), _text(record, "add_description", ""))))
    goal, solution = (_change if kind in CHANGES else _question)(record, kind, label, spec)
    return Task(
        id=id, environment="db", instruction=text, spec=spec, goal=goal, solution=solution, kind=kind, source=where
    )


def _kind(record: dict[str, Any]) -> str:
    given = record.get("type")
    kind = given[0] if isinstance(given, list) and given else given
    if kind not in TYPES:
        raise Unreadable(f"type: {kind!r} is none of {', '.join(TYPES)}")
    return str(kind)


def _label(record: dict[str, Any]) -> list[Any]:
    label = record.get("label")
    if not isinstance(label, list) or not all(isinstance(item, str | int | float | None) for item in label):
        raise Unreadable(f"label: expected a list of values, found {label!s:.80}")
    return label


def _text(record: dict[str, Any], field: str, default: str | None = None) -> str:
    text = record.get(field, default)
    if not isinstance(text, str):
        raise Unreadable(f"{field}: expected text, found {type(text).__name__}")
    return text


def _table(given: Any, path: str) -> dict[str, Any]:
    """All columns are TEXT, as AgentBench makes them, whatever type is declared."""
    info = given.get("table_info") if isinstance(given, dict) else None
    name = given.get("table_name") if isinstance(given, dict) else None
    if not isinstance(info, dict) or not isinstance(name, str) or not name:
        raise Unreadable(f"{path}: expected table_name and table_info")
    columns, rows = info.get("columns"), info.get("rows")
    if not isinstance(columns, list) or not columns or not isinstance(rows, list):
        raise Unreadable(f"{path}.table_info: expected columns and rows")
    names = [c.get("name") if isinstance(c, dict) else None for c in columns]
    for n, column in enumerate(names):
        if not isinstance(column, str) or not column.strip():
            raise Unreadable(f"{path}.table_info.columns[{n}].name: expected a name, found {column!r}")
    for n, row in enumerate(rows):
        if not isinstance(row, list):
            raise Unreadable(f"{path}.table_info.rows[{n}]: expected a list, found {type(row).__name__}")
    return {
        "name": name,
        "columns": [{"name": column, "type": "TEXT"} for column in names],
        "rows": [[None if cell is None else str(cell) for cell in row] for row in rows],
    }


def _change(record: dict[str, Any], kind: str, label: list[Any], spec: dict[str, Any]) -> Made:
    """The goal is the state after the gold statement, whose hash must be the record's."""
    sql = _gold(record, label)
    session = _open(spec)
    try:
        before = session.tables()
        session.execute(sql)
        after = session.tables()
    except SQLError as e:
        raise Unreadable(f"label: the gold statement fails: {e.message}") from e
    finally:
        session.close()
    goal = state_goal(before, after)
    if goal is None:
        raise Unreadable("label: the gold statement changes nothing")
    md5 = _text(record, "answer_md5", "")
    found = state_hash(after, before)
    if md5 and (found is None or found not in md5):
        raise Unreadable(f"answer_md5: the gold statement leaves tables of hash {found}, not {md5}")
    goal["agentbench"] = {"type": kind, "label": label, "md5": md5 or found or ""}
    return goal, (query(f"The task is to change the table, which takes one {kind} statement.", sql), final(goal))


def _gold(record: dict[str, Any], label: list[Any]) -> str:
    if label and isinstance(label[0], str) and label[0].strip():
        return label[0]
    sql = record.get("sql")
    if isinstance(sql, dict) and isinstance(sql.get("query"), str):
        return str(sql["query"])
    raise Unreadable("label: no gold statement")


def _question(record: dict[str, Any], kind: str, label: list[Any], spec: dict[str, Any]) -> Made:
    """The label is the gold answer; the bundled SQL is often broken and is shown only where it yields the label."""
    goal = {"answer": [_cell(item) for item in label], "compare": "set", "agentbench": {"type": kind, "label": label}}
    sql = record.get("sql")
    text = sql.get("query") if isinstance(sql, dict) else None
    session = _open(spec)
    try:
        rows = session.execute(text).rows if isinstance(text, str) else []
    except SQLError:
        rows = []
    finally:
        session.close()
    end = final(goal)
    if not rows or not same_answer(_flat(rows), label):
        return goal, (end,)
    return goal, (query("I look this up in the table.", str(text)), end)


def _flat(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [typed(cell) for row in rows for cell in row]


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
        raise Unreadable(f"table: cannot be made: {e.message}") from e
