"""AgentBench's graders for DBBench, rebuilt: the hash of a changed table, and the lenient comparison of answers.

Two generations: `fc` (branch main, dbbench with function calls) and `v0.2` (text). Where they call Python's eval, a literal
of bounded length is read instead, so an answer that is an expression counts as the text it is.
"""

from __future__ import annotations

import ast
import hashlib
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
        same = same_answer if rules == "fc" else same_answer_v02
        right = answers is not None and same(answers, label)
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


def same_answer(answer: Sequence[Any], label: Sequence[Any]) -> bool:
    """FC: every item cleaned, then numbers within 0.01 of each other as multisets, anything else as sets."""
    answers, gold = _clean_all(answer), _clean_all(label)
    a, b = _floats(answers), _floats(gold)
    if len(answers) == 1 and len(gold) == 1:
        return abs(a[0] - b[0]) <= _TOLERANCE if a and b else answers == gold
    if a is not None and b is not None:
        return len(a) == len(b) and _close(a, b)
    return set(answers) == set(gold)


def same_answer_v02(answer: Sequence[Any], label: Sequence[Any]) -> bool:
    """v0.2: one value against one as floats, or else as strings; anything else as sets of strings."""
    if len(answer) == 1 and len(label) == 1:
        a, b = _float(answer[0]), _float(label[0])
        return a == b if a is not None and b is not None else str(answer[0]) == str(label[0])
    return set(map(str, answer)) == set(map(str, label))


def clean_value(item: Any) -> str:
    """One value as FC compares it: without quotes, per cent and thousands signs; NULL, NaN and the like become `0`."""
    if item is None:
        return "0"
    text = str(item).strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1].strip()
    text = text[:-1] if text.endswith("%") else text
    if not text.startswith(("[", "(", "{")):
        text = text.replace(",", "")
    return "0" if text.strip().lower() in _NOTHING else text.strip()


def _clean_all(items: Sequence[Any]) -> list[str]:
    return [clean_value(inner) for item in items for inner in _items_of(item)]


def _items_of(item: Any) -> list[Any]:
    """The items of a text that is a list; one-tuples become their only value."""
    text = str(item).strip() if item is not None else ""
    if not (text.startswith("[") and text.endswith("]") and len(text) <= _LITERAL_LIMIT):
        return [item]
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return [item]
    return [v[0] if isinstance(v, tuple) and len(v) == 1 else v for v in value]


def _bare_hash(md5: str) -> str:
    """A hash without the `[('…',)]` in which a single table's gold is written."""
    items = _items_of(md5)
    return str(items[0]) if len(items) == 1 else md5


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


def _floats(values: Sequence[Any]) -> list[float] | None:
    numbers = [f for f in map(_float, values) if f is not None]
    return numbers if len(numbers) == len(values) else None


def _close(a: list[float], b: list[float]) -> bool:
    return all(abs(x - y) <= _TOLERANCE for x, y in zip(sorted(a), sorted(b), strict=True))
