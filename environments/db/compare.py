"""SQL claims beside the truth: rows by value, order only where the statement promises one, errors by code, changes by count.

Not to be told: what chance, clock or session decide; what the engine refuses to answer; where it ran into its own bounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simenv.chat_detection import speaks
from simenv.compare import MATCH, Comparison, Judgement, Transition, drift
from simenv.types import Action, Flaw, Observation

from .checking.acceptable_rows import Asked, fits, normal
from .checking.claims import Told, told
from .checking.guarantees import hollow, promise, verb
from .checking.requery import replay
from .checking.row_comparison import Row, shaped, unmatched
from .checking.states import delta, differing, forgotten, tables
from .engine.light.compiler import parse_statement
from .engine.session import SQLError, Unsupported

_LONGEST = 8000
"""Characters of a claim that are read, or eight times the truth."""
_QUERY = 100_000
_REFUSES = "This database engine has a limit here;"
_BOUNDS = frozenset({1969, 1114, 1301, 1436, 3024})
"""Codes of an engine's own limits: time, memory, packet, stack."""
_DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1370})
_ALIKE = (frozenset({1146, 1051, 1109}), frozenset({1054, 1072}), frozenset({1064, 1065, 1149}), _DENIED,
          frozenset({1305, 1128, 1630}), frozenset({1366, 1292, 1265, 1264}))  # fmt: skip
"""Codes that MySQL and MariaDB, or two versions of one, give for the same mistake."""
_COMPILED = frozenset({"SELECT", "WITH", "INSERT", "REPLACE", "UPDATE", "DELETE"})
_VERBS = _COMPILED | frozenset(
    """ALTER ANALYZE BACKUP BEGIN BINLOG CACHE CALL CHANGE CHECK CHECKSUM COMMIT CREATE DEALLOCATE DESC DESCRIBE DO DROP END
    EXECUTE EXPLAIN FLUSH GET GRANT HANDLER HELP INSTALL IMPORT KILL LOAD LOCK OPTIMIZE PREPARE PURGE RELEASE RENAME REPAIR
    RESET RESIGNAL RESTART REVOKE ROLLBACK SAVEPOINT SET SHOW SHUTDOWN SIGNAL SLAVE START STOP TABLE TRUNCATE UNINSTALL UNLOCK
    USE VALUES XA CLONE BULK COMPOUND DECLARE IF LOOP WHILE REPEAT CASE FOR DELIMITER""".split()  # noqa: SIM905
)


class Rows(Comparison):
    """Whatever a model's text looks like, what counts is what it says of the database."""

    def malformed(self, action: Action) -> str:
        """Syntax that no MySQL takes. What depends on the tables, or is only unusual, is left to the engine."""
        query = action.arguments.get("query")
        if action.name != "execute_sql" or not isinstance(query, str) or len(query) > _QUERY:
            return ""
        word = verb(query)
        if word not in _COMPILED:
            known = word in _VERBS or (not word and query.strip(" \t\r\n;(") != "")
            return "" if known else f"no MySQL statement begins with {word!r:.40}" if word else "the query is empty"
        try:
            return hollow(parse_statement(query).tree)
        except Unsupported:
            return ""
        except SQLError as e:
            return e.message[:300] if e.code in (1064, 1065) else ""

    def observation(self, scene: Transition, claim: Observation) -> Judgement:
        truth, text = scene.truth.text, claim.text
        if len(text) > max(_LONGEST, 8 * len(truth)):
            return drift("format", f"{len(text)} characters are no answer of a database")
        said, same, refuses = told(text), text.strip() == truth.strip(), truth.startswith(_REFUSES)
        if same and not refuses:
            return MATCH
        if not same and (said is None or said.kind == "error"):
            if speaks(text):
                return drift("out_of_character", f"it chats: {text.strip():.80}")
            if said is None:
                return drift("format", f"neither rows nor a status nor an error: {text.strip():.80}")
        if refuses or said is None:
            return Judgement(label="unverifiable", reason="the engine has a limit here")
        real = told(truth)
        if scene.truth.invalid or real is None:
            return _failed(said, real, truth)
        if said.kind == "error":
            return drift("refused_valid", f"the statement works: {truth:.200}")
        return _answered(said, real, scene)

    def state(self, scene: Transition, claim: Any) -> Judgement:
        claim, true = differing(claim, scene.after)
        have, want = tables(claim, scene.after), tables(true, scene.after)
        if have is None or want is None:
            return drift("format", "the next state is no set of tables")
        wrong = sorted(name for name in have.keys() | want.keys() if have.get(name) != want.get(name))
        if not wrong:
            return MATCH
        reason = f"table {wrong[0]:.80}: {_parts(have.get(wrong[0]), want.get(wrong[0]))}"
        if strange := [name for name in wrong if name not in scene.after and name not in scene.before]:
            return drift("invented", f"there is no table {strange[0]:.80}")
        before = tables(scene.before, scene.after)
        stale = before is not None and any(forgotten(have.get(n), before.get(n), want.get(n)) for n in wrong)
        return drift("forgot_change" if stale else "wrong_result", reason)

    def delta(self, before: Any, after: Any) -> int:
        """Cells of changed rows, and one for each row or column or table that is new or gone."""
        return delta(before, after)


