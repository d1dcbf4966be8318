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
from .engine.session import Result, SQLError, to_json
from .engine.state import Tables, damage, differences, target
from .tasks import aggregations, changes, lookups, perturbations
from .tasks.conditions import NoQuestion
from .tasks.domains import DOMAINS
from .tasks.populate import build
from .tasks.question_context import MAX_ROWS, Question, QuestionContext
from .tasks.repair import repair_statements
from .tasks.sampling import choose
from .tasks.solutions import build_solution, final_move, is_read_only, query_move, sql_of
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
"""Databases tried for a task before WorldError is raised."""
_QUESTIONS = 5
"""Questions tried on one database."""

_FORMS = aggregations.FORMS | lookups.FORMS | changes.FORMS


class Teacher(TaskGenerator):
    """Tasks of DBBench's types in ten domains; each has one unambiguous answer or final state, computed by the light engine."""

    class Options(Settings):
        """Settings of the teacher.

        `difficulty`: 1 asks one table simple questions, 5 joins, groups, nests and changes many rows. `tables`, and `rows`
        of each table, are inclusive ranges that replace those of the difficulty; `locale` is Faker's, for names.
        """

        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)
        """kinds of questions"""
        difficulty: int = Field(2, ge=1, le=5)
        """1 asks one table simple questions, 5 joins, groups, nests and changes many rows"""
        domains: tuple[DomainName, ...] = Field(get_args(DomainName), min_length=1)
        """what the tables are about"""
        tables: tuple[int, int] | None = None
        """least and most tables, in place of the difficulty's"""
        rows: tuple[int, int] | None = None
        """least and most rows of a table, in place of the difficulty's"""
        locale: str = "en_US"
        """Faker's, for names"""

    options: Options

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        for name, bounds, least in (("tables", self.options.tables, 1), ("rows", self.options.rows, 5)):
            if bounds and not least <= bounds[0] <= bounds[1]:
                raise ConfigError(f"db.teacher.{name}: {bounds} is no range from at least {least}")
        try:
            self._fake = Faker(self.options.locale)
        except AttributeError as e:
            raise ConfigError(f"db.teacher.locale: {self.options.locale!r} is no locale of Faker") from e
        self._domains = [d for d in DOMAINS if d.name in self.options.domains]

    def make(self, id: str, rng: Generator) -> Task:
        self._fake.seed_instance(int(rng.integers(2**32)))
        kind = choose(rng, self.options.kinds)
        level = self.options.difficulty
        low, high = self.options.tables or _TABLES[level - 1]
        for _ in range(_WORLDS):
            tables = int(rng.integers(low, high + 1))
            database = build(choose(rng, self._domains), tables, self.options.rows or _ROWS[level - 1], self._fake, rng)
            context = QuestionContext(database, rng, self._fake, level)
            for _ in range(_QUESTIONS):
                question = _question(kind, context)
                goal = _goal(question, database.spec()) if question else None
                if question and goal:
                    return _task(id, kind, context, question, goal)
        raise WorldError(
            f"db: no {kind} task of difficulty {level} in {_WORLDS} databases for {id}; widen rows or tables"
        )


def _question(kind: str, context: QuestionContext) -> Question | None:
    """One of the two hardest forms that the difficulty allows."""
    forms = [form for level, form in _FORMS[kind] if level <= context.level][-2:]
    try:
        return choose(context.rng, forms)(context)
    except NoQuestion:
        return None


def _task(id: str, kind: str, context: QuestionContext, question: Question, goal: dict[str, Any]) -> Task:
    form = " Give the values in this order, one string each." if question.width > 1 else ""
    return Task(
        id=id,
        environment="db",
        instruction=f"{question.text}{form}\n{context.database.describe(context.rng)}",
        spec=context.database.spec(),
        goal=goal,
        solution=build_solution(question.sql, question.plan, goal, question.exploration, question.check, context.rng),
        kind=kind,
        source="procedural",
    )


def _goal(question: Question, spec: dict[str, Any]) -> dict[str, Any] | None:
    """The goal of a question: its answer, or the tables that it leaves; None where that makes no good task."""
    session = LightSession(spec)
    try:
        if is_read_only(question.sql):
            result = session.execute(question.sql)
            telling = _is_informative(result, question) and not _conditions_are_idle(session, question.sql, result)
            return answer_goal(result, question.compare) if telling else None
        before = session.tables()
        session.execute(question.sql)
        return state_goal(before, session.tables())
    except SQLError as e:
        raise WorldError(f"db: the gold statement {question.sql!r} fails: {e}; this is a bug") from e
    finally:
        session.close()


def _is_informative(result: Result, question: Question) -> bool:
    """Whether an answer holds only values that the question does not mention and nobody guesses."""
    cells = [cell for row in result.rows for cell in row]
    return 1 <= len(result.rows) <= MAX_ROWS and all(
        cell not in (None, "", 0) and str(cell) not in question.mentioned for cell in cells
    )


