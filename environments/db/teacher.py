"""The DB's teacher: tasks of DBBench's types over databases made from a seed, and the expert that solves any DB task."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, get_args

from faker import Faker
from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Move, Task
from simenv.world import Engine

from .engine.light import LightSession
from .engine.session import Result, SQLError, plain
from .engine.state import Tables, damage, differences, target
from .tasks import changes, lookups, perturbations, questions
from .tasks.conditions import Dull
from .tasks.domains import DOMAINS
from .tasks.populate import build, pick
from .tasks.question import MOST, Asker, Question
from .tasks.repair import statements
from .tasks.solutions import final, query, reads, solve, sql_of
from .world import DB

Kind = Literal[
    "INSERT", "UPDATE", "DELETE", "other", "counting", "comparison", "ranking",
    "aggregation-SUM", "aggregation-MIN", "aggregation-MAX", "aggregation-AVG",
]  # fmt: skip
DomainName = Literal[
    "shop", "clinic", "school", "logistics", "library", "company", "hotel", "cinema", "sports club", "energy"
]

_TABLES = ((1, 1), (1, 2), (2, 3), (2, 4), (3, 4))
_ROWS = ((6, 12), (8, 16), (10, 20), (12, 24), (14, 30))
_WORLDS = 200
"""Databases tried for a task, before that is held to be a bug."""
_QUESTIONS = 5
"""Questions tried on one database."""

_FORMS = questions.FORMS | lookups.FORMS | changes.FORMS


class Teacher(TaskGenerator):
    """Ten fields of life; each task has one unambiguous answer or final state, which the light engine computed."""

    class Options(Settings):
        """difficulty: 1 asks one table simple things, 5 joins, groups, nests and changes many rows. `tables` and `rows`
        (each table) are inclusive ranges that replace what the difficulty would set; `locale` is Faker's, for names."""

        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)
        difficulty: int = Field(2, ge=1, le=5)
        domains: tuple[DomainName, ...] = Field(get_args(DomainName), min_length=1)
        tables: tuple[int, int] | None = None
        rows: tuple[int, int] | None = None
        locale: str = "en_US"

    options: Options

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        for name, given, least in (("tables", self.options.tables, 1), ("rows", self.options.rows, 5)):
            if given and not least <= given[0] <= given[1]:
                raise ConfigError(f"db.teacher.{name}: {given} is no range from at least {least}")
        try:
            self._fake = Faker(self.options.locale)
        except AttributeError as e:
            raise ConfigError(f"db.teacher.locale: {self.options.locale!r} is no locale of Faker") from e
        self._domains = [d for d in DOMAINS if d.name in self.options.domains]

    def make(self, id: str, rng: Generator) -> Task:
        self._fake.seed_instance(int(rng.integers(2**32)))
        kind = pick(rng, self.options.kinds)
        level = self.options.difficulty
        low, high = self.options.tables or _TABLES[level - 1]
        for _ in range(_WORLDS):
            tables = int(rng.integers(low, high + 1))
            made = build(pick(rng, self._domains), tables, self.options.rows or _ROWS[level - 1], self._fake, rng)
            ask = Asker(made, rng, self._fake, level)
            for _ in range(_QUESTIONS):
                question = _question(kind, ask)
                goal = _goal(question, made.spec()) if question else None
                if question and goal:
                    return _task(id, kind, ask, question, goal)
        raise WorldError(
            f"db: no {kind} task of difficulty {level} in {_WORLDS} databases for {id}; widen rows or tables"
        )


def _question(kind: str, ask: Asker) -> Question | None:
    """One of the two hardest forms that the difficulty allows."""
    forms = [form for level, form in _FORMS[kind] if level <= ask.level][-2:]
    try:
        return pick(ask.rng, forms)(ask)
    except Dull:
        return None


def _task(id: str, kind: str, ask: Asker, question: Question, goal: dict[str, Any]) -> Task:
    form = " Give the values in this order, one string each." if question.width > 1 else ""
    return Task(
        id=id,
        environment="db",
        instruction=f"{question.text}{form}\n{ask.made.told(ask.rng)}",
        spec=ask.made.spec(),
        goal=goal,
        solution=solve(question.sql, question.plan, goal, question.look, question.check, ask.rng),
        kind=kind,
        source="procedural",
    )


def _goal(question: Question, spec: dict[str, Any]) -> dict[str, Any] | None:
    """What the gold statement yields or leaves behind; None where that makes no good task."""
    session = LightSession(spec)
    try:
        if reads(question.sql):
            result = session.execute(question.sql)
            telling = _telling(result, question) and not _idle(session, question.sql, result)
            return answer_goal(result, question.compare) if telling else None
        before = session.tables()
        session.execute(question.sql)
        return state_goal(before, session.tables())
    except SQLError as e:
        raise WorldError(f"db: the gold statement {question.sql!r} fails: {e}; this is a bug") from e
    finally:
        session.close()


