"""MariaDB's own tests on both SQL engines: `python tests/benchmarks/mtr.py FOLDER [--report FILE] [--only PATTERN]`.

FOLDER holds `*.test` files, as `mysql-test/main` of the Debian package `mariadb-test-data` does. Each file starts in an
empty database on both engines; a private MariaDB says what is right. Statements about accounts, routines, settings or the
clock are out of scope, and so are those on tables that the two engines no longer have alike.

Two kinds of differences are counted apart: `order left open`, where both answers are right because SQL does not say which
(rows of equal keys, a LIMIT without an order), and `MariaDB alone`, where MySQL 8 answers as the light engine does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.mariadb import private_server
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported
from tests.benchmarks import mariadb_alone
from tests.benchmarks.mariadb_alone import without
from tests.benchmarks.mtr_files import statements
from tests.benchmarks.open_order import has_open_window, picks_any_rows, settled
from tests.environments.db.sql_differential import ordered, same_rows

KINDS = (
    "equal", "same error", "refused as 1235", "wrong rows or columns", "wrong error", "accepted, MySQL refuses",
    "other code", "traceback", "hang", "order left open", "MariaDB alone",
)  # fmt: skip
SECONDS = 3.0
_ALL_ROWS = 1_000_000
_OTHER_SUBJECTS = re.compile(
    r"^(ctype_(?!utf8mb4\.)|sp|event|grant|role|partition|trigger|explain|analyze|backup|mysql|ps_|query_cache|"
    r"variables|openssl|ssl|log_|flush|kill|lock|opt_|stat_tables|innodb_|plugin|win_|xa|xml|gis|spatial|user_limits|"
    r"fulltext|create_drop|myisam|merge|handler|shutdown|signal|wait|processlist|perf|profiling|dyncol|json_debug|"
    r"func_json|selectivity|subselect_(cache|no|mat|ex)|temp_table|skip|ssl|upgrade|system_|sequence|repair|long_unique)"
)
_SUBJECTS = re.compile(
    r"\(*\s*(SELECT|WITH|INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|START\s+TRANSACTION|BEGIN$|COMMIT$|ROLLBACK|SAVEPOINT|"
    r"(CREATE|DROP|ALTER)\s+(OR\s+REPLACE\s+)?(TEMPORARY\s+)?(TABLE|VIEW|(UNIQUE\s+)?INDEX)|RENAME\s+TABLE|SET\s+@\w|"
    r"SHOW\s+((FULL\s+)?(TABLES|COLUMNS|FIELDS)|CREATE\s+TABLE|INDEX|KEYS)|DESC(RIBE)?\s|VALUES\s*\()",
    re.I,
)
_CLOCK = re.compile(
    r"\b(NOW|SYSDATE|CUR(RENT_)?(DATE|TIME|TIMESTAMP|USER|ROLE)|UTC_\w+|LOCALTIME(STAMP)?|RAND|UUID(_SHORT)?|CONNECTION_ID|"
    r"VERSION|(SESSION_|SYSTEM_)?USER|SLEEP|BENCHMARK|\w+_LOCK\w*|LOAD_FILE|UNIX_TIMESTAMP|FROM_UNIXTIME|PASSWORD|ENCRYPT|"
    r"PERFORMANCE_SCHEMA|MYSQL\.\w+|INFORMATION_SCHEMA|OUTFILE|DUMPFILE|PROCEDURE|ENGINES?\s*=?\s*(MERGE|MRG_\w+|CSV|ARCHIVE|"
    r"BLACKHOLE|FEDERATED|MEMORY|SEQUENCE)|PARTITION\s+BY|seq_\d+_to_\w+)\b|@@",
    re.I,
)
_WRITE = re.compile(
    r"(?:INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|CREATE|ALTER|DROP|RENAME)\b(?:\s+(?:INTO|FROM|TABLE|VIEW|IGNORE|OR\s+REPLACE|"
    r"DELAYED|LOW_PRIORITY|HIGH_PRIORITY|QUICK|TEMPORARY|UNIQUE|INDEX\s+\S+\s+ON|IF\s+(?:NOT\s+)?EXISTS)\b)*"
    r"\s+`?(?:test`?\.`?)?(\w+)",
    re.I,
)
_TRANSACTION = re.compile(r"(START|BEGIN|COMMIT|ROLLBACK|SAVEPOINT)\b", re.I)
_NAME = re.compile(r"@?[A-Za-z_$][\w$]*")
_DROP_WORDS = frozenset({"drop", "table", "view", "if", "exists", "temporary", "cascade", "restrict"})
_DROP = re.compile(r"DROP\s+(TEMPORARY\s+)?(TABLE|VIEW)\b", re.I)
_ASSIGNED = re.compile(r"(@\w+)\s*:?=(?!=)|\bINTO\s+(@\w+(?:\s*,\s*@\w+)*)", re.I)
_OTHER_ENGINE = re.compile(
    r"CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`?(\w+).*\bENGINE\s*=?\s*(?:MyISAM|Aria|heap)",
    re.I | re.S,
)
_ALTERS = re.compile(r"(ALTER\s+TABLE|(CREATE|DROP)\s+(UNIQUE\s+)?INDEX)\b", re.I)
_LAST_STATEMENT = re.compile(r"\b(FOUND_ROWS|ROW_COUNT|LAST_INSERT_ID)\b", re.I)


@dataclass(slots=True)
class Difference:
    """A statement that the engines answer differently. `kind` is one of KINDS."""

    file: str
    kind: str
    statement: str
    light: str
    exact: str


@dataclass(slots=True)
class Pair:
    """Both engines on one file. `lost`: the tables and variables, in lower case, that they no longer have alike."""

    file: str
    light: LightSession
    exact: ServerSession
    lost: set[str] = field(default_factory=set)
    copied: set[str] = field(default_factory=set)
    """tables of MyISAM and its kin, which ALTER copies row by row and counts, as no table of the light engine"""
    alike: bool = True
    """whether the statement before had one answer, so that FOUND_ROWS() and its like must have one, too"""

    def run(self, statement: str) -> Difference | None:
        """Run a statement on both; None where it is out of scope."""
        names = {n.lower() for n in _NAME.findall(statement)}
        if _DROP.match(statement) and names & self.lost:
            return self._drop(names)
        if self._out_of_scope(statement, names):
            self.alike = False
            self.lost |= self._written(statement)
            return None
        began, before = time.monotonic(), self.light.unforeseen
        ours = _answer(self.light, statement)
        slow = time.monotonic() - began > 2 * SECONDS
        theirs = _answer(self.exact, statement)
        kind = "hang" if slow else "traceback" if self.light.unforeseen > before else judge(statement, ours, theirs)
        if kind == "wrong rows or columns" and self._is_settled(statement, ours):
            kind = "order left open"
        difference = Difference(self.file, kind, statement, _text(ours), _text(theirs))
        self._follow(difference, isinstance(ours, Result) and isinstance(theirs, Result))
        self.alike = difference.kind == "equal"
        if created := _OTHER_ENGINE.match(statement):
            self.copied.add(created[1].lower())
        if difference.kind == "wrong rows or columns" and names & self.copied and _ALTERS.match(statement):
            difference.kind = "MariaDB alone"
        if difference.kind == "wrong rows or columns" and mariadb_alone.differ_in_estimates(ours, theirs):
            difference.kind = "MariaDB alone"
        if difference.kind in mariadb_alone.KINDS and mariadb_alone.reason(statement, difference.exact):
            difference.kind = "MariaDB alone"
        return difference

    def _is_settled(self, statement: str, ours: Result | SQLError) -> bool:
        """Whether the engines agree as soon as the statement says in which order its rows come."""
        if not isinstance(ours, Result) or not ours.columns:
            return False
        if has_open_window(statement):
            return True
        complete = settled(statement, len(ours.columns))
        return complete != statement and judge(complete, *(_answer(s, complete) for s in self._sessions())) in (
            "equal", "same error",
        )  # fmt: skip

    def _sessions(self) -> tuple[LightSession, ServerSession]:
        return self.light, self.exact

    def _out_of_scope(self, statement: str, names: set[str]) -> bool:
        if not _SUBJECTS.match(statement) or _CLOCK.search(statement) or names & self.lost:
            return True
        if re.match(r"SHOW\s+(FULL\s+)?TABLES", statement, re.I) and self.lost:
            return True
        return not self.alike and bool(_LAST_STATEMENT.search(statement))

    def _drop(self, names: set[str]) -> None:
        """Tables of which one is lost are dropped on both sides; twice, as one may refer to another or hide it."""
        for name in 2 * sorted(names - _DROP_WORDS):
            for session in self._sessions():
                for what in ("TABLE", "VIEW"):
                    _answer(session, f"DROP {what} IF EXISTS `{name}`")
        self.lost -= names

    def _written(self, statement: str) -> set[str]:
        """The table and the variables that a statement may change, by their names in it."""
        table = _WRITE.match(statement)
        variables = [name for pair in _ASSIGNED.findall(statement) for name in re.findall(r"@\w+", " ".join(pair))]
        return {name.lower() for name in ([table[1]] if table else []) + variables}

    def _follow(self, difference: Difference, both: bool) -> None:
        """What a statement wrote must be the same on both sides afterwards, or is alike no more."""
        if _TRANSACTION.match(difference.statement) and difference.kind not in ("equal", "same error"):
            for session in self._sessions():
                _answer(session, "COMMIT")
            self.lost |= self._tables()
        written = self._written(difference.statement)
        if difference.kind == "same error" or not written:
            return
        if not both:
            self.lost |= written
        for name in written | self._tables():
            reading = f"SELECT {name}" if name[0] == "@" else f"SELECT * FROM `{name}`"
            if name in self.lost:
                continue
            ours, theirs = (_answer(session, reading, _ALL_ROWS) for session in self._sessions())
            if isinstance(theirs, SQLError) or (isinstance(ours, Result) and judge("", ours, theirs) == "equal"):
                continue
            self.lost.add(name)
            if both and difference.kind == "equal":
                difference.kind = self._kind_after(difference.statement, name, ours, theirs)
                difference.light, difference.exact = "[after] " + _text(ours), "[after] " + _text(theirs)

    def _kind_after(self, statement: str, name: str, ours: Result | SQLError, theirs: Result) -> str:
        """What a table or a view that a statement has left unlike is."""
        if isinstance(ours, Unsupported):
            return "refused as 1235"
        if isinstance(ours, SQLError) or ours.columns != theirs.columns:
            return "wrong rows or columns"
        if name[0] == "@":
            return self._kind_of_variable(statement, name)
        if picks_any_rows(statement) and len(ours.rows) == len(theirs.rows):
            return "order left open"
        numbered = self._numbered(name)
        if re.search(r"\bSELECT\b", statement, re.I) and same_rows(
            without(ours, numbered), without(theirs, numbered), in_order=False
        ):
            return "order left open"
        return "wrong rows or columns"

    def _kind_of_variable(self, statement: str, name: str) -> str:
        answers = []
        for session in self._sessions():
            _answer(session, settled(statement, 0))
            answers.append(_answer(session, f"SELECT {name}"))
        return "order left open" if judge("", *answers) == "equal" else "wrong rows or columns"

    def _numbered(self, name: str) -> str:
        """The AUTO_INCREMENT column of a table, whose numbers follow the order in which its rows came."""
        answer = _answer(self.exact, f"SHOW COLUMNS FROM `{name}`")
        rows = answer.rows if isinstance(answer, Result) else []
        return next((str(row[0]) for row in rows if row[5] == "auto_increment"), "")

    def _tables(self) -> set[str]:
        """The names of the server's tables and views."""
        answer = _answer(self.exact, "SHOW TABLES")
        return {str(row[0]) for row in answer.rows} if isinstance(answer, Result) else set()


