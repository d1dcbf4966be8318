"""Reads the task files of others: AgentBench's DBBench (JSON lines), and Spider (a list of questions beside SQLite files)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.documents import head, is_file, json_file
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader, json_lines
from simenv.types import Task

from .checking.ties import ties
from .engine.answers import TOLERANCE, overlap
from .engine.light import LightSession
from .engine.session import SQLError
from .tasks import dbbench, spider
from .tasks.solutions import answer_texts, final_move, query_move
from .tasks.sqlite_reference import SqliteReference, same_rows
from .teacher import answer_goal
from .world import DB

_SNIFFED = 65_536
"""Bytes of a JSON file that are read to recognise its format."""

_FIELDS = (("db_id", "question", "query"), ("db", "query", "gold"), ("db_id", "question", "SQL"))
"""The names of a record's database, question and gold SQL: Spider's, those of short lists, BIRD's."""
_FOLDERS = ("database", "test_database", "dev_databases", "train_databases", "train_databases/train_databases")
_MYSQL = "mysql"
"""What the name of a file says whose SQL is MySQL's already, as BIRD's mini_dev_mysql.json."""


class DBBench(TaskReader):
    """One record a line: `description`, `type`, `label`, and `table` (one, or a list of them)."""

    name = "dbbench"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".jsonl" or not path.is_file():
            return False
        first = next(json_lines(path), (0, None))[1]
        return isinstance(first, dict) and {"description", "label", "type", "table"} <= first.keys()

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        for number, record in json_lines(path):
            if isinstance(record, Rejected):
                yield record
                continue
            location = f"{path}:{number}"
            try:
                task = dbbench.read_task(record, f"dbbench-{path.stem}-{number:04d}", location)
                DB.check(task.spec)
            except dbbench.InvalidRecord as e:
                field, _, reason = str(e).partition(": ")
                yield Rejected(where=f"{location}: {field}", reason=reason)
            except WorldError as e:
                yield Rejected(where=f"{location}: table", reason=str(e))
            else:
                yield task


class Spider(TaskReader):
    """A JSON list of questions with `db`, `query` (the question) and `gold` (its SQL), or Spider's own `db_id`,
    `question` and `query`, or BIRD's with `SQL`, and `evidence` that belongs to the question. Each database is a SQLite
    file beside the list, or in a folder of its name in `database/`, `dev_databases/` or `train_databases/`.

    The gold answer is what the gold SQL yields in the light engine, that is by MySQL's rules; in order where it sorts and
    nothing is left to chance. Where SQLite itself answers otherwise, there is no task. All tasks of a database share one
    spec in memory.
    """

    name = "spider"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".json" or not path.is_file():
            return False
        start = head(path, _SNIFFED)
        has_fields = [all(f'"{field}"' in start for field in fields) for fields in _FIELDS]
        return start.lstrip().startswith("[") and any(has_fields)

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            records = json_file(path)
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        if not isinstance(records, list):
            yield Rejected(where=str(path), reason=f"expected a list, found {type(records).__name__}")
            return
        databases = SpiderDatabases(path.parent, asks_sqlite=_MYSQL not in path.name.lower())
        try:
            for number, record in enumerate(records):
                yield _spider_task(record, f"{path}: [{number}]", number, databases)
        finally:
            databases.close()


