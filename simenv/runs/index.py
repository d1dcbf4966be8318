"""An index of a run's episodes, so that a table of them can be filtered, paged and searched without reading the run.

A SQLite file beside the parts (`index.sqlite`, safe to delete) holds a row an episode with the place of its line, and the
words of its chat (FTS5). Each refresh continues where the last one stopped; the lines stay the only truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NamedTuple

from simenv.errors import StoreError
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Line, Run, json_object, part_lines, trajectory_at
from simenv.types import Trajectory

VERSION = 2
"""Version of the tables below; an index of another version is rebuilt."""
BATCH, BYTES = 4000, 48_000_000
"""Most episodes, and bytes of them, in one transaction: a kill loses one, and memory holds about two."""
ROWS = 500
"""Rows a statement; their values stay below SQLite's limit of 32,766."""
WAIT = 60
"""Seconds to wait for another process that is indexing the same run."""
_TABLES = """
create table part (name text primary key, size integer not null);
create table episode (
  number integer primary key, id text not null, part text not null, at integer not null, length integer not null,
  task text not null, environment text not null, kind text not null, attempt integer not null, agent text not null,
  stop text not null, success integer, progress real, steps integer not null, invalid integer not null,
  drift integer not null, corrected integer not null, unverifiable integer not null, interventions integer not null,
  mistake integer, parent text not null, continuation text not null, authors text not null,
  tokens integer not null, cost real not null, seconds real not null, error text not null
);
create index episode_id on episode (id);
create index episode_parent on episode (parent) where parent != '';
create index episode_environment on episode (environment, number);
create virtual table words using fts5 (text, content='', detail=none);
"""
_NUMBER = (int, float)
_TYPES: tuple[Any, ...] = (
    str, str, str, str, int, str, str, (int, NoneType), (*_NUMBER, NoneType), int, int, int, int, int, int,
    (int, NoneType), str, str, str, int, _NUMBER, _NUMBER, str,
)  # fmt: skip
"""Of the columns id, task and after it."""
ORDERS = ("number", "id", "environment", "success", "progress", "stop", "steps", "drift", "tokens", "cost", "seconds")
"""Columns that a page can be ordered by."""


class Row(NamedTuple):
    """One episode as the table shows it. Its line: `length` bytes from byte `at` of `part`. `success`: None if not graded."""

    number: int
    id: str
    part: str
    at: int
    length: int
    task: str
    environment: str
    kind: str
    attempt: int
    agent: str
    stop: str
    success: bool | None
    progress: float | None
    steps: int
    invalid: int
    drift: int
    corrected: int
    unverifiable: int
    interventions: int
    mistake: int | None
    parent: str
    continuation: str
    authors: str
    tokens: int
    cost: float
    seconds: float
    error: str


