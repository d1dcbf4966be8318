"""Random and broken statements against the light SQL engine: each must end in rows or an SQLError, soon.

`python -m tests.reliability.fuzz_sql 200000 [seed]` prints whatever else came of one, and exits with 1 then.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError

from ..environments.db.sql_differential import corpus, spec
from ..environments.db.sql_generator import Generator

FILES = (
    "strings.sql",
    "numbers.sql",
    "dates.sql",
    "queries.sql",
    "errors.sql",
    "writes.sql",
    "schema.sql",
    "refused.sql",
)
SECONDS = 1.0
_SESSION = 200
"""statements in a session before a new one"""
_NOISE = (
    "\0", "\ud800", "\udfff", "\x1a", "\x7f", "\ufeff", "\u202e", "'", '"', "`", "\\", "/*", "*/", "--", "#", ";", "(",
    ")", "[", "{",
    "@", "@@", ":=", "?", "%s", "$1", "::", "->", "||", "&&", "<=>", "~", "!", "^", "e", "1e", "0x", "0b", "x'", "N'",
    "_utf8'a'",
    "99999999999999999999", "-9223372036854775808", "1e400", "1e-400", "0.", ".", "1.e", "9" * 400, "''", "NULL",
    "DEFAULT", "*",
    "é", "🙂", "ß", "İ", "٣", "²", " ", "\t\n", ",", ",,", "VALUES()", "VALUES", "SELECT", "FROM", "WHERE", "JOIN", "ON",
    "USING",
    "GROUP BY", "ORDER BY", "LIMIT", "UNION", "WITH", "RECURSIVE", "OVER ()", "CASE", "WHEN", "END", "INTERVAL", "DATE",
    "CAST(", "AS",
    "IN ()", "BETWEEN", "LIKE", "REGEXP", "IS NULL", "NOT", "EXISTS", "ALL", "ANY", "DISTINCT", "SET", "INTO", "FIRST", "AFTER",
    "COLLATE", "BINARY", "ESCAPE", "SEPARATOR", "IF", "MOD", "DIV", "XOR", "ROW", "TABLE", "INDEX", "KEY", "PRIMARY",
    "REFERENCES",
)  # fmt: skip


def _pieces(text: str) -> list[str]:
    """Words, quoted texts and signs, with the blanks between them."""
    pieces, word = [], ""
    for char in text:
        if char.isalnum() or char == "_":
            word += char
            continue
        if word:
            pieces.append(word)
            word = ""
        pieces.append(char)
    return [*pieces, word] if word else pieces


@dataclass(slots=True)
class Statements:
    """An endless sequence of statements that its seed decides."""

    seed: int
    random: Random = field(init=False)
    generator: Generator = field(init=False)
    known: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.random, self.generator = Random(self.seed), Generator(self.seed)
        self.known = [s for file in FILES for case in corpus(file)[1] for s in case.statements]

    def next(self) -> str:
        """The next statement, whole or broken."""
        chance = self.random.random()
        if chance < 0.15:
            return self.generator.query()
        if chance < 0.25:
            return self.generator.write()
        text = self.generator.query() if chance < 0.4 else self.random.choice(self.known)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 6))):
            text = self._mutate(text)
        return text

    def _mutate(self, text: str) -> str:
        pieces = _pieces(text) or [""]
        pick, at = self.random.choice, self.random.randrange(len(pieces))
        match self.random.randrange(9):
            case 0:
                del pieces[at]
            case 1:
                pieces.insert(at, pieces[at])
            case 2:
                other = self.random.randrange(len(pieces))
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces.insert(at, f" {pick(_NOISE)} ")
            case 4:
                pieces[at] = pick(_NOISE)
            case 5:
                del pieces[at:]
            case 6:
                end = min(len(pieces), at + self.random.randrange(1, 12))
                inside = "".join(pieces[at:end])
                times = pick((2, 5, 30, 80))
                pieces[at:end] = [pick(("(", "NOT (", "-(", "UPPER(", "(SELECT ", "ABS(")) * times, inside, ")" * times]
            case 7:
                other = _pieces(pick(self.known))
                cut = self.random.randrange(len(other) or 1)
                pieces[at:] = other[cut:]
            case _:
                numbers = [n for n, p in enumerate(pieces) if p.isdigit()]
                if numbers:
                    pieces[pick(numbers)] = pick(
                        ("0", "-1", "65", "300000000", "-300000000", "9" * 30, "1e300", "NULL", "'x'")
                    )
        return "".join(pieces)[:20_000]


@dataclass(slots=True)
class Report:
    """`wrong`: what was neither rows nor an SQLError, and what took too long, with its statement."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0


def fuzz(count: int, seed: int = 1) -> Report:
    """Run so many statements."""
    statements, report, tables = Statements(seed), Report(), spec(["people", "nums", "words", "dept"])
    session = LightSession(tables, max_bytes=4 * 1024 * 1024)
    for n in range(count):
        if n % _SESSION == 0:
            session.close()
            session = LightSession(tables, max_bytes=4 * 1024 * 1024)
        _try(session, statements.next(), report)
    session.close()
    return report


def _try(session: LightSession, sql: str, report: Report) -> None:
    known = session.unforeseen
    start = time.process_time()
    try:
        session.execute(sql, seconds=SECONDS)
        report.outcomes["rows"] += 1
    except SQLError as e:
        report.outcomes[str(e.code)] += 1
    except Exception as e:  # noqa: BLE001 - whatever else comes is what is looked for
        report.wrong.append(f"{type(e).__name__}: {e}: {sql!r}")
    seconds = time.process_time() - start
    report.longest = max(report.longest, seconds)
    if session.unforeseen > known:
        report.wrong.append(f"not foreseen: {sql!r}")
    if seconds > SECONDS + 0.5:
        report.wrong.append(f"{seconds:.1f} s: {sql!r}")


def main() -> None:
    logging.disable(logging.CRITICAL)
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    report = fuzz(count, seed)
    for line in report.wrong:
        print(line)
    outcomes = dict(report.outcomes.most_common(12))
    print(f"{count} statements, {len(report.wrong)} wrong, longest {report.longest:.2f} s, outcomes {outcomes}")
    sys.exit(bool(report.wrong))


if __name__ == "__main__":
    main()
