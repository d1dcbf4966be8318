"""Variations of true outputs that are not wrong, and flaws that are, for testing the comparison.

The true output is computed again by the engine, so a flaw is one by the rows themselves, not by the comparison.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation

from .checking import row_formats
from .checking.error_flaws import with_other_name, with_promise
from .checking.guarantees import guarantees_of
from .checking.requery import replay
from .checking.row_flaws import TrueOutput, wrong_rows
from .checking.row_formats import Rows
from .tasks.sampling import choose

_ERROR = re.compile(r"ERROR (\d+) \((\w+)\): ")
_DENIED = (1044, 1227)
_BOUNDS = (1969, 1114, 1301, 1436)
_CHAT = (
    "Sure! Here is the result: {text}", "{text}\n\nLet me know if you need anything else!", "I have executed your query.",
    "Thank you for your query. {text}", "I'm sorry, but I cannot run this query.",
    "As an AI language model, I don't have tables.",
    "{text} Is there anything else you would like to know?", "Great question! {text}", "You might want to add a LIMIT. {text}",
    "Of course! I have created the table for you.", "Here are the rows you asked for:\n{text}", "I think the answer is 42.",
    "You're welcome! {text}", "I'd be happy to help. {text}",
)  # fmt: skip
_NO_OUTPUT = (
    "", "  ", "The query returned {n} rows.", "The result is Anna and Bob.", '{{"result": [1, 2]}}',
    "<table><tr><td>1</td></tr></table>",
    "{query}", "```sql\n{query}\n```", "[(1, 'a'",
    "Done.", "SUCCESS", "Rows: 3", "1, Anna\n2, Bob", "mysql> {query}",
    "**Result**\n\n- Anna\n- Bob", "Action: Operation\n```sql\n{query}\n```", "None", "Thought: the table has rows.",
    "[(1, 'a')] [(2,",
    "There are no matching customers in the table.", "{{'rows': []}}", "the table was updated",
)  # fmt: skip
_FAILURES = (
    "ERROR 1146 (42S02): Table 'db.{table}' doesn't exist",
    "ERROR 1054 (42S22): Unknown column '{column}' in 'field list'",
    "ERROR 1064 (42000): You have an error in your SQL syntax; check the manual near '{column}' at line 1",
    "(1146, \"Table 'db.{table}' doesn't exist\")", "Error: {table} not found",
    "Error Code: 1054. Unknown column '{column}' in 'where clause'",
    "ERROR 1142 (42000): SELECT command denied to user 'agent'@'localhost' for table '{table}'",
)  # fmt: skip
_ERROR_FORMATS = (
    "ERROR {code} ({state}): {words}", "ERROR {code}: {words}", "({code}, {words!r})", "Error Code: {code}. {words}",
         "ERROR {code} ({state}) at line 1: {words}", "pymysql.err.ProgrammingError: ({code}, {words!r})", 
    "ERROR {code} ({state})",
)  # fmt: skip
_UNKNOWN_NAMES = (
    "Zanzibar Quux",
    "Xylo Brandt-Ngo",
    "Qworp",
    "Velmire Ostrander",
    "Thandiwe Krzyz",
    "Obsidian Yak",
    "Jubblefern",
)


class SQLFlaws(Flaws):
    """Flaws of a database played by a language model."""

    def vary(self, scene: Transition, rng: Generator) -> Observation:
        text = scene.truth.text
        if match := _ERROR.match(text):
            words = text[match.end() :]
            text = choose(rng, _ERROR_FORMATS).format(code=match[1], state=match[2], words=words)
        elif (output := _true_output(scene)) and not scene.truth.truncated:
            text = _reformat(output, rng)
        return scene.truth.model_copy(update={"text": text})

    def restate(self, scene: Transition, rng: Generator) -> Any:
        """Rows in another order, numbers as text or not, types left out, as a spec or as objects."""
        return row_formats.restate_state(scene.after, rng)

    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        if error == "forgot_change":
            return _forget_change(scene, rng)
        text = _TEXTS[error](scene, rng)
        if text is None or text.strip() == scene.truth.text.strip():
            return None
        return Prediction(observation=Observation(text=text, source="model"))


def _true_output(scene: Transition) -> TrueOutput | None:
    """The true result of a step; None where the statement fails, or its result may differ each time."""
    query = str(scene.action.arguments.get("query", ""))
    if scene.truth.invalid or not query:
        return None
    guarantees, result = guarantees_of(query), replay(scene.spec, scene.before, query)
    if result is None or guarantees.nondeterministic:
        return None
    rows = [tuple(row) for row in result.rows]
    if not scene.truth.truncated and guarantees.reads and not _equal(rows, scene.truth.text):
        return None
    return TrueOutput(rows, result.columns, result.affected, guarantees.reads, guarantees.ordered, guarantees.limited)


def _equal(rows: Rows, text: str) -> bool:
    """Whether rows are those of the observed text, in whatever order."""
    return sorted("[" + ", ".join(map(repr, rows)) + "]") == sorted(text)


def _reformat(output: TrueOutput, rng: Generator) -> str:
    """The truth in another form."""
    if not output.reads:
        return row_formats.format_status(output.affected, rng)
    rows = output.rows
    if not output.ordered and not output.limited:
        rows = [rows[i] for i in rng.permutation(len(rows))]
    return row_formats.format_rows(rows, output.columns, rng)


def _wrong_result(scene: Transition, rng: Generator) -> str | None:
    """Other rows, another count, another error."""
    if match := _ERROR.match(scene.truth.text):
        if int(match[1]) in (*_BOUNDS, 1235):
            return None
        if rng.random() < 0.6 and int(match[1]) != 1064:
            return _spoilt_error(scene, rng)
        other = choose(rng, [c for c in (1146, 1054, 1062, 1048, 1064) if not _equivalent(c, int(match[1]))])
        return f"ERROR {other} (42000): {row_formats.ERROR_MESSAGES[other].format(**_names(scene, rng))}"
    output = _true_output(scene)
    if output is None:
        return None
    if not output.reads:
        more = output.affected + int(rng.integers(1, 4))
        return choose(
            rng, (f"Query OK, {more} rows affected (0.01 sec)", f"Query OK, {more} rows affected", "[(1, 'new')]")
        )
    rows = wrong_rows(output, scene, rng)
    return None if rows is None else row_formats.format_rows(rows, output.columns, rng, short=not rows)


def _spoilt_error(scene: Transition, rng: Generator) -> str:
    """The right error with a wrong name or a promise."""
    text, query = scene.truth.text, str(scene.action.arguments.get("query", ""))
    other = with_other_name(text, query, scene.before, rng) if rng.random() < 0.5 else None
    return other or with_promise(text, rng)


def _accept_malformed(scene: Transition, rng: Generator) -> str | None:
    """An answer to a statement that fails."""
    match = _ERROR.match(scene.truth.text)
    if scene.truth.invalid is False or (match and int(match[1]) in (*_DENIED, *_BOUNDS)):
        return None
    return row_formats.plausible_output(scene.before, rng)


def _refuse_valid(scene: Transition, rng: Generator) -> str | None:
    if scene.truth.invalid or scene.truth.text.startswith("This database engine has a limit"):
        return None
    return choose(rng, _FAILURES).format(**_names(scene, rng))


def _invent(scene: Transition, rng: Generator) -> str | None:
    """A row or a cell with a text that stands nowhere."""
    output = _true_output(scene)
    if output is None or not output.reads or not output.columns or scene.truth.truncated:
        return None
    known_text = f"{scene.before} {scene.after} {scene.action.arguments}".casefold()
    name = choose(rng, [n for n in _UNKNOWN_NAMES if n.casefold() not in known_text])
    rows, width = list(output.rows), len(output.columns)
    model = list(rows[-1]) if rows else [int(rng.integers(1, 90))] * width
    texts = [i for i, c in enumerate(model) if isinstance(c, str)] or [width - 1]
    model[choose(rng, texts)] = name
    if rows and rng.random() < 0.5:
        rows[-1] = tuple(model)
    else:
        rows.append(tuple(model))
    return row_formats.format_rows(rows, output.columns, rng)


def _chat(scene: Transition, rng: Generator) -> str:
    """Chat, or success where the engine denies access."""
    match = _ERROR.match(scene.truth.text)
    if match and int(match[1]) in _DENIED and rng.random() < 0.7:
        return choose(rng, ("Query OK, 0 rows affected (0.00 sec)", "Query OK, 1 row affected (0.01 sec)", "[]"))
    return choose(rng, _CHAT).format(text=scene.truth.text)


def _no_output(scene: Transition, rng: Generator) -> str:
    query = str(scene.action.arguments.get("query", ""))[:200] or "SELECT 1"
    return choose(rng, _NO_OUTPUT).format(query=query, n=int(rng.integers(2, 9)))


def _forget_change(scene: Transition, rng: Generator) -> Prediction | None:
    """The tables as they were, or too few rows affected."""
    if scene.before == scene.after:
        return None
    output = _true_output(scene)
    if output and output.affected > 0 and rng.random() < 0.5:
        fewer = int(rng.integers(output.affected))
        text = f"Query OK, {fewer} row{'s' * (fewer != 1)} affected (0.00 sec)"
        return Prediction(observation=Observation(text=text, source="model"))
    state = copy.deepcopy(scene.before)
    names = [name for name in scene.after if scene.after[name] != scene.before.get(name)]
    for name in names[1:]:
        state[name] = copy.deepcopy(scene.after[name])
    return Prediction(observation=scene.truth, state=state)


def _names(scene: Transition, rng: Generator) -> Mapping[str, str]:
    table = choose(rng, sorted(scene.before) or ["t"])
    columns = scene.before[table]["columns"] if scene.before else ["c"]
    return {"table": table, "column": choose(rng, columns)}


def _equivalent(code: int, other: int) -> bool:
    return (
        code == other
        or {code, other} <= {1146, 1051, 1109}
        or {code, other} <= {1054, 1072}
        or {code, other} <= {1064, 1065}
    )


_TEXTS = {
    "wrong_result": _wrong_result, "accepted_malformed": _accept_malformed, "refused_valid": _refuse_valid, "invented": _invent,
    "format": _no_output, "out_of_character": _chat,
}  # fmt: skip