class Index:
    """The index of one run folder. Every method opens the file by itself, so threads and processes may share a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "index.sqlite"

    def refresh(self, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Index the lines written since the last call; returns the number of new episodes.

        `on_progress` gets bytes done and bytes in all. If a part shrank, it was rewritten, and everything is indexed again.
        StoreError if the index cannot be written.
        """
        try:
            try:
                return self._refresh(on_progress)
            except sqlite3.DatabaseError as e:
                if not _is_damaged(e):
                    raise
                self._remove()
                return self._refresh(on_progress)
        except (OSError, sqlite3.Error) as e:
            raise StoreError(f"{self.path}: cannot index this run: {e}") from e

    def _refresh(self, on_progress: Callable[[int, int], None]) -> int:
        with self._connected() as db:
            parts = self._parts()
            indexed = dict(db.execute("select name, size from part"))
            if not all(isinstance(name, str) and isinstance(size, int) for name, size in indexed.items()):
                raise ForeignIndex("its table of parts holds no sizes")
            if any(indexed[name] > parts.get(name, 0) for name in indexed):
                _reset(db)
                indexed = {}
            stale = {name: (indexed.get(name, 0), size) for name, size in parts.items() if indexed.get(name, 0) < size}
            total, done, new = sum(size - start for start, size in stale.values()), 0, 0
            for name, (start, _) in stale.items():
                for count, read in self._index(db, name, start):
                    new, done = new + count, done + read
                    on_progress(done, total)
            return new

    def _parts(self) -> dict[str, int]:
        """Size in bytes of every part, by its path below the run."""
        parts = (p for kind in ("trajectories", "errors") for p in Run(self.folder).parts(kind))
        return {f"{p.parent.name}/{p.name}": p.stat().st_size for p in parts}

    def _index(self, db: sqlite3.Connection, name: str, start: int) -> Iterator[tuple[int, int]]:
        """Index the whole lines of a part from a byte offset; yields episodes and bytes of each batch.

        SQLite lets go of the interpreter while it writes, so a batch is written while the next one is read.
        """
        lines = part_lines(self.folder / name, start)
        with closing(lines), ThreadPoolExecutor(1) as writer:
            at, waiting = start, None
            while True:
                rows, texts, after = _batch(lines, name, at)
                if waiting is not None:
                    waiting.result()
                if after == at:
                    return
                waiting = writer.submit(_add, db, rows, texts, name, at, after)
                yield len(rows), after - at
                at = after

    # Queries.

    def page(
        self, query: EpisodeQuery, start: int = 0, count: int = 50, order: str = "number", down: bool = False
    ) -> list[Row]:
        """Up to `count` rows that match, from row `start` (from 0) on, ordered by one of ORDERS; ValueError for another."""
        if order not in ORDERS:
            raise ValueError(f"order {order!r}; expected one of {', '.join(ORDERS)}")
        condition, values = query.sql()
        direction = "desc" if down else "asc"
        sql = f"select * from episode {condition} order by {order} {direction}, number {direction} limit ? offset ?"
        with self._open() as db:
            return [_row(r) for r in db.execute(sql, (*values, count, start))]

    def count(self, query: EpisodeQuery) -> int:
        """Number of episodes that match."""
        condition, values = query.sql()
        with self._open() as db:
            return int(db.execute(f"select count(*) from episode {condition}", values).fetchone()[0])

    def values(self, column: Literal["environment", "kind", "agent", "stop", "task"]) -> dict[str, int]:
        """The values of a column, each with its number of episodes."""
        with self._open() as db:
            return dict(db.execute(f"select {column}, count(*) from episode group by 1 order by 1"))

    def find(self, id: str) -> Row | None:
        """An episode by id, None if there is none. A finished one goes before an earlier attempt that ended in an error."""
        with self._open() as db:
            row = db.execute("select * from episode where id = ? order by part desc, number desc", (id,)).fetchone()
        return _row(row) if row else None

    def branches(self, id: str) -> list[Row]:
        """The episodes that were split off this one."""
        with self._open() as db:
            return [_row(r) for r in db.execute("select * from episode where parent = ? order by number", (id,))]

    def neighbours(self, query: EpisodeQuery, number: int) -> tuple[str | None, str | None]:
        """The ids before and after episode `number` among those that match, in the order of writing; None at the ends."""
        condition, values = query.sql()
        prefix = f"{condition} and" if condition else "where"
        ends = (("<", "desc"), (">", "asc"))
        with self._open() as db:
            cursors = [
                db.execute(
                    f"select id from episode {prefix} number {sign} ? order by number {direction} limit 1",
                    (*values, number),
                )
                for sign, direction in ends
            ]
            before, after = (f.fetchone() for f in cursors)
        return (before[0] if before else None, after[0] if after else None)

    def read(self, row: Row) -> Trajectory:
        """The trajectory of a row. StoreError where its line is no longer there."""
        if row.part not in self._parts():
            raise StoreError(
                f"{self.path}: no part {row.part!r:.100} in this run; remove the index, and it is made anew"
            )
        return trajectory_at(self.folder / row.part, row.at, row.id)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The index for queries; StoreError where it is damaged, and then the next refresh makes it anew."""
        try:
            with self._connected() as db:
                yield db
        except sqlite3.DatabaseError as e:
            if _is_damaged(e):
                self._remove()
            raise StoreError(f"{self.path}: cannot be read: {e}; load the run again, and it is made anew") from e

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection; an index that is damaged, somebody else's or of another version gives way to an empty one."""
        try:
            db = self._connect()
        except sqlite3.DatabaseError as e:
            if not _is_damaged(e):
                raise
            self._remove()
            db = self._connect()
        with closing(db):
            yield db

    def _connect(self) -> sqlite3.Connection:
        if self.path.is_symlink():  # a link of a sent folder must not choose what is written
            self.path.unlink()
        db = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            db.text_factory = _text
            db.execute("pragma trusted_schema = off")
            db.execute("pragma cell_size_check = on")
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = off")  # a lost index is made anew
            schema = _schema(db)
            if not schema:
                _make(db)
            elif schema != _own_schema() or db.execute("pragma user_version").fetchone()[0] != VERSION:
                raise ForeignIndex("an index of another version, or one that simenv did not make")
        except UnicodeDecodeError as e:  # sqlite3 could not read what SQLite says of the damage
            db.close()
            raise ForeignIndex("it holds what is no text") from e
        except BaseException:
            db.close()
            raise
        return db

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


