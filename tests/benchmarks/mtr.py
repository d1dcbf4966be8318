"""MariaDB's own tests on both SQL engines: `python tests/benchmarks/mtr.py FOLDER [--report FILE] [--only PATTERN]`.

FOLDER holds `*.test` files, as `mysql-test/main` of the Debian package `mariadb-test-data` does. Each file starts in an
empty database on both engines; a private MariaDB says what is right. Statements about accounts, routines, settings or the
clock are out of scope, and so are those on tables that the two engines no longer have alike.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.mariadb import private_server
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported
from tests.environments.db.sql_differential import ordered, same_rows

KINDS = (
    "equal", "same error", "refused as 1235", "wrong rows or columns", "wrong error", "accepted, MySQL refuses",
    "other code", "traceback", "hang",
)  # fmt: skip
SECONDS = 3.0
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
_COMMANDS = re.compile(
    r"(let|eval|evalp|source|connect|connection|disconnect|dirty_close|while|if|echo|sleep|real_sleep|error|query\w*|die|"
    r"exit|inc|dec|exec|execw|system|perl|enable_\w+|disable_\w+|sorted_result|partially_sorted_result|replace_\w+|"
    r"vertical_results|horizontal_results|reap|send\w*|delimiter|skip|remove_file\w*|write_file|append_file|cat_file|"
    r"diff_files|copy_file|mkdir|rmdir|list_files\w*|chmod|move_file|require|result_format|ping|wait_\w+|start_timer|"
    r"end_timer|lowercase_result|character_set|change_user|output|reset_connection|shutdown_server|optimizer_\w+)\b",
    re.I,
)
_WRITE = re.compile(
    r"(?:INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|CREATE|ALTER|DROP|RENAME)\b(?:\s+(?:INTO|FROM|TABLE|VIEW|IGNORE|OR\s+REPLACE|"
    r"DELAYED|LOW_PRIORITY|HIGH_PRIORITY|QUICK|TEMPORARY|UNIQUE|INDEX\s+\S+\s+ON|IF\s+(?:NOT\s+)?EXISTS)\b)*"
    r"\s+`?(?:test`?\.`?)?(\w+)",
    re.I,
)
_NAME = re.compile(r"@?[A-Za-z_$][\w$]*")
_DROP = re.compile(r"DROP\s+(TEMPORARY\s+)?(TABLE|VIEW)\b", re.I)
_ASSIGNED = re.compile(r"(@\w+)\s*:?=(?!=)|(?<=INTO )(@\w+)", re.I)
_LAST_STATEMENT = re.compile(r"\b(FOUND_ROWS|ROW_COUNT|LAST_INSERT_ID)\b", re.I)


def statements(text: str) -> Iterator[str]:
    """The SQL statements of a `.test` file, without the tool's own commands, those with its variables, and comments."""
    delimiter, piece, in_perl = ";", "", False
    for line in text.split("\n"):
        bare = line.strip()
        if in_perl:
            in_perl = not bare.startswith("EOF")
            continue
        if not piece and (not bare or bare[0] in "#{}" or bare.startswith("--")):
            changed = re.match(r"--\s*delimiter\s+(\S+)", bare, re.I)
            delimiter = changed[1] if changed else delimiter
            continue
        if not piece and re.match(r"(perl|write_file|append_file)\b", bare):
            in_perl = True
            continue
        piece += line + "\n"
        changed = re.match(r"delimiter\s+(\S+?)\s*$", piece.strip(), re.I)
        if changed:
            new = changed[1]
            delimiter = (new.removesuffix(delimiter) if len(new) > len(delimiter) else new) or delimiter
            piece = ""
            continue
        while (end := _end(piece, delimiter)) is not None:
            statement, piece = piece[:end].strip(), piece[end + len(delimiter) :].lstrip()
            if statement and not _COMMANDS.match(statement) and "$" not in statement:
                yield statement
        if re.match(r"(while|if)\b", piece, re.I) or piece.lstrip()[:1] in ("", "#", "{", "}"):
            piece = ""


def _end(text: str, delimiter: str) -> int | None:
    """Where a delimiter stands outside of quotes and comments."""
    for match in re.finditer(
        r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*.*?\*/|(?:#|-- )[^\n]*|"
        + f"({re.escape(delimiter)})",
        text,
        re.S,
    ):
        if match[1]:
            return match.start()
    return None


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
        difference = Difference(self.file, kind, statement, _text(ours), _text(theirs))
        self._follow(difference, isinstance(ours, Result) and isinstance(theirs, Result))
        self.alike = difference.kind == "equal"
        return difference

    def _out_of_scope(self, statement: str, names: set[str]) -> bool:
        if not _SUBJECTS.match(statement) or _CLOCK.search(statement) or names & self.lost:
            return True
        if re.match(r"SHOW\s+(FULL\s+)?TABLES", statement, re.I) and self.lost:
            return True
        return not self.alike and bool(_LAST_STATEMENT.search(statement))

    def _drop(self, names: set[str]) -> None:
        """Tables of which one is lost are dropped on both sides."""
        for name in names - {"drop", "table", "view", "if", "exists", "temporary", "cascade", "restrict"}:
            for session in (self.light, self.exact):
                for what in ("TABLE", "VIEW"):
                    _answer(session, f"DROP {what} IF EXISTS `{name}`")
        self.lost -= names

    def _written(self, statement: str) -> set[str]:
        """The table and the variables that a statement may change, by their names in it."""
        table = _WRITE.match(statement)
        variables = [name for pair in _ASSIGNED.findall(statement) for name in pair if name]
        return {name.lower() for name in ([table[1]] if table else []) + variables}

    def _follow(self, difference: Difference, both: bool) -> None:
        """What a statement wrote must be the same on both sides afterwards, or is alike no more."""
        written = self._written(difference.statement)
        if difference.kind == "same error" or not written:
            return
        if not both:
            self.lost |= written
        for name in written | self._tables():
            reading = f"SELECT {name}" if name[0] == "@" else f"SELECT * FROM `{name}`"
            if name in self.lost:
                continue
            ours, theirs = _answer(self.light, reading), _answer(self.exact, reading)
            if isinstance(theirs, SQLError) or (isinstance(ours, Result) and judge("", ours, theirs) == "equal"):
                continue
            self.lost.add(name)
            if both and difference.kind == "equal":
                difference.kind = "wrong rows or columns"
                difference.light, difference.exact = "[after] " + _text(ours), "[after] " + _text(theirs)

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


def _answer(session: LightSession | ServerSession, statement: str) -> Result | SQLError:
    try:
        return session.execute(statement, seconds=SECONDS)
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
    lines = []
    with private_server() as dsn:
        for d in differences(options.folder, dsn, options.only):
            counts[d.kind] += 1
            if d.kind not in ("equal", "same error"):
                lines.append(json.dumps([d.file, d.kind, d.statement, d.light, d.exact]))
    if options.report:
        options.report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    for kind in KINDS:
        print(f"{counts[kind]:7}  {100 * counts[kind] / max(1, counts.total()):6.2f} %  {kind}")
    print(f"{counts.total():7}            statements in scope")


if __name__ == "__main__":
    main()