def _failed(said: Told, real: Told | None, truth: str) -> Judgement:
    """The statement fails, and a claim is to say so."""
    code = real.code if real else 0
    if code in _BOUNDS:
        return Judgement(label="unverifiable", reason=f"the engine met its own bounds: error {code}")
    if said.kind != "error":
        error: Flaw = "out_of_character" if code in _DENIED else "accepted_malformed"
        return drift(error, f"{'granted' if code in _DENIED else 'answered'} what fails: {truth:.200}")
    if real is None or real.kind != "error" or said.code == code or any({said.code, code} <= kind for kind in _ALIKE):
        return MATCH
    return drift("wrong_result", f"error {said.code or 'of no kind'}; truly {truth:.200}")


def _answered(said: Told, real: Told, scene: Transition) -> Judgement:
    """The statement works, and a claim holds rows or a status."""
    query = str(scene.action.arguments.get("query", ""))
    promised = promise(query)
    if not promised.reads:
        return _changed(said, query, scene)
    if said.kind == "status":
        if real.rows or said.count:
            return drift("wrong_result", f"a status; truly {scene.truth.text:.200}")
        return MATCH
    if (
        said.count is not None
        and said.count != len(said.rows) - said.headed
        and not said.cut
        and said.count != len(said.rows)
    ):
        return drift("wrong_result", f"it shows {len(said.rows)} rows and counts {said.count}")
    true = normal(real.rows, promised)
    readings = [shaped(normal(rows, promised), true) for rows in _readings(said, real)]
    asked = Asked(query, promised, scene.spec, scene.before)
    answers = [fits(rows, said.cut, true, real.cut, asked) for rows in readings]
    if True in answers:
        return MATCH
    if None in answers:
        return Judgement(label="unverifiable", reason="which rows a tie, a LIMIT or a cut leaves out cannot be told")
    rows = readings[0]
    if promised.chance and _alike(rows, true):
        return Judgement(label="unverifiable", reason="chance, clock or session decide this answer")
    if "GROUP_CONCAT" in query.upper() and _alike(rows, true) and _letters(rows) == _letters(true):
        return Judgement(label="unverifiable", reason="GROUP_CONCAT does not promise an order")
    return _misjudged(rows, true, real, scene, query)


def _readings(said: Told, real: Told) -> Iterator[Sequence[Row]]:
    """The rows that a claim may mean: with or without a header, one row or one column."""
    if said.flat and len(real.rows) == 1 and len(real.rows[0]) == len(said.rows):
        yield (tuple(cell for row in said.rows for cell in row),)
        return
    if said.headed and said.rows[0] not in said.rows[1:]:
        yield said.rows[1:]
    yield said.rows


def _changed(said: Told, query: str, scene: Transition) -> Judgement:
    """A write, a definition or a setting: the engine answers `[]`, a client the number of rows."""
    if said.kind == "rows":
        return drift("wrong_result", "rows, where there are none to show") if said.rows else MATCH
    if said.count is None:
        return MATCH
    result = replay(scene.spec, scene.before, query)
    if result is None:
        return Judgement(label="unverifiable", reason="the number of changed rows cannot be told")
    if result.affected == said.count:
        return MATCH
    error: Flaw = "forgot_change" if said.count < result.affected else "wrong_result"
    return drift(error, f"{said.count} rows affected, truly {result.affected}")


def _misjudged(rows: Sequence[Row], true: Sequence[Row], real: Told, scene: Transition, query: str) -> Judgement:
    """Rows that are not the answer: which error it is."""
    lost, more = unmatched(true, rows)
    strange = _nowhere(more, true, scene, query) if not real.cut else None
    if strange is not None:
        return drift("invented", f"{strange!r:.80} stands nowhere in the database")
    if not lost and not more:
        return drift("wrong_result", "the rows are not in the order that is asked for")
    return drift("wrong_result", f"not so: {more[:1]!r:.120}; missing: {lost[:1]!r:.120}")


def _nowhere(more: Sequence[Row], true: Sequence[Row], scene: Transition, query: str) -> str | None:
    """A text in a wrong row that is in no table and not in the statement, where the answer holds plain cells."""
    words = {c.casefold() for row in more[:20] for c in row if isinstance(c, str) and c}
    if not words:
        return None
    known = {str(c).casefold() for t in scene.after.values() for row in t["rows"] for c in row if c is not None}
    known |= {str(n).casefold() for name, t in scene.after.items() for n in (name, *t["columns"], *t["types"])}
    known |= {c.casefold() for row in true for c in row if isinstance(c, str)}
    known |= {t.partition("(")[0].casefold() for table in scene.after.values() for t in table["types"]}
    text = query.casefold()
    return next((w for w in sorted(words) if w not in known and w not in text), None)


def _alike(rows: Sequence[Row], true: Sequence[Row]) -> bool:
    """Whether rows have the same shape."""
    return Counter(map(len, rows)) == Counter(map(len, true))


def _letters(rows: Sequence[Row]) -> Counter[str]:
    return Counter("".join(str(c) for row in rows for c in row))


def _parts(have: Mapping[Any, Any] | None, want: Mapping[Any, Any] | None) -> str:
    if have is None or want is None:
        return "missing" if have is None else "should not be there"
    return "its columns or rows differ"
