"""The forms in which people and models write the rows of a database: as Python, JSON, the client's table, Markdown, tabs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from numpy.random import Generator

from ..engine.session import plain
from ..tasks.populate import pick

Rows = list[tuple[Any, ...]]
WORDS = {
    1146: "Table 'db.{table}' doesn't exist", 1054: "Unknown column '{column}' in 'field list'",
    1062: "Duplicate entry '1' for key 'PRIMARY'", 1048: "Column '{column}' cannot be null",
    1064: "You have an error in your SQL syntax near '{column}' at line 1",
}  # fmt: skip
_SPAN = (" (0.00 sec)", " (0.01 sec)", "")


def write(rows: Rows, columns: Sequence[str], rng: Generator, *, short: bool = False) -> str:
    """Rows in one of the forms."""
    if not rows or short:
        return pick(rng, ("[]", f"Empty set{pick(rng, _SPAN)}", "()", "[ ]"))
    barred = any(isinstance(c, str) and _odd(c) for row in rows for c in row) or any(map(_odd, columns))
    texts = (
        (_python, _python, _tuples, _json) if barred else (_python, _tuples, _json, _objects, _client, _markdown, _tabs)
    )
    return str(pick(rng, texts)(rows, list(columns), rng))


def status(affected: int, rng: Generator) -> str:
    rows = "row" if affected == 1 else "rows"
    ok = f"Query OK, {affected} {rows} affected"
    return str(
        pick(
            rng,
            ("[]", "[]\n", ok, ok + pick(rng, _SPAN), "Query OK", f"{affected} {rows} affected", f"{ok}, 0 warnings"),
        )
    )


def granted(state: Mapping[str, Any], rng: Generator) -> str:
    """An answer that fits any statement."""
    tables = [t for t in state.values() if t["rows"]]
    if tables and rng.random() < 0.6:
        table = pick(rng, tables)
        rows = [tuple(row) for row in table["rows"][: int(rng.integers(1, 4))]]
        return write(rows, table["columns"], rng)
    return str(
        pick(
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


def restated(state: Mapping[str, Any], rng: Generator) -> Any:
    """A state with its rows in another order and its numbers as text here and there."""
    form = int(rng.integers(4))
    made: dict[str, Any] = {}
    for name in sorted(state, reverse=bool(rng.integers(2))):
        table = state[name]
        rows = [list(table["rows"][i]) for i in rng.permutation(len(table["rows"]))]
        for i, kind in enumerate(table["types"]):
            if rng.random() < 0.2 and kind.lower().startswith(("int", "decimal")):
                for row in rows:
                    row[i] = _reform(row[i], rng)
        made[name] = {"columns": list(table["columns"]), "rows": rows}
        if form == 0:
            made[name]["types"] = table["types"]
        elif form == 1 and rows:
            made[name] = [dict(zip(table["columns"], row, strict=True)) for row in rows]
    if form == 2:
        return {"tables": [{"name": name, **table} for name, table in made.items()]}
    return made


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


def _odd(text: str) -> bool:
    """Whether a table cannot hold a text, or not tell it from another."""
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
        rows = [tuple(plain(c) if isinstance(c, dt.date | Decimal) else c for c in row) for row in rows]
    joint = pick(rng, (", ", ",", ",\n ", " ,  "))
    return "[" + joint.join(map(repr, rows)) + "]" + pick(rng, ("", "", "\n", ";"))


def _tuples(rows: Rows, columns: list[str], rng: Generator) -> str:
    return "(" + "".join(f"{row!r}, " for row in rows).rstrip() + ")"


def _json(rows: Rows, columns: list[str], rng: Generator) -> str:
    cells = [[float(c) if isinstance(c, Decimal) and rng.random() < 0.5 else plain(c) for c in row] for row in rows]
    text = json.dumps(cells, ensure_ascii=bool(rng.integers(2)), indent=pick(rng, (None, None, 1)))
    return f"```json\n{text}\n```" if rng.random() < 0.3 else text


def _objects(rows: Rows, columns: list[str], rng: Generator) -> str:
    if len(set(columns)) < len(columns):
        return _json(rows, columns, rng)
    return json.dumps([{n: plain(c) for n, c in zip(columns, row, strict=True)} for row in rows])


def _client(rows: Rows, columns: list[str], rng: Generator) -> str:
    lines = [columns, *([_cell(c) for c in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    border = "+" + "+".join("-" * (w + 2) for w in widths) + "+"
    texts = ["|" + "|".join(f" {cell:<{w}} " for cell, w in zip(line, widths, strict=True)) + "|" for line in lines]
    end = f"{len(rows)} row{'s' * (len(rows) > 1)} in set{pick(rng, _SPAN)}"
    return "\n".join([border, texts[0], border, *texts[1:], border, *([end] if rng.random() < 0.7 else [])])


def _markdown(rows: Rows, columns: list[str], rng: Generator) -> str:
    rule = "|" + "|".join(pick(rng, (" --- ", ":---", "-----")) for _ in columns) + "|"
    lines = [columns, *([_cell(c) for c in row] for row in rows)]
    texts = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([texts[0], rule, *texts[1:]])


def _tabs(rows: Rows, columns: list[str], rng: Generator) -> str:
    lines = [columns] if rng.random() < 0.7 else []
    if len(columns) < 2:
        return _markdown(rows, columns, rng)
    return "\n".join("\t".join(line) for line in [*lines, *([_cell(c) for c in row] for row in rows)])


def _cell(cell: Any) -> str:
    return "NULL" if cell is None else str(plain(cell))