def _telling(result: Result, question: Question) -> bool:
    """Whether an answer says something that the question did not, and that nobody guesses."""
    cells = [cell for row in result.rows for cell in row]
    return 1 <= len(result.rows) <= MOST and all(
        cell not in (None, "", 0) and str(cell) not in question.given for cell in cells
    )


def _idle(session: LightSession, sql: str, result: Result) -> bool:
    """Whether the conditions make no difference, so that who forgets them is right by luck."""
    bare = perturbations.unconditional(sql)
    if bare == sql:
        return False
    try:
        return sorted(map(repr, session.execute(bare).rows)) == sorted(map(repr, result.rows))
    except SQLError:
        return False


def answer_goal(result: Result, compare: str) -> dict[str, Any]:
    """The rows of a gold SELECT as a goal."""
    cells = [typed(cell) for row in result.rows for cell in row]
    width = len(result.columns)
    exact = not any(isinstance(cell, float) for cell in cells)
    goal: dict[str, Any] = {"answer": cells, "compare": compare, "tolerance": 0 if exact else 0.01}
    return goal | {"width": width} if width > 1 else goal


def typed(cell: object) -> str | int | float | None:
    """A cell as JSON that keeps a number a number."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return plain(cell)


def state_goal(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """The tables that a gold statement changed as a goal; None where it changed none."""
    changed = {
        name: {"columns": after[name]["columns"], "rows": after[name]["rows"]} if name in after else None
        for name in differences(before, after)
    }
    return {"tables": changed} if changed else None


class DBExpert(Expert):
    """Knows the gold statement, and repairs what went wrong before it."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """From the live tables: only the rest of the solution, or statements that put wrong rows right."""
        db = _db(engine)
        now, wanted = db.facts(), target(task.goal, db.initial)
        moves = task.solution or (final(task.goal),)
        wrong = differences(now, wanted)
        if not wrong:
            return _rest(moves, db.asked) if "tables" not in task.goal else _after(moves, db.asked)
        if (
            task.solution
            and "tables" in task.goal
            and not differences(now, db.initial)
            and _still_works(db, moves, wanted)
        ):
            return tuple(m for m in moves if not _known(m, db.asked))
        repairs = statements(now, wanted, task.spec)
        if repairs is None:
            return None
        thought = "The tables are not as they should be yet, so I put this right."
        return (*(query(thought, sql) for sql in repairs), *_end(moves, "tables" in task.goal, db.asked))

    def cleanup_cost(self, engine: Engine, task: Task) -> int:
        """Rows that neither the start nor the goal has, and rows that both have and that are gone."""
        db = _db(engine)
        return damage(db.facts(), db.initial, target(task.goal, db.initial))

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A statement with one mistake in it, an answer in a wrong form, or an answer too early."""
        return perturbations.slip(move, task.spec, "answer" in task.goal, rng)


def _db(engine: Engine) -> DB:
    if not isinstance(engine, DB):
        raise WorldError(f"db: the expert plans in a DB, not in a {type(engine).__name__}")
    return engine


def _still_works(db: DB, moves: Sequence[Move], wanted: Tables) -> bool:
    """Whether the solution leads to the goal from here: a change that was undone may have moved a counter of ids."""
    if all(map(reads, db.asked)):
        return True
    before = db.save()
    try:
        for sql in filter(None, map(sql_of, moves)):
            db.session.execute(sql, seconds=db.options.seconds)
        return not differences(db.facts(), wanted)
    except SQLError:
        return False
    finally:
        db.load(before)


def _known(move: Move, asked: Sequence[str]) -> bool:
    """Whether a statement that only reads was run already."""
    sql = sql_of(move)
    return sql is not None and reads(sql) and sql in asked


def _rest(moves: Sequence[Move], asked: Sequence[str]) -> tuple[Move, ...]:
    """What follows the last move of the solution that was made already."""
    done = [n for n, move in enumerate(moves) if sql_of(move) in asked]
    return tuple(moves[done[-1] + 1 :] if done else moves)


def _after(moves: Sequence[Move], asked: Sequence[str]) -> tuple[Move, ...]:
    """What follows the changes of the solution, without what was seen already."""
    made = [n for n, move in enumerate(moves) if (sql := sql_of(move)) is not None and not reads(sql)]
    return tuple(m for m in moves[made[-1] + 1 if made else 0 :] if not _known(m, asked))


def _end(moves: Sequence[Move], changes_asked: bool, asked: Sequence[str]) -> tuple[Move, ...]:
    return _after(moves, asked) if changes_asked else _rest(moves, asked)
