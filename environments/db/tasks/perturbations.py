"""Typical mistakes with SQL: a wrong name, a missing WHERE, a broken statement, an answer too early."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from numpy.random import Generator

from simenv.types import Move

from .sampling import choose
from .solutions import commit_move, query_move, sql_of

_WHERE = re.compile(r"\sWHERE\s.*?(?=\s(?:GROUP BY|ORDER BY|LIMIT)\s|\Z)", re.I | re.S)
_TEXT = re.compile(r"'((?:[^'\\]|''|\\.)+)'")
_NUMBER = re.compile(r"(?<![\w.'-])\d+(?![\w.'-])")
_KEYWORD = re.compile(r"\s(?:FROM|SET|VALUES|INTO)\b", re.I)


def perturb(move: Move, spec: Mapping[str, Any], has_answer: bool, rng: Generator) -> Move:
    """The move with one typical mistake. `has_answer`: the task asks for an answer, so a commit can be wrong."""
    sql = sql_of(move)
    if sql is None:
        answers = [str(a) for a in move.action.arguments.get("answers", [])]
        return _answer(move, answers, rng) if has_answer else _wrong_table(spec, rng)
    options = _variants(sql, spec, rng)
    if not options or rng.random() < 0.12:
        return _early(spec, has_answer, rng)
    return query_move(move.thought, choose(rng, options))


def without_where(sql: str) -> str:
    """A statement without its first WHERE clause."""
    return _WHERE.sub("", sql, count=1)


def _variants(sql: str, spec: Mapping[str, Any], rng: Generator) -> list[str]:
    candidates = (
        _table(sql, spec),
        _column(sql, spec, rng),
        _WHERE.sub("", sql),
        _literal(sql),
        _KEYWORD.sub("", sql, count=1),
    )
    return [text for text in dict.fromkeys(candidates) if text and text != sql]


def _table(sql: str, spec: Mapping[str, Any]) -> str:
    name = next((t["name"] for t in spec["tables"] if t["name"] in sql), None)
    return sql.replace(name, _misspelt(name)) if name else sql


def _misspelt(name: str) -> str:
    """customers as customer, staff as stafff."""
    return name[:-1] if name.endswith("s") and len(name) > 2 else name + name[-1]


def _column(sql: str, spec: Mapping[str, Any], rng: Generator) -> str:
    """The statement with one column replaced by another of its table."""
    for table in spec["tables"]:
        names = [c["name"] for c in table["columns"]]
        mentioned_columns = [n for n in names if re.search(rf"(?<!\w){re.escape(n)}(?!\w)", sql)]
        others = [n for n in names if n not in mentioned_columns]
        if table["name"] in sql and mentioned_columns and others:
            old, new = choose(rng, mentioned_columns), choose(rng, others)
            return new.join(re.split(rf"(?<!\w){re.escape(old)}(?!\w)", sql))
    return sql


def _literal(sql: str) -> str:
    if texts := list(_TEXT.finditer(sql)):
        last = texts[-1]
        inner = last[1][:-1] if len(last[1]) > 1 and not last[1].endswith("'") and "\\" not in last[1] else "unknown"
        return f"{sql[: last.start()]}'{inner}'{sql[last.end() :]}"
    return _NUMBER.sub(lambda number: str(int(number[0]) + 1), sql, count=1)


def _answer(move: Move, answers: list[str], rng: Generator) -> Move:
    rows = "[" + ", ".join(f"({a!r},)" for a in answers) + "]"
    forms = [[rows], [f"The answer is {', '.join(answers) or 'nothing'}."], [*answers, "unknown"]]
    if len(answers) > 1:
        forms += [answers[:-1], [", ".join(answers)]]
    return commit_move(move.thought, choose(rng, forms))


def _early(spec: Mapping[str, Any], has_answer: bool, rng: Generator) -> Move:
    """A commit too early: a guess, or a change claimed but not made."""
    if not has_answer:
        return commit_move("That should be all there is to do.", ["done"])
    table = choose(rng, spec["tables"])
    cells = [str(cell) for row in table["rows"][:5] for cell in row if cell is not None]
    return commit_move("I think I can answer that already.", [choose(rng, cells) if cells else "unknown", "unknown"])


def _wrong_table(spec: Mapping[str, Any], rng: Generator) -> Move:
    name = _misspelt(choose(rng, spec["tables"])["name"])
    return query_move("I look at the table once more.", f"SELECT * FROM `{name.replace('`', '``')}`")
