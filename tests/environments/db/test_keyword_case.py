"""The case of a keyword means nothing: the corpus in upper, lower and mixed case gives one and the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.light.parsing.lexer import WORD, tokenize
from simenv.plugins.environments.db.engine.light.parsing.reserved import RESERVED
from simenv.plugins.environments.db.engine.session import Result, SQLError

from .sql_differential import Case, answer, corpus

FILES = (
    "strings.sql",
    "numbers.sql",
    "dates.sql",
    "queries.sql",
    "errors.sql",
    "writes.sql",
    "schema.sql",
    "syntax.sql",
    "refused.sql",
)
UNRESERVED = frozenset(
    """FIRST AFTER UNBOUNDED PRECEDING FOLLOWING CURRENT ROW ACTION NO VALUE ANY SOME UNKNOWN ESCAPE DAY MONTH YEAR
    HOUR MINUTE SECOND WEEK QUARTER MICROSECOND DAY_HOUR SIGNED ENUM TEXT DATETIME TIMESTAMP DATE TIME BOOLEAN
    BOOL AUTO_INCREMENT ENGINE CHARSET BEGIN COMMIT ROLLBACK SAVEPOINT START TRANSACTION TABLES COLUMNS TRUNCATE
    VIEW DUPLICATE END ROLLUP WINDOW SHARE MODE ONLY FULL FIELDS DATABASES STATUS COUNT SUM MIN MAX AVG""".split()  # noqa: SIM905
)
MORE = (
    "SELECT id, SUM(age) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM people",
    "SELECT id, SUM(age) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM people WINDOW w AS (ORDER BY id)",
    "SELECT id, RANK() OVER w FROM people WINDOW w AS (PARTITION BY active ORDER BY age DESC)",
    "ALTER TABLE people ADD COLUMN x INT FIRST",
    "ALTER TABLE people ADD COLUMN x INT NOT NULL DEFAULT 3 AFTER id, ADD y VARCHAR(5) FIRST",
    "CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES people (id) ON DELETE CASCADE ON UPDATE SET NULL)",
    "SELECT name FROM people WHERE age IS NOT UNKNOWN AND age = ANY (SELECT boss FROM dept) FOR UPDATE",
)


def mixed(word: str) -> str:
    return "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(word))


def recased(sql: str, names: frozenset[str], case: Callable[[str], str]) -> str:
    """The statement with its keywords and called functions in another case."""
    tokens = tokenize(sql)
    parts, end = [], 0
    for at, (kind, key, start) in enumerate(zip(tokens.kinds, tokens.keys, tokens.starts, strict=True)):
        keyword = kind == WORD and key.lower() not in names and (key in RESERVED or key in UNRESERVED)
        if keyword and tokens.keys[at - 1] != "AS":
            parts += [sql[end:start], case(sql[start : tokens.ends[at]])]
            end = tokens.ends[at]
    return "".join([*parts, sql[end:]])


def outcome(result: Result | SQLError) -> object:
    if isinstance(result, SQLError):
        return result.code
    return [name.lower() for name in result.columns], result.rows, result.affected


def scripts() -> Iterator[tuple[dict, Case]]:
    for file in FILES:
        tables, cases = corpus(file)
        yield from ((tables, case) for case in cases)
    tables, _ = corpus("queries.sql")
    yield from ((tables, Case("more", n, (sql,))) for n, sql in enumerate(MORE))


def states(session: LightSession, case: Case, names: frozenset[str], style: Callable[[str], str]) -> list[object]:
    found: list[object] = []
    for statement in case.statements:
        try:
            text = recased(statement, names, style)
        except SQLError:
            text = statement
        found.append(outcome(answer(session, text)))
    return [*found, session.tables()] if case.writes else found


@pytest.mark.slow
def test_the_corpus_gives_the_same_answers_in_upper_lower_and_mixed_case() -> None:
    wrong, sessions = [], {}
    for tables, case in scripts():
        key = str([t["name"] for t in tables["tables"]])
        if key not in sessions:
            session = LightSession(tables)
            sessions[key] = session, session.save()
        session, start = sessions[key]
        names = frozenset(n.lower() for t in tables["tables"] for n in (t["name"], *(c["name"] for c in t["columns"])))
        answers = []
        for style in (str.upper, str.lower, mixed):
            answers.append(states(session, case, names, style))
            session.load(start)
        if answers[0] != answers[1] or answers[0] != answers[2]:
            wrong.append(f"{case.file}:{case.line}: {case.statements}\n  {answers}"[:700])
    assert not wrong, "\n".join(wrong)