class SpiderDatabases:
    """The databases beside a list of questions, each read and opened once.

    `asks_sqlite`: the questions' SQL is SQLite's, so SQLite must give the same answer.
    """

    def __init__(self, folder: Path, asks_sqlite: bool = True) -> None:
        self.folder, self.asks_sqlite = folder, asks_sqlite
        self._references: dict[str, SqliteReference] = {}
        self._specs: dict[str, dict[str, Any]] = {}
        self._sessions: dict[str, tuple[LightSession, LightSession]] = {}
        self._broken: dict[str, str] = {}

    def spec(self, name: str) -> dict[str, Any]:
        """The spec of a database. Raises ValueError where there is none of that name, or it cannot be used."""
        if name in self._broken:
            raise ValueError(self._broken[name])
        if name not in self._specs:
            try:
                spec = spider.read_spec(file := self._file(name))
                DB.check(spec)
                reversed_tables = [{**table, "rows": table["rows"][::-1]} for table in spec["tables"]]
                self._sessions[name] = LightSession(spec), LightSession({"tables": reversed_tables})
            except (ValueError, WorldError, SQLError) as e:
                self._broken[name] = f"database {name}: {e}"
                raise ValueError(self._broken[name]) from e
            self._specs[name] = spec
            self._references[name] = SqliteReference(file)
        return self._specs[name]

    def goal(self, name: str, sql: str) -> dict[str, Any]:
        """The goal that the gold SQL yields. Raises SQLError where it fails, ValueError where the answer depends on chance.

        The SQL also runs over the rows in reverse: an order that changes with that is not part of the question. Rows that
        tie at a LIMIT, or groups, are found without it.
        """
        result, reversed_result = (session.execute(sql) for session in self._sessions[name])
        tied = ties(sql, self._sessions[name][0].execute)
        if tied.cut:
            raise ValueError(
                "the gold answer depends on the order in which the rows are stored: there are ties at its LIMIT"
            )
        ordered = spider.has_order_by(sql) and not tied.inside
        goal = answer_goal(result, "ordered" if ordered else "multiset")
        reversed_answer = answer_texts(answer_goal(reversed_result, "multiset")["answer"])
        width = len(result.columns)
        if overlap(goal["answer"], reversed_answer, "multiset", width, TOLERANCE).share < 1:
            raise ValueError("the gold answer depends on the order in which the rows are stored")
        self._check_reference(name, sql, goal["answer"], width)
        same = overlap(goal["answer"], reversed_answer, goal["compare"], width, TOLERANCE).share == 1
        return goal if same else goal | {"compare": "multiset"}

    def _check_reference(self, name: str, sql: str, answer: list[Any], width: int) -> None:
        """Raises ValueError where SQLite gives another answer to the same SQL."""
        rows = self._references[name].rows(sql) if self.asks_sqlite else None
        if rows is not None and not same_rows(answer, rows, width):
            shown = ", ".join(str(cell) for row in rows[:3] for cell in row)
            raise ValueError(
                f"SQLite, for which the SQL was written, answers otherwise than MySQL: {shown or 'no rows'!s:.80}"
                f" and not {', '.join(map(str, answer[: 3 * width])) or 'no rows':.80}"
            )

    def close(self) -> None:
        """Close every database that was opened."""
        for reference in self._references.values():
            reference.close()
        for session, reversed_session in self._sessions.values():
            session.close()
            reversed_session.close()

    def _file(self, name: str) -> Path:
        if not name or Path(name).name != name:
            raise ValueError(f"{name!r} is no name of a database")
        for folder in (self.folder, *(self.folder / place / name for place in _FOLDERS)):
            if is_file(file := folder / f"{name}.sqlite"):
                return file
        raise ValueError(f"no {name}.sqlite beside the list, nor in {', '.join(f'{p}/{name}/' for p in _FOLDERS)}")


def _spider_task(record: Any, location: str, number: int, databases: SpiderDatabases) -> Task | Rejected:
    if not isinstance(record, dict):
        return Rejected(where=location, reason=f"expected an object, found {type(record).__name__}")
    fields = next((f for f in _FIELDS if f[0] in record and f[2] in record), _FIELDS["db_id" not in record])
    for field in fields:
        if not isinstance(record.get(field), str) or not record[field].strip():
            return Rejected(where=f"{location}: {field}", reason=f"expected text, found {record.get(field)!r:.80}")
    name, question, gold = (record[field].strip() for field in fields)
    try:
        spec = databases.spec(name)
    except ValueError as e:
        return Rejected(where=f"{location}: {fields[0]}", reason=str(e))
    sql = spider.match_table_case(gold.rstrip("; \n"), [t["name"] for t in spec["tables"]])
    try:
        goal = databases.goal(name, sql)
    except SQLError as e:
        return Rejected(where=f"{location}: {fields[2]}", reason=f"the gold SQL fails as MySQL: {e.message}")
    except ValueError as e:
        return Rejected(where=f"{location}: {fields[2]}", reason=str(e))
    return Task(
        id=f"spider-{name}-{record.get('_index', number)}",
        environment="db",
        instruction=f"{question}{_evidence(record)}{_form(goal.get('width', 1))}\n{_headers(spec)}",
        spec=spec,
        goal=goal,
        solution=(query_move("One query answers this.", sql), final_move(goal)),
        kind=str(record.get("hardness", record.get("difficulty", ""))),
        source=location,
    )


def _evidence(record: dict[str, Any]) -> str:
    """What BIRD tells beside a question."""
    evidence = record.get("evidence")
    return f"\n{evidence.strip()}" if isinstance(evidence, str) and evidence.strip() else ""


def _form(width: int) -> str:
    return "" if width == 1 else f" Give {width} values for each row, row by row."


def _headers(spec: dict[str, Any]) -> str:
    return "\n".join(
        f"The name of this table is {t['name']}, and the headers of this table are {','.join(c['name'] for c in t['columns'])}."
        for t in spec["tables"]
    )
