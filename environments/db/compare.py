"""Compares claimed SQL outputs with true ones: rows by value, order where it is guaranteed, errors by code, writes by count.

Unverifiable: what chance, clock or session decide; what the engine refuses to answer; where it ran into its own bounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Action, Flaw, Observation

from .checking.acceptable_rows import StatementContext, Unfinished, is_acceptable, normalize_rows
from .checking.error_words import fault_of_words
from .checking.free_forms import bare_rows, table_rows
from .checking.guarantees import count_of_matches, guarantees_of, unordered_concatenations, verb
from .checking.output_parser import ParsedOutput, parse_output
from .checking.requery import replay
from .checking.row_comparison import Row, read_like, unmatched_rows
from .checking.states import delta, differing_tables, lacks_change, parse_tables
from .engine.light.compiler import parse_statement
from .engine.session import SQLError, Unsupported

_MAX_CHARS = 8000
"""Characters of a claim that are read, or eight times the truth."""
_QUERY = 100_000
_NO_OUTPUT = "neither rows nor a status nor an error"
_REFUSES = "This database engine has a limit here;"
_BOUNDS = frozenset({1969, 1114, 1301, 1436, 3024})
"""Codes of an engine's own limits: time, memory, packet, stack."""
_DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370})
_EQUIVALENT_CODES = (frozenset({1146, 1051, 1109}), frozenset({1054, 1072}), frozenset({1064, 1065, 1149}), _DENIED,
          frozenset({1305, 1128, 1630}), frozenset({1366, 1292, 1265, 1264}))  # fmt: skip
"""Codes that MySQL and MariaDB, or two versions of one, give for the same mistake."""
_COMPILED = frozenset({"SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE"})
_VERBS = _COMPILED | frozenset(
    """ALTER ANALYZE BACKUP BEGIN BINLOG CACHE CALL CHANGE CHECK CHECKSUM COMMIT CREATE DEALLOCATE DESC DESCRIBE DO DROP END
    EXECUTE EXPLAIN FLUSH GET GRANT HANDLER HELP INSTALL IMPORT KILL LOAD LOCK OPTIMIZE PREPARE PURGE RELEASE RENAME REPAIR
    RESET RESIGNAL RESTART REVOKE ROLLBACK SAVEPOINT SET SHOW SHUTDOWN SIGNAL SLAVE START STOP TABLE TRUNCATE UNINSTALL UNLOCK
    USE VALUES XA CLONE BULK COMPOUND DECLARE IF LOOP WHILE REPEAT CASE FOR DELIMITER""".split()  # noqa: SIM905
)


