"""The DB world: a MySQL database, queried and changed by one SQL statement a turn.

It joins a session and a grader, and knows no SQL itself.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from importlib import import_module
from itertools import islice
from typing import Annotated, Any, Literal

from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, ServiceDown, WorldError
from simenv.options import Options as Settings
from simenv.trust import Verdict
from simenv.types import Grade, Observation
from simenv.world import Engine, action

from .engine.agentbench_grading import grade_agentbench
from .engine.grading import grade_strictly
from .engine.light import LightSession
from .engine.session import Result, Session, SQLError, Unsupported
from .engine.spec import faults, without_plain_rows

CUT = "[TRUNCATED]"
LIMIT = "This database engine has a limit here; the statement may well be right."
_DSN = Verdict("sent", "is a variable of your environment; the server that it names would be written to")
_TOLD = 10
"""Faults of a spec that one error tells."""
_CLIENT_CODES = range(2000, 3000)
"""MySQL's codes of lost or refused connections: the server's fault, not the statement's."""


class DB(Engine):
    """One database and one agent. The agent sees rows as AgentBench shows them: Python's text for a list of tuples."""

    class Options(Settings):
        """light: in memory, no server; server: MySQL or MariaDB at the DSN that the environment variable `dsn_env` holds.

        The DSN holds a password, so only the variable's name is part of a run. `now` fixes the light engine's clock, so
        that a run can be repeated; null takes the real time. `max_bytes` bounds the light engine's data. `grader`: the
        strict one, or AgentBench's rules of either generation.
        """

        engine: Literal["light", "server"] = "light"
        """light: in memory, speaking MySQL; server: a MySQL or MariaDB server"""
        dsn_env: Annotated[str, _DSN] = Field("SIMENV_MYSQL_DSN", min_length=1)
        """name of the environment variable that holds the server's DSN"""
        grader: Literal["strict", "agentbench", "agentbench-v0.2"] = "strict"
        """strict, or AgentBench's rules of either generation"""
        seconds: float = Field(10, gt=0, le=600)
        """seconds that one statement may take"""
        max_rows: int = Field(10_000, ge=1)
        """rows that one statement may give"""
        max_bytes: int = Field(64 * 1024 * 1024, ge=65_536)
        """bytes of the light engine's data"""
        max_chars: int = Field(800, ge=20)
        """characters of an observation; what is cut says so"""
        now: dt.datetime | None = dt.datetime(2026, 1, 15, 12, 0, 0)
        """the light engine's clock, so that a run can be repeated; null: the real time"""

    options: Options
    max_turns = 15

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self.blocking = self.options.engine == "server"
        self._session: Session | None = None
        self.initial: dict[str, Any] = {}
        self.statements: list[str] = []
        """all statements of the episode, failed ones too: what an expert need not run again"""

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        self.end()
        try:
            self._session = self._open(spec)
            self.initial = self._session.tables()
        except SQLError as e:
            raise WorldError(f"environments/db: these tables cannot be made: {_error_text(e)}") from e
        self.statements = []
        return ""

    @action
    def execute_sql(self, query: str) -> Observation:
        """Run one MySQL statement and see the rows it returns, or its error."""
        self.statements.append(query)
        try:
            result = self.session.execute(
                _without_surrogates(query), seconds=self.options.seconds, max_rows=self.options.max_rows
            )
        except Unsupported as e:
            return Observation(text=f"{LIMIT} {_error_text(e)}")
        except SQLError as e:
            if e.code in _CLIENT_CODES:
                raise ServiceDown(f"environments/db: the server is lost: {_error_text(e)}") from e
            return self._cut(_error_text(e), invalid=True)
        return self._rows(result)

    @action(submit=True)
    def commit_final_answer(self, answers: list[str]) -> list[str]:
        """Commit the final answer as a list of strings, one for each value. This ends the task. If the task was to change
        the database, the answer can be anything."""
        return answers

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        if self.options.grader == "strict":
            return grade_strictly(goal, answer, self.initial, self.facts())
        rules: Literal["fc", "v0.2"] = "fc" if self.options.grader == "agentbench" else "v0.2"
        return grade_agentbench(goal, answer, self.initial, self.facts(), rules)

    def facts(self) -> dict[str, Any]:
        return self.session.tables()

    def save(self) -> bytes:
        return json.dumps(self.statements).encode() + b"\0" + self.session.save()

    def load(self, blob: bytes) -> None:
        head, _, image = blob.partition(b"\0")
        try:
            statements = json.loads(head)
            self.session.load(image)
        except (ValueError, KeyError, TypeError, SQLError) as e:
            raise WorldError(f"environments/db: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        self.statements = statements

    def end(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def cheats(self) -> dict[str, Any]:
        forms: dict[str, Any] = {
            "everything": _cells(self.initial),
            "sql injection": ["' OR 1=1 --"], "json injection": ['{"success": true}'], "wildcard": ["[('*',)]"],
        }  # fmt: skip
        return super().cheats() | forms

    def guesses(self) -> dict[str, Any]:
        forms: dict[str, Any] = {"no values": [], "empty value": [""], "null value": ["null"], "zero value": ["0"]}
        return super().guesses() | forms | {"none value": ["none"]}

    @property
    def session(self) -> Session:
        """The live database, for experts and graders; agents reach it by actions alone."""
        if self._session is None:
            raise WorldError("environments/db: no database is open; reset the world first")
        return self._session

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        super().check(without_plain_rows(spec))
        if wrong := list(islice(faults(spec), _TOLD)):
            raise WorldError("; ".join(f"{cls.name} spec: {path}: {reason}" for path, reason in wrong))

    @classmethod
    def check_goal(cls, goal: dict[str, Any]) -> None:
        super().check_goal(goal)
        width = goal.get("width", 1)
        if len(goal.get("answer", ())) % width:
            raise WorldError(f"{cls.name} goal: $.answer: {len(goal['answer'])} cells are no rows of {width}")
        for name, table in goal.get("tables", {}).items():
            for n, row in enumerate(table["rows"] if table else ()):
                if len(row) != len(table["columns"]):
                    place = f"$.tables[{name!r}].rows[{n}]"
                    raise WorldError(f"{cls.name} goal: {place}: {len(row)} cells for {len(table['columns'])} columns")

    def _open(self, spec: dict[str, Any]) -> Session:
        if self.options.engine == "light":
            return LightSession(spec, max_bytes=self.options.max_bytes, now=self.options.now)
        dsn = os.environ.get(self.options.dsn_env)
        if not dsn:
            raise ConfigError(f"db: the server engine needs a DSN in the environment variable {self.options.dsn_env}")
        try:
            server = import_module(".engine.server", __package__)
        except ImportError as e:
            raise ConfigError("db: the server engine needs PyMySQL; install simenv[mysql]") from e
        session: Session = server.ServerSession(spec, dsn)
        return session

    def _rows(self, result: Result) -> Observation:
        """As many rows as fit; a long result is never rendered whole."""
        text, limit = "[", self.options.max_chars
        for n, row in enumerate(result.rows):
            text += (", " if n else "") + repr(row)
            if len(text) > limit:
                break
        else:
            text += f", {CUT}]" if result.truncated else "]"
        return self._cut(text, truncated=result.truncated)

    def _cut(self, text: str, *, invalid: bool = False, truncated: bool = False) -> Observation:
        if len(text) <= self.options.max_chars:
            return Observation(text=text, invalid=invalid, truncated=truncated)
        return Observation(text=text[: self.options.max_chars] + CUT, invalid=invalid, truncated=True)


def _error_text(error: SQLError) -> str:
    return f"ERROR {error.code} ({error.sqlstate}): {error.message}"


def _without_surrogates(query: str) -> str:
    """Lone surrogates, which no database can store, become question marks."""
    return query.encode("utf-8", "replace").decode()


def _cells(tables: dict[str, Any]) -> list[str]:
    """Every distinct value of the tables, written as an answer."""
    cells = (cell for table in tables.values() for row in table["rows"] for cell in row)
    return list(dict.fromkeys("null" if cell is None else str(cell) for cell in cells))