def _conditions_are_idle(session: LightSession, sql: str, result: Result) -> bool:
    """Whether the conditions make no difference, so that an agent which forgets them would be right."""
    bare = perturbations.without_where(sql)
    if bare == sql:
        return False
    try:
        return sorted(map(repr, session.execute(bare).rows)) == sorted(map(repr, result.rows))
    except SQLError:
        return False


def answer_goal(result: Result, compare: str) -> dict[str, Any]:
    """The rows of a gold SELECT as a goal."""
    cells = [json_cell(cell) for row in result.rows for cell in row]
    width = len(result.columns)
    exact = not any(isinstance(cell, float) for cell in cells)
    goal: dict[str, Any] = {"answer": cells, "compare": compare, "tolerance": 0 if exact else 0.01}
    return goal | {"width": width} if width > 1 else goal


def json_cell(cell: object) -> str | int | float | None:
    """A cell as JSON, decimals as numbers."""
    if isinstance(cell, Decimal):
        return int(cell) if cell == cell.to_integral_value() else float(cell)
    return to_json(cell)


def state_goal(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any] | None:
    """The tables that a gold statement changed as a goal; None where it changed none."""
    tables = {
        name: {"columns": after[name]["columns"], "rows": after[name]["rows"]} if name in after else None
        for name in differences(before, after)
    }
    return {"tables": tables} if tables else None


class DBExpert(Expert):
    """Solves any DB task from its gold statement, and repairs wrong tables first."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """The rest of the solution, or repairs of wrong tables; None where a table is missing or has other columns."""
        db = _db(engine)
        now, goal = db.facts(), target(task.goal, db.initial)
        moves = task.solution or (final_move(task.goal),)
        wrong = differences(now, goal)
        if not wrong:
            return (
                _remaining_moves(moves, db.statements)
                if "tables" not in task.goal
                else _moves_after_change(moves, db.statements)
            )
        if (
            task.solution
            and "tables" in task.goal
            and not differences(now, db.initial)
            and _still_works(db, moves, goal)
        ):
            return tuple(m for m in moves if not _is_known_read(m, db.statements))
        repairs = repair_statements(now, goal, task.spec)
        if repairs is None:
            return None
        thought = "The tables are not as they should be yet, so I put this right."
        return (*(query_move(thought, sql) for sql in repairs), *_ending(moves, "tables" in task.goal, db.statements))

    def cleanup_cost(self, engine: Engine, task: Task) -> int:
        """Rows that neither the start nor the goal has, and rows that both have and that are gone."""
        db = _db(engine)
        return damage(db.facts(), db.initial, target(task.goal, db.initial))

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A statement with one mistake in it, an answer in a wrong form, or an answer too early."""
        return perturbations.perturb(move, task.spec, "answer" in task.goal, rng)


def _db(engine: Engine) -> DB:
    if not isinstance(engine, DB):
        raise WorldError(f"db: the expert plans in a DB, not in a {type(engine).__name__}")
    return engine


def _still_works(db: DB, moves: Sequence[Move], goal: Tables) -> bool:
    """Whether the solution leads to the goal from here: a change that was undone may have moved a counter of ids."""
    if all(map(is_read_only, db.statements)):
        return True
    before = db.save()
    try:
        for sql in filter(None, map(sql_of, moves)):
            db.session.execute(sql, seconds=db.options.seconds)
        return not differences(db.facts(), goal)
    except SQLError:
        return False
    finally:
        db.load(before)


def _is_known_read(move: Move, statements: Sequence[str]) -> bool:
    """Whether a statement that only reads was run already."""
    sql = sql_of(move)
    return sql is not None and is_read_only(sql) and sql in statements


def _remaining_moves(moves: Sequence[Move], statements: Sequence[str]) -> tuple[Move, ...]:
    """The moves of the solution behind the last one that was made already."""
    done = [n for n, move in enumerate(moves) if sql_of(move) in statements]
    return tuple(moves[done[-1] + 1 :] if done else moves)


def _moves_after_change(moves: Sequence[Move], statements: Sequence[str]) -> tuple[Move, ...]:
    """The moves of the solution behind its changes, without reads that were run already."""
    changes_made = [n for n, move in enumerate(moves) if (sql := sql_of(move)) is not None and not is_read_only(sql)]
    return tuple(m for m in moves[changes_made[-1] + 1 if changes_made else 0 :] if not _is_known_read(m, statements))


def _ending(moves: Sequence[Move], changes_tables: bool, statements: Sequence[str]) -> tuple[Move, ...]:
    return _moves_after_change(moves, statements) if changes_tables else _remaining_moves(moves, statements)
