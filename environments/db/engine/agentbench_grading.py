"""AgentBench's graders for DBBench, rebuilt: the hash of a changed table, and the lenient comparison of answers.

Two generations: `fc` (branch main, dbbench with function calls) and `v0.2` (text). Where they call Python's eval, a literal
of bounded length is read instead, so an answer that is an expression counts as the text it is.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from simenv.types import Grade

from .answers import as_strings
from .state import Tables, differences, target

Rules = Literal["fc", "v0.2"]

CHANGES = ("INSERT", "UPDATE", "DELETE")
"""Types of tasks that are judged by the table they leave."""

_CONCAT_LIMIT = 1024
"""MySQL's default group_concat_max_len, in bytes: hashes beyond it are cut off."""
_LITERAL_LIMIT = 20_000
_NOTHING = {"none", "null", "undefined", "nan", "inf", "infinity", "-inf", "-infinity", ""}
_TOLERANCE = 0.01
_QUOTES = "'\""
_ONE_ROW = re.compile(r"\[*\(([^(]*),\)\]*")
"""A list of one row of one value."""


def table_hash(rows: Iterable[Sequence[Any]]) -> str | None:
    """The md5 over all rows' sorted short hashes, in any order of rows; None, MySQL's NULL, for no rows."""
    row_hashes = ",".join(sorted(map(_row_hash, rows)))[:_CONCAT_LIMIT]
    return _md5(row_hashes) if row_hashes else None


def state_hash(tables: Tables, names: Iterable[str]) -> str | None:
    """The hash of several tables, `_` between them; None where one of them is missing or empty."""
    hashes = [table_hash(tables[name]["rows"]) if name in tables else None for name in names]
    present = [h for h in hashes if h is not None]
    return "_".join(sorted(present)) if len(present) == len(hashes) else None


def grade_agentbench(goal: Mapping[str, Any], answer: Any, initial: Tables, final: Tables, rules: Rules) -> Grade:
    """Right or wrong, by AgentBench's rules. A goal without AgentBench's own fields is graded by its answer or tables."""
    fields = goal.get("agentbench", {})
    kind = fields.get("type", "UPDATE" if "tables" in goal else "")
    if kind in CHANGES:
        right, reason = _state(goal, fields.get("md5", ""), initial, final)
    else:
        label, answers = fields.get("label", goal.get("answer", ())), as_strings(answer)
        same = same_answer(answer, label) if rules == "fc" else same_answer_v02(answers or (), label)
        right = answers is not None and same
        reason = f"the answer {str(answers)[:200]} is not {str(label)[:200]}"
    return Grade(
        success=right, progress=float(right), subgoals={kind or "answer": right}, reasons=() if right else (reason,)
    )


def _state(goal: Mapping[str, Any], md5: str, initial: Tables, final: Tables) -> tuple[bool, str]:
    """Whether the initial tables are as the goal has them, by the gold hash or else row by row."""
    if md5:
        digest = state_hash(final, initial)
        return digest == _bare_hash(md5), f"the tables hash to {digest}, not to {_bare_hash(md5)}"
    wrong = [name for name in differences(final, target(goal, initial)) if name in initial]
    return not wrong, f"wrong rows in {', '.join(wrong)}"


def same_answer(answer: Any, label: Any) -> bool:
    """FC: every value cleaned, then numbers within 0.01 of each other, each taken once, anything else as sets. An answer or
    label may be a list of values, or a text, which may be a list in writing."""
    answers, gold = fc_values(answer), fc_values(label)
    if answers is None or gold is None:
        return False
    numbers = all(_float(value) is not None for value in (*answers, *gold))
    if len(answers) == 1 and len(gold) == 1:
        return _close(answers[0], gold[0]) if numbers else answers == gold
    if numbers:
        return len(answers) == len(gold) and _all_close(answers, gold)
    return set(answers) == set(gold)


def same_answer_v02(answer: Sequence[Any], label: Sequence[Any]) -> bool:
    """v0.2: one value against one as floats, or else as strings; anything else as sets of strings."""
    if len(answer) == 1 and len(label) == 1:
        a, b = _float(answer[0]), _float(label[0])
        return a == b if a is not None and b is not None else str(answer[0]) == str(label[0])
    return set(map(str, answer)) == set(map(str, label))


def clean_value(item: Any) -> str:
    """One value as FC compares it: without quotes, and without a per cent sign or commas; NULL, NaN and the like become `0`."""
    text = "" if item is None else str(item).strip().strip(_QUOTES).strip()
    if text.endswith("%"):
        return text[:-1].strip()
    if not text.startswith("[") and not text.endswith("]"):
        text = text.replace(",", "")
    return "0" if text.lower() in _NOTHING else text


def fc_values(answer: Any) -> list[str] | None:
    """The values of an answer as FC reads it, cleaned; None where it gives up. A list's items are not read any further."""
    if isinstance(answer, list | tuple):
        return [clean_value(_only(item)) for item in answer]
    text = "" if answer is None else str(answer).strip()
    if not (text.startswith("[") and text.endswith("]")):
        return [clean_value(answer)]
    try:
        value = ast.literal_eval(text) if len(text) <= _LITERAL_LIMIT else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return _written_values(text)
    if not isinstance(value, list):
        return None
    rows = all(isinstance(item, tuple) for item in value)
    return [clean_value(_only(item)) for item in value if not rows or len(item) == 1]


def _written_values(text: str) -> list[str]:
    """The values of a list that is no literal: what stands between commas outside of quotes."""
    if row := _ONE_ROW.fullmatch(text):
        return [clean_value(row[1])]
    values, quoted = [""], False
    for character in text[1:-1]:
        if character in _QUOTES:
            quoted = not quoted
        elif character == "," and not quoted:
            values.append("")
        else:
            values[-1] += character
    return [clean_value(value) for value in values if value]


def _only(item: Any) -> Any:
    """The value of a row of one."""
    return item[0] if isinstance(item, tuple) and len(item) == 1 else item


def _bare_hash(md5: str) -> str:
    """A hash without the `[('…',)]` in which a single table's gold is written."""
    items = fc_values(md5) or []
    return items[0] if len(items) == 1 else md5


def _row_hash(row: Sequence[Any]) -> str:
    # CONCAT_WS leaves NULLs out, separator and all.
    return _md5(",".join(str(cell) for cell in row if cell is not None))[:5]


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _close(a: str, b: str) -> bool:
    return abs(float(a) - float(b)) <= _TOLERANCE


def _all_close(answers: list[str], gold: list[str]) -> bool:
    """Whether each value takes one of the gold values, the first that is near."""
    left = list(gold)
    for value in answers:
        near = next((number for number in left if _close(value, number)), None)
        if near is None:
            return False
        left.remove(near)
    return True
