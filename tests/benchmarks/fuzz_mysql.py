"""Random MySQL statements on both SQL engines: `python tests/benchmarks/fuzz_mysql.py [COUNT] [SEED]`.

A private MariaDB says what is right. Each statement that the light engine answers in another way is shrunk to the fewest
words that still differ, and printed; the status is 1 where there is one.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.mariadb import private_server
from simenv.plugins.environments.db.engine.server import ServerSession
from simenv.plugins.environments.db.engine.session import Result, SQLError, Unsupported
from tests.benchmarks import mariadb_alone
from tests.benchmarks.fuzz_grammar import TABLES, VALUES, WORD, Statements
from tests.environments.db.sql_differential import ordered, same_rows, same_state, spec

_FAULTS = ("silently wrong", "wrong error", "wrong name", "accepted, MySQL refuses")
_TRIES = 400


class Engines:
    """Both engines with the same tables, put back after each statement."""

    def __init__(self, dsn: str) -> None:
        tables = {"tables": [*spec(TABLES)["tables"], VALUES]}
        self.light, self.exact = LightSession(tables, database="fuzz"), ServerSession(tables, dsn, database="fuzz")
        self.starts = self.light.save(), self.exact.save()

    def judge(self, statement: str) -> tuple[str, str]:
        """How the answers differ, `silently wrong` being the worst, and both in words."""
        defines = re.match(r"alter|create", statement, re.I) is not None
        if not defines:
            self.exact.execute("START TRANSACTION")
        try:
            ours, theirs = _answer(self.light, statement), _answer(self.exact, statement)
            kind = self._kind(statement, ours, theirs)
            if kind in _FAULTS and mariadb_alone.reason(statement, _text(theirs)):
                kind = "MariaDB alone"
            return kind, f"  light {_text(ours)}\n  exact {_text(theirs)}"
        finally:
            self.light.load(self.starts[0])
            if defines:
                self.exact.load(self.starts[1])
            else:
                self.exact.execute("ROLLBACK")
                # InnoDB does not take its counters back.
                self.exact.execute("ALTER TABLE people AUTO_INCREMENT = 7")
                self.exact.execute("ALTER TABLE v AUTO_INCREMENT = 6")

    def _kind(self, statement: str, light: Result | SQLError, exact: Result | SQLError) -> str:
        if isinstance(light, Unsupported):
            return "refused"
        if isinstance(light, SQLError):
            return (
                "wrong error"
                if isinstance(exact, Result)
                else "same error"
                if light.code == exact.code
                else "other code"
            )
        if isinstance(exact, SQLError):
            return "accepted, MySQL refuses"
        if light.columns or exact.columns:
            if not same_rows(light.rows, exact.rows, in_order=ordered(statement)):
                return "silently wrong"
            return "equal" if light.columns == exact.columns else "wrong name"
        same = light.affected == exact.affected and same_state(self.light.tables(), self.exact.tables())
        return "equal" if same else "silently wrong"

    def close(self) -> None:
        """End both."""
        self.light.close()
        self.exact.close()


def _answer(session: LightSession | ServerSession, statement: str) -> Result | SQLError:
    try:
        return session.execute(statement)
    except SQLError as e:
        return e


def _text(answer: Result | SQLError) -> str:
    return str(answer)[:300] if isinstance(answer, SQLError) else f"{answer.rows[:8]!s:.300} affected {answer.affected}"


def shrink(statement: str, still: Callable[[str], bool]) -> str:
    """The statement with as few words as still differ: spans of words are left out, calls give way to an argument."""
    words, tries, found = WORD.findall(statement), _TRIES, True
    while found and tries > 0:
        found = False
        for smaller in _smaller(words):
            tries -= 1
            found = still("".join(smaller))
            if found or tries <= 0:
                words = smaller if found else words
                break
    return "".join(words)


def _smaller(words: list[str]) -> Iterator[list[str]]:
    for length in sorted({len(words) // n for n in (2, 3, 4, 6, 8, 12)} | {1, 2, 3, 4, 5}, reverse=True):
        for at in range(1, len(words) - length + 1):
            yield words[:at] + words[at + length :]
    for at, word in enumerate(words):
        if word.strip() not in ("1", "(", ")", ",") and at > 1:
            yield [*words[:at], " 1", *words[at + 1 :]]


def main() -> None:
    count, seed = (int(a) for a in [*sys.argv[1:3], *("2000", "1")[len(sys.argv) - 1 :]])
    logging.disable(logging.CRITICAL)
    counts: Counter[str] = Counter()
    with private_server() as dsn:
        engines, statements = Engines(dsn), Statements(seed)
        seen: set[str] = set()
        for _ in range(count):
            statement = statements.next()
            kind, _ = engines.judge(statement)
            counts[kind] += 1
            if kind in _FAULTS:
                small = shrink(statement, lambda s, k=kind: engines.judge(s)[0] == k)  # type: ignore[misc]
                if small not in seen:
                    seen.add(small)
                    print(f"{kind}: {small}\n{engines.judge(small)[1]}", flush=True)
        engines.close()
    print(", ".join(f"{n} {kind}" for kind, n in counts.most_common()))
    sys.exit(counts["silently wrong"] > 0)


if __name__ == "__main__":
    main()
