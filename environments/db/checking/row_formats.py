"""Formats in which people and models write the rows of a database: Python, JSON, the client's table, Markdown, tabs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from numpy.random import Generator

from ..engine.session import to_json
from ..tasks.sampling import choose

Rows = list[tuple[Any, ...]]
ERROR_MESSAGES = {
    1146: "Table 'db.{table}' doesn't exist", 1054: "Unknown column '{column}' in 'field list'",
    1062: "Duplicate entry '1' for key 'PRIMARY'", 1048: "Column '{column}' cannot be null",
    1064: "You have an error in your SQL syntax near '{column}' at line 1",
}  # fmt: skip
_SPAN = (" (0.00 sec)", " (0.01 sec)", "")


def format_rows(rows: Rows, columns: Sequence[str], rng: Generator, *, short: bool = False) -> str:
    """Rows in a format drawn at random; `short` writes none of them."""
    if not rows or short:
        return choose(rng, ("[]", f"Empty set{choose(rng, _SPAN)}", "()", "[ ]"))
    only_typed = any(isinstance(c, str) and _unfit_for_table(c) for row in rows for c in row) or any(
        map(_unfit_for_table, columns)
    )
    texts = (
        (_python, _python, _tuples, _json)
        if only_typed
        else (_python, _tuples, _json, _objects, _client, _markdown, _tabs)
    )
    return str(choose(rng, texts)(rows, list(columns), rng))


def format_status(affected: int, rng: Generator) -> str:
    """The outcome of a write, in a wording drawn at random."""
    rows = "row" if affected == 1 else "rows"
    ok = f"Query OK, {affected} {rows} affected"
    return str(
        choose(
            rng,
            ("[]", "[]\n", ok, ok + choose(rng, _SPAN), "Query OK", f"{affected} {rows} affected", f"{ok}, 0 warnings"),
        )
    )


def plausible_output(state: Mapping[str, Any], rng: Generator) -> str:
    """Output that would fit any statement: rows of some table, or a status."""
    tables = [t for t in state.values() if t["rows"]]
    if tables and rng.random() < 0.6:
        table = choose(rng, tables)
        rows = [tuple(row) for row in table["rows"][: int(rng.integers(1, 4))]]
        return format_rows(rows, table["columns"], rng)
    return str(
        choose(
            rng,
            (
                "[]",
                "Query OK, 0 rows affected (0.00 sec)",
                "Query OK, 1 row affected (0.01 sec)",
                "Empty set (0.00 sec)",
                "[(1,)]",
            ),
        )
    )


def restate_state(state: Mapping[str, Any], rng: Generator) -> Any:
    """The same state in other words: rows in another order, some numbers as text, types left out."""
    form = int(rng.integers(4))
    result: dict[str, Any] = {}
    for name in sorted(state, reverse=bool(rng.integers(2))):
        table = state[name]
        rows = [list(table["rows"][i]) for i in rng.permutation(len(table["rows"]))]
        for i, kind in enumerate(table["types"]):
            if rng.random() < 0.2 and kind.lower().startswith(("int", "decimal")):
                for row in rows:
                    row[i] = _reform(row[i], rng)
        result[name] = {"columns": list(table["columns"]), "rows": rows}
        if form == 0:
            result[name]["types"] = table["types"]
        elif form == 1 and rows:
            result[name] = [dict(zip(table["columns"], row, strict=True)) for row in rows]
    if form == 2:
        return {"tables": [{"name": name, **table} for name, table in result.items()]}
    return result


def _reform(cell: Any, rng: Generator) -> Any:
    if cell is None:
        return None
    return (
        str(cell)
        if isinstance(cell, int)
        else float(cell)
        if rng.random() < 0.5
        else str(cell).rstrip("0").rstrip(".") or "0"
    )


def _unfit_for_table(text: str) -> bool:
    """Whether a text table cannot hold a text, or not distinguish it from another."""
    return (
        text != text.strip()
        or not text.isprintable()
        or "|" in text
        or "\\" in text
        or text in ("", "NULL", "None", "null")
    )


def _python(rows: Rows, columns: list[str], rng: Generator) -> str:
    form = int(rng.integers(4))
    if form == 0:
        rows = [tuple(float(c) if isinstance(c, Decimal) else c for c in row) for row in rows]
    if form == 1:
        rows = [tuple(to_json(c) if isinstance(c, dt.date | Decimal) else c for c in row) for row in rows]
    joint = choose(rng, (", ", ",", ",\n ", " ,  "))
    return "[" + joint.join(map(repr, rows)) + "]" + choose(rng, ("", "", "\n", ";"))


def _tuples(rows: Rows, columns: list[str], rng: Generator) -> str:
    return "(" + "".join(f"{row!r}, " for row in rows).rstrip() + ")"


def _json(rows: Rows, columns: list[str], rng: Generator) -> str:
    cells = [[float(c) if isinstance(c, Decimal) and rng.random() < 0.5 else to_json(c) for c in row] for row in rows]
    text = json.dumps(cells, ensure_ascii=bool(rng.integers(2)), indent=choose(rng, (None, None, 1)))
    return f"```json\n{text}\n```" if rng.random() < 0.3 else text


def _objects(rows: Rows, columns: list[str], rng: Generator) -> str:
    if len(set(columns)) < len(columns):
        return _json(rows, columns, rng)
    return json.dumps([{n: to_json(c) for n, c in zip(columns, row, strict=True)} for row in rows])


def _client(rows: Rows, columns: list[str], rng: Generator) -> str:
    lines = [columns, *([_cell(c) for c in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    border = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    texts = ["|" + "|".join(f" {cell:<{w}} " for cell, w in zip(line, widths, strict=True)) + "|" for line in lines]
    end = f"{len(rows)} row{'s' * (len(rows) > 1)} in set{choose(rng, _SPAN)}"
    return "\n".join([border, texts[0], border, *texts[1:], border, *([end] if rng.random() < 0.7 else [])])


def _markdown(rows: Rows, columns: list[str], rng: Generator) -> str:
    rule = "|" + "|".join(choose(rng, (" --- ", ":---", "-----")) for _ in columns) + "|"
    lines = [columns, *([_cell(c) for c in row] for row in rows)]
    texts = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([texts[0], rule, *texts[1:]])


def _tabs(rows: Rows, columns: list[str], rng: Generator) -> str:
    lines = [columns] if rng.random() < 0.7 else []
    if len(columns) < 2:
        return _markdown(rows, columns, rng)
    return "\n".join("\t".join(line) for line in [*lines, *([_cell(c) for c in row] for row in rows)])


def _cell(cell: Any) -> str:
    return "NULL" if cell is None else str(to_json(cell))