class ForeignIndex(sqlite3.DatabaseError):
    """A database with other tables than the index has."""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")  # what a damaged index holds is any


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether an index must be made anew; False for one that is locked, or cannot be opened."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, ForeignIndex) or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _schema(db: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """What the database says its tables, indexes, views and triggers are."""
    rows = db.execute("select type, name, coalesce(sql, '') from sqlite_schema where name not like 'sqlite_%'")
    return {(str(kind), str(name), " ".join(str(sql).split()).casefold()) for kind, name, sql in rows}


@cache
def _own_schema() -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(_TABLES)
        return _schema(db)


def _reset(db: sqlite3.Connection) -> None:
    """Empty the index."""
    db.execute("begin immediate")
    for table in ("part", "episode", "words"):
        db.execute(f"drop table if exists {table}")
    _make_tables(db)
    db.execute("commit")


def _make(db: sqlite3.Connection) -> None:
    """Make the tables, unless another process was faster."""
    db.execute("begin immediate")
    if not _schema(db):
        _make_tables(db)
    db.execute("commit")


def _make_tables(db: sqlite3.Connection) -> None:
    for statement in filter(str.strip, _TABLES.split(";\n")):
        db.execute(statement)
    db.execute(f"pragma user_version = {VERSION}")


def _batch(lines: Iterator[Line], name: str, at: int) -> tuple[list[Any], list[str], int]:
    """Rows and words of the next episodes of a part, and the offset after them; a torn or foreign line has no row."""
    rows: list[Any] = []
    texts: list[str] = []
    start = at
    for line in lines:
        if not line.whole:
            break
        if (episode := _episode(line.data)) is not None:
            item, figures, words = episode
            rows.append((item["id"], name, line.offset, line.length, *figures))
            texts.append(words)
        at += line.length
        if len(rows) >= BATCH or at - start >= BYTES:
            break
    return rows, texts, at


def _add(db: sqlite3.Connection, rows: list[Any], texts: list[str], name: str, at: int, after: int) -> None:
    """Add rows, their words and how far the part is indexed, in one transaction; nothing if another process was faster."""
    db.execute("begin immediate")
    indexed = db.execute("select size from part where name = ?", (name,)).fetchone()
    if (indexed[0] if indexed else 0) == at:
        first = (db.execute("select max(number) from episode").fetchone()[0] or 0) + 1
        _insert(db, "episode", [(first + i, *row) for i, row in enumerate(rows)])
        _insert(db, "words (rowid, text)", [(first + i, text) for i, text in enumerate(texts)])
        db.execute("insert or replace into part values (?, ?)", (name, after))
    db.execute("commit")


def _insert(db: sqlite3.Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    """Insert many rows a statement: after each statement this thread waits for the interpreter, which the reader holds."""
    for start in range(0, len(rows), ROWS):
        batch = rows[start : start + ROWS]
        row = f"({', '.join('?' * len(batch[0]))})"
        db.execute(f"insert into {into} values {', '.join([row] * len(batch))}", [v for r in batch for v in r])


def _episode(line: bytes) -> tuple[dict[str, Any], tuple[Any, ...], str] | None:
    """The trajectory of a line as JSON, with its columns and words; None for a line that is none."""
    item = json_object(line)
    if item is None or not {"id", "task", "environment", "stop", "messages", "steps"} <= item.keys():
        return None
    try:
        figures = _figures(item)
        words = _words(item)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    columns = (item["id"], *figures)
    fitting = all(map(isinstance, columns, _TYPES)) and all(abs(v) < 1 << 63 for v in columns if isinstance(v, int))
    return (item, figures, words) if fitting else None


def _figures(t: dict[str, Any]) -> tuple[Any, ...]:
    """The columns after `length`, in their order."""
    grade, usage, branch = t.get("grade"), t.get("usage") or {}, t.get("branch") or {}
    teacher = t.get("teacher_usage") or {}
    observations = [s["observation"] for s in t["steps"]]
    checks = [o["check"] for o in observations if o.get("check")]
    drifts = [c for c in checks if c["label"] == "drift"]
    mistake = t.get("mistake")
    return (
        t["task"], t["environment"], t.get("kind", ""), t.get("attempt", 0), t.get("agent", ""), t["stop"],
        grade["success"] if grade else None, grade["progress"] if grade else None,
        len(observations), sum(bool(o.get("invalid")) for o in observations),
        len(drifts), sum(c.get("shown", "engine") == "engine" for c in drifts),
        sum(c["label"] == "unverifiable" for c in checks),
        len(t.get("interventions", ())), mistake["step"] if mistake else None,
        branch.get("parent", ""), branch.get("continuation", ""),
        " ".join(sorted({m.get("author", "engine") for m in t["messages"] if m["role"] == "assistant"})),
        _tokens(usage) - _tokens(teacher), usage.get("cost", 0.0) - teacher.get("cost", 0.0),
        (t.get("timing") or {}).get("seconds", 0.0), t.get("error", ""),
    )  # fmt: skip


def _tokens(usage: dict[str, Any]) -> int:
    tokens: int = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
    return tokens


def _words(t: dict[str, Any]) -> str:
    """The chat without its system prompt, which all episodes of an environment share."""
    messages = (m for m in t["messages"] if m["role"] != "system")
    return "\n".join("\n".join([m["content"], *(c["arguments"] for c in m.get("calls", ()))]) for m in messages)


def _row(values: Any) -> Row:
    row = Row(*values)
    return row if row.success is None else row._replace(success=bool(row.success))