def judge(statement: str, light: Result | SQLError, exact: Result | SQLError) -> str:
    """Which of KINDS two answers are."""
    if isinstance(light, SQLError) and isinstance(exact, SQLError):
        same = light.code == exact.code
        return "same error" if same else "refused as 1235" if isinstance(light, Unsupported) else "other code"
    if isinstance(light, SQLError):
        return "refused as 1235" if isinstance(light, Unsupported) else "wrong error"
    if isinstance(exact, SQLError):
        return "accepted, MySQL refuses"
    same = (
        same_rows(light.rows, exact.rows, in_order=ordered(statement))
        and light.columns == exact.columns
        and light.affected == exact.affected
    )
    return "equal" if same else "wrong rows or columns"


def _answer(session: LightSession | ServerSession, statement: str, max_rows: int = 10_000) -> Result | SQLError:
    try:
        return session.execute(statement, seconds=SECONDS, max_rows=max_rows)
    except SQLError as e:
        return e


def _text(answer: Result | SQLError) -> str:
    if isinstance(answer, SQLError):
        return str(answer)
    return f"{answer.columns} {answer.rows[:30]} affected {answer.affected} last {answer.last_id}"


def differences(folder: Path, dsn: str, only: str) -> Iterator[Difference]:
    """Every statement in scope with its kind, file by file."""
    for path in sorted(folder.glob("*.test")):
        if _OTHER_SUBJECTS.match(path.name) or not re.search(only, path.name):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        pair = Pair(
            path.name,
            LightSession({"tables": []}, database="test"),
            ServerSession({"tables": []}, dsn, database="test"),
        )
        try:
            for statement in statements(text):
                difference = pair.run(statement)
                if difference is not None:
                    yield difference
        finally:
            pair.light.close()
            pair.exact.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--report", type=Path, help="where each statement that differs is written, one JSON line each")
    parser.add_argument("--only", default="", help="a regular expression for the names of files")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with (
        private_server() as dsn,
        options.report.open("w", encoding="utf-8", buffering=1) if options.report else nullcontext() as report,
    ):
        for d in differences(options.folder, dsn, options.only):
            counts[d.kind] += 1
            if report and d.kind not in ("equal", "same error"):
                print(json.dumps([d.file, d.kind, d.statement, d.light, d.exact]), file=report)
    for kind in KINDS:
        print(f"{counts[kind]:7}  {100 * counts[kind] / max(1, counts.total()):6.2f} %  {kind}")
    print(f"{counts.total():7}            statements in scope")


if __name__ == "__main__":
    main()
