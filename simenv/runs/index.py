"""An index of a run's episodes, so that a table of them can be filtered, paged and searched without reading the run.

SQLite beside the parts it indexes (`index.sqlite`, safe to delete): a row an episode with the place of its line, and the
words of its chat (FTS5). It is brought up to date part by part from where it left off; the lines stay the only truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from simenv.errors import StoreError
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Line, Run, json_object, part_lines, trajectory_at
from simenv.types import Trajectory

VERSION = 2
"""Of the tables below; an index of another version is made anew."""
BATCH, BYTES = 4000, 48_000_000
"""Episodes, and bytes of them, a transaction while indexing: what a kill undoes, and about half of what memory holds."""
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
ORDERS = ("number", "id", "environment", "success", "progress", "stop", "steps", "drift", "tokens", "cost", "seconds")
"""Columns that a page can be ordered by."""


class Row(NamedTuple):
    """One episode as the table shows it. `success` is None where there is no grade."""

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
    """The index of one run folder. Each method opens the file for itself, so threads and processes may share a run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "index.sqlite"

    def refresh(self, told: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Index what was written since; returns how many episodes are new. `told` hears bytes done and in all.

        A part that shrank was rewritten: then everything is indexed anew. StoreError if the index cannot be written.
        """
        try:
            with self._open() as db:
                parts = self._parts()
                known = dict(db.execute("select name, size from part"))
                if any(known[name] > parts.get(name, 0) for name in known):
                    _reset(db)
                    known = {}
                stale = {name: (known.get(name, 0), size) for name, size in parts.items() if known.get(name, 0) < size}
                total, done, new = sum(size - start for start, size in stale.values()), 0, 0
                for name, (start, _) in stale.items():
                    for count, read in self._index(db, name, start):
                        new, done = new + count, done + read
                        told(done, total)
                return new
        except (OSError, sqlite3.Error) as e:
            raise StoreError(f"{self.path}: cannot index this run: {e}") from e

    def _parts(self) -> dict[str, int]:
        """Size in bytes of every part there is, by its path below the run."""
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

    # Asking.

    def page(
        self, where: EpisodeQuery, start: int = 0, count: int = 50, order: str = "number", down: bool = False
    ) -> list[Row]:
        """Rows from number `start`, ordered by one of ORDERS."""
        if order not in ORDERS:
            raise ValueError(f"order {order!r}; expected one of {', '.join(ORDERS)}")
        condition, values = where.sql()
        direction = "desc" if down else "asc"
        sql = f"select * from episode {condition} order by {order} {direction}, number {direction} limit ? offset ?"
        with self._open() as db:
            return [_row(r) for r in db.execute(sql, (*values, count, start))]

    def count(self, where: EpisodeQuery) -> int:
        """How many episodes there are of these."""
        condition, values = where.sql()
        with self._open() as db:
            return int(db.execute(f"select count(*) from episode {condition}", values).fetchone()[0])

    def values(self, column: Literal["environment", "kind", "agent", "stop", "task"]) -> dict[str, int]:
        """The values of a column with how many episodes have each."""
        with self._open() as db:
            return dict(db.execute(f"select {column}, count(*) from episode group by 1 order by 1"))

    def find(self, id: str) -> Row | None:
        """An episode by id; the one that ended well where an earlier attempt ended in an error."""
        with self._open() as db:
            found = db.execute("select * from episode where id = ? order by part desc, number desc", (id,)).fetchone()
        return _row(found) if found else None

    def branches(self, id: str) -> list[Row]:
        """The episodes that were split off this one."""
        with self._open() as db:
            return [_row(r) for r in db.execute("select * from episode where parent = ? order by number", (id,))]

    def beside(self, where: EpisodeQuery, number: int) -> tuple[str | None, str | None]:
        """The ids before and after an episode among these, in the order of writing."""
        condition, values = where.sql()
        joined = f"{condition} and" if condition else "where"
        ends = (("<", "desc"), (">", "asc"))
        with self._open() as db:
            found = [
                db.execute(
                    f"select id from episode {joined} number {sign} ? order by number {direction} limit 1",
                    (*values, number),
                )
                for sign, direction in ends
            ]
            before, after = (f.fetchone() for f in found)
        return (before[0] if before else None, after[0] if after else None)

    def read(self, row: Row) -> Trajectory:
        """The episode itself. StoreError where its line is no longer there."""
        return trajectory_at(self.folder / row.part, row.at, row.id)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = off")  # a lost index is made anew
            if db.execute("pragma user_version").fetchone()[0] != VERSION:
                _reset(db)
            yield db


def _reset(db: sqlite3.Connection) -> None:
    db.execute("begin immediate")
    if db.execute("pragma user_version").fetchone()[0] != VERSION or db.execute("select 1 from part").fetchone():
        for table in ("part", "episode", "words"):
            db.execute(f"drop table if exists {table}")
        for statement in filter(str.strip, _TABLES.split(";\n")):
            db.execute(statement)
        db.execute(f"pragma user_version = {VERSION}")
    db.execute("commit")


def _batch(lines: Iterator[Line], name: str, at: int) -> tuple[list[Any], list[str], int]:
    """Rows and words of the next episodes of a part, and the offset after them; a torn or foreign line has no row."""
    rows: list[Any] = []
    texts: list[str] = []
    start = at
    for line in lines:
        if not line.whole:
            break
        if (item := _item(line.data)) is not None:
            rows.append((item["id"], name, line.offset, len(line.data), *_figures(item)))
            texts.append(_words(item))
        at += len(line.data)
        if len(rows) >= BATCH or at - start >= BYTES:
            break
    return rows, texts, at


def _add(db: sqlite3.Connection, rows: list[Any], texts: list[str], name: str, at: int, after: int) -> None:
    """One transaction: the rows, their words, and how far the part is indexed. What another process did first is left."""
    db.execute("begin immediate")
    known = db.execute("select size from part where name = ?", (name,)).fetchone()
    if (known[0] if known else 0) == at:
        first = (db.execute("select max(number) from episode").fetchone()[0] or 0) + 1
        _insert(db, "episode", [(first + i, *row) for i, row in enumerate(rows)])
        _insert(db, "words (rowid, text)", [(first + i, text) for i, text in enumerate(texts)])
        db.execute("insert or replace into part values (?, ?)", (name, after))
    db.execute("commit")


def _insert(db: sqlite3.Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    """Many rows a statement: after each statement the interpreter must be had back from the thread that reads."""
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        row = f"({', '.join('?' * len(some[0]))})"
        db.execute(f"insert into {into} values {', '.join([row] * len(some))}", [v for r in some for v in r])


def _item(line: bytes) -> dict[str, Any] | None:
    """The trajectory of a line as JSON; None for a line that is none."""
    item = json_object(line)
    needed = {"id", "task", "environment", "stop", "messages", "steps"}
    return item if item is not None and needed <= item.keys() else None


def _figures(t: dict[str, Any]) -> tuple[Any, ...]:
    """The columns after `length`, in their order."""
    grade, usage, branch = t.get("grade"), t.get("usage") or {}, t.get("branch") or {}
    seen = [s["observation"] for s in t["steps"]]
    checks = [o["check"] for o in seen if o.get("check")]
    drifts = [c for c in checks if c["label"] == "drift"]
    mistake = t.get("mistake")
    return (
        t["task"], t["environment"], t.get("kind", ""), t.get("attempt", 0), t.get("agent", ""), t["stop"],
        grade["success"] if grade else None, grade["progress"] if grade else None,
        len(seen), sum(bool(o.get("invalid")) for o in seen),
        len(drifts), sum(c.get("shown", "engine") == "engine" for c in drifts),
        sum(c["label"] == "unverifiable" for c in checks),
        len(t.get("interventions", ())), mistake["step"] if mistake else None,
        branch.get("parent", ""), branch.get("continuation", ""),
        " ".join(sorted({m.get("author", "engine") for m in t["messages"] if m["role"] == "assistant"})),
        usage.get("input_tokens", 0) + usage.get("output_tokens", 0), usage.get("cost", 0.0),
        (t.get("timing") or {}).get("seconds", 0.0), t.get("error", ""),
    )  # fmt: skip


def _words(t: dict[str, Any]) -> str:
    """The chat without its system prompt, which all episodes of an environment share."""
    said = (m for m in t["messages"] if m["role"] != "system")
    return "\n".join("\n".join([m["content"], *(c["arguments"] for c in m.get("calls", ()))]) for m in said)


def _row(found: Any) -> Row:
    row = Row(*found)
    return row if row.success is None else row._replace(success=bool(row.success))