class SQLComparison(Comparison):
    """Judges what a model's text says of the database, in whatever format it is written."""

    def malformed(self, action: Action) -> str:
        """Syntax that no MySQL accepts. What depends on the tables, or is only unusual, is left to the engine."""
        query = action.arguments.get("query")
        if action.name != "execute_sql" or not isinstance(query, str) or len(query) > _QUERY:
            return ""
        word = verb(query)
        if word not in _COMPILED:
            begins_statement = word in _VERBS or (not word and query.strip(" \t\r\n;(") != "")
            return (
                ""
                if begins_statement
                else f"no MySQL statement begins with {word!r:.40}"
                if word
                else "the query is empty"
            )
        try:
            parse_statement(query)
        except Unsupported:
            return ""
        except SQLError as e:
            return e.message[:300] if e.code in (1064, 1065) else ""
        return ""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        truth, text = scene.truth.text, claim.text
        if len(text) > max(_MAX_CHARS, 8 * len(truth)):
            return drift("format", f"{len(text)} characters are no answer of a database")
        output, same, refuses = parse_output(text), text.strip() == truth.strip(), truth.startswith(_REFUSES)
        if same and not refuses:
            return MATCH
        if not same and (output is None or output.kind == "error"):
            if speaks(text):
                return drift("out_of_character", f"it chats: {text.strip():.80}")
            if output is None:
                return MATCH if _are_bare_rows(text, scene) else drift("format", f"{_NO_OUTPUT}: {text.strip():.80}")
        if refuses or output is None:
            return Judgement(label="unverifiable", reason="the engine has a limit here")
        true_output = parse_output(truth)
        if scene.truth.invalid:
            return _compare_error(output, true_output, scene)
        if output.kind == "error":
            return drift("refused_valid", f"the statement works: {truth:.200}")
        if true_output is None:
            return Judgement(label="unverifiable", reason="the engine's answer cannot be read")
        return _compare_rows(output, true_output, scene)

    def state(self, scene: Transition, claim: Any) -> Judgement:
        claim, true = differing_tables(claim, scene.after)
        have, want = parse_tables(claim, scene.after), parse_tables(true, scene.after)
        if have is None or want is None:
            return drift("format", "the next state is no set of tables")
        names = sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))
        if not names:
            return MATCH
        if scene.truth.text.startswith(_REFUSES):
            return Judgement(label="unverifiable", reason="the engine has a limit here")
        reason = f"table {names[0]:.80}: {_parts(have.get(names[0]), want.get(names[0]))}"
        if unknown := [name for name in names if name not in scene.after and name not in scene.before]:
            return drift("invented", f"there is no table {unknown[0]:.80}")
        before = parse_tables(scene.before, scene.after)
        stale = before is not None and any(lacks_change(have.get(n), before.get(n), want.get(n)) for n in names)
        return drift("forgot_change" if stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """Changed cells, and one for each row, column or table that is new or missing."""
        return delta(before, after)


def _compare_error(output: ParsedOutput, true_output: ParsedOutput | None, scene: Transition) -> Judgement:
    """Compare with a statement that fails."""
    code, truth = true_output.code if true_output else 0, scene.truth.text
    if code in _BOUNDS:
        return Judgement(label="unverifiable", reason=f"the engine met its own bounds: error {code}")
    if output.kind != "error":
        error: Flaw = "out_of_character" if code in _DENIED else "accepted_malformed"
        return drift(error, f"{'granted' if code in _DENIED else 'answered'} what fails: {truth:.200}")
    if true_output is None or true_output.kind != "error":
        return MATCH
    if output.code != code and not any({output.code, code} <= kind for kind in _EQUIVALENT_CODES):
        return drift("wrong_result", f"error {output.code or 'of no kind'}; truly {truth:.200}")
    query = str(scene.action.arguments.get("query", ""))
    fault = fault_of_words(output.message, code, true_output.message, query, scene.before)
    return drift("wrong_result", f"{fault}; truly {truth:.200}") if fault else MATCH


def _are_bare_rows(text: str, scene: Transition) -> bool:
    """Whether a text that is no output of a database is the answer all the same, cell by cell."""
    query = str(scene.action.arguments.get("query", ""))
    guarantees, true_output = guarantees_of(query), parse_output(scene.truth.text)
    if scene.truth.invalid or not guarantees.reads or true_output is None or not true_output.rows:
        return False
    result = replay(scene.spec, scene.before, query)
    context = StatementContext(query, guarantees, scene.spec, scene.before)
    true = normalize_rows(true_output.rows, guarantees)
    return result is not None and any(
        is_acceptable(read_like(rows, true), None, true, true_output.cut, context)
        for rows in bare_rows(text, result.columns)
    )


def _compare_rows(output: ParsedOutput, true_output: ParsedOutput, scene: Transition) -> Judgement:
    """Compare rows or a status with a statement that works."""
    query = str(scene.action.arguments.get("query", ""))
    guarantees = guarantees_of(query)
    if not guarantees.reads:
        return _compare_status(output, query, scene)
    if output.kind == "status":
        if true_output.rows or output.count:
            return drift("wrong_result", f"a status; truly {scene.truth.text:.200}")
        return MATCH
    if (
        output.count is not None
        and output.count != len(output.rows) - output.has_header
        and not output.cut
        and output.count != len(output.rows)
    ):
        return drift("wrong_result", f"it shows {len(output.rows)} rows and counts {output.count}")
    true = normalize_rows(true_output.rows, guarantees)
    claims = list(_readings(output, true_output))
    claims += [other for rows in claims for other in table_rows(output, rows, true)]
    readings = [read_like(normalize_rows(rows, guarantees), true) for rows in claims]
    context = StatementContext(query, guarantees, scene.spec, scene.before)
    unfinished = Unfinished(output.broken, output.begun) if output.cut else None
    answers = [is_acceptable(rows, unfinished, true, true_output.cut, context) for rows in readings]
    if any(_same_concatenations(rows, true, context) for rows in readings):
        return MATCH
    if True in answers:
        return MATCH
    if None in answers:
        return Judgement(label="unverifiable", reason="which rows a tie, a LIMIT or a cut leaves out cannot be told")
    rows = readings[0]
    if guarantees.nondeterministic and _same_shape(rows, true):
        return Judgement(label="unverifiable", reason="chance, clock or session decide this answer")
    if "GROUP_CONCAT" in query.upper() and _same_shape(rows, true) and _letters(rows) == _letters(true):
        return Judgement(label="unverifiable", reason="GROUP_CONCAT does not promise an order")
    return _drift_of_rows(rows, true, true_output, scene, query)


def _same_concatenations(rows: Sequence[Row], true: Sequence[Row], context: StatementContext) -> bool:
    """Whether rows are the true ones but for the order inside a GROUP_CONCAT that promises none."""
    places = unordered_concatenations(context.query)
    if not places or len(rows) != len(true):
        return False
    one, other = (_sorted_cells(some, places) for some in (rows, true))
    return one == other if context.guarantees.ordered else not any(unmatched_rows(other, one))


def _sorted_cells(rows: Sequence[Row], places: frozenset[int]) -> list[Row]:
    return [
        tuple(",".join(sorted(c.split(","))) if i in places and isinstance(c, str) else c for i, c in enumerate(row))
        for row in rows
    ]


def _readings(output: ParsedOutput, true_output: ParsedOutput) -> Iterator[Sequence[Row]]:
    """The rows that a claim may mean: with or without a header, one row or one column."""
    if output.flat and len(true_output.rows) == 1 and len(true_output.rows[0]) == len(output.rows):
        yield (tuple(cell for row in output.rows for cell in row),)
        return
    if output.has_header and len(output.rows) > 1 and output.rows[0] not in output.rows[1:]:
        yield output.rows[1:]
    yield output.rows


def _compare_status(output: ParsedOutput, query: str, scene: Transition) -> Judgement:
    """Compare with a write, a definition or a setting: the engine answers `[]`, a client the number of rows."""
    if output.kind == "rows":
        return drift("wrong_result", "rows, where there are none to show") if output.rows else MATCH
    if output.count is None:
        return MATCH
    result = replay(scene.spec, scene.before, query)
    if result is None:
        return Judgement(label="unverifiable", reason="the number of changed rows cannot be told")
    if output.matched is not None and output.matched != (matched := _matched(query, scene)):
        if matched is None:
            return Judgement(label="unverifiable", reason="the number of matched rows cannot be told")
        return drift("wrong_result", f"{output.matched} rows matched, truly {matched}")
    if verb(query) == "INSERT" and (fault := _fault_of_records(output, result.affected, query)):
        return drift("wrong_result", fault)
    if result.affected == output.count:
        return MATCH
    error: Flaw = "forgot_change" if output.count < result.affected else "wrong_result"
    return drift(error, f"{output.count} rows affected, truly {result.affected}")


def _fault_of_records(output: ParsedOutput, affected: int, query: str) -> str:
    """What the client's line on the records of an INSERT has wrong; rows that meet others are not counted here."""
    if " ON DUPLICATE " in query.upper() or " IGNORE " in query.upper():
        return ""
    if output.records not in (None, affected) or output.duplicates not in (None, 0):
        return f"{output.records} records and {output.duplicates} duplicates, truly {affected} and 0"
    return ""


def _matched(query: str, scene: Transition) -> int | None:
    """The number of rows that an UPDATE looks at, changed or not; None where that cannot be asked."""
    counting = count_of_matches(query)
    result = replay(scene.spec, scene.before, counting) if counting else None
    return int(result.rows[0][0]) if result and result.rows else None


def _drift_of_rows(
    rows: Sequence[Row], true: Sequence[Row], true_output: ParsedOutput, scene: Transition, query: str
) -> Judgement:
    """The drift of rows that are not the answer."""
    missing, extra = unmatched_rows(true, rows)
    text = _unknown_text(extra, true, scene, query) if not true_output.cut else None
    if text is not None:
        return drift("invented", f"{text!r:.80} stands nowhere in the database")
    if not missing and not extra:
        return drift("wrong_result", "the rows are not in the order that is asked for")
    return drift("wrong_result", f"not so: {extra[:1]!r:.120}; missing: {missing[:1]!r:.120}")


def _unknown_text(extra: Sequence[Row], true: Sequence[Row], scene: Transition, query: str) -> str | None:
    """A text in a wrong row that is in no table and not in the statement, where the answer holds plain cells."""
    words = {c.casefold() for row in extra[:20] for c in row if isinstance(c, str) and c}
    if not words:
        return None
    known_words = {str(c).casefold() for t in scene.after.values() for row in t["rows"] for c in row if c is not None}
    known_words |= {str(n).casefold() for name, t in scene.after.items() for n in (name, *t["columns"], *t["types"])}
    known_words |= {c.casefold() for row in true for c in row if isinstance(c, str)}
    known_words |= {t.partition("(")[0].casefold() for table in scene.after.values() for t in table["types"]}
    text = query.casefold()
    return next((w for w in sorted(words) if w not in known_words and w not in text), None)


def _same_shape(rows: Sequence[Row], true: Sequence[Row]) -> bool:
    """Whether rows have the same shape."""
    return Counter(map(len, rows)) == Counter(map(len, true))


def _letters(rows: Sequence[Row]) -> Counter[str]:
    return Counter("".join(str(c) for row in rows for c in row))


def _parts(have: Mapping[Any, Any] | None, want: Mapping[Any, Any] | None) -> str:
    if have is None or want is None:
        return "missing" if have is None else "should not be there"
    return "its columns or rows differ"
