"""How many statements that agents write are refused: `python tests/benchmarks/agent_statements.py [DATA]`.

Three sets, each on the light engine: `agent_statements.sql`, 300 statements in one session, a tour of what language models
know of MySQL (it is wider than what they use: one statement a feature); and, where DATA is a folder that holds them, the
gold statements of DBBench's development split and of Spider, each on its own database, and the statements in the code
blocks of AgentInstruct's database turns. A statement that fails for another reason is no refusal.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from simenv.plugins.environments.db.engine.light import LightSession
from simenv.plugins.environments.db.engine.session import SQLError, Unsupported
from simenv.plugins.environments.db.tasks.spider import match_table_case, read_spec

_TOUR = Path(__file__).with_suffix(".sql")
_BLOCK = re.compile(r"```sql\s+(.*?)```", re.S)
Spec = Mapping[str, Any]


def dbbench(folder: Path) -> Iterator[tuple[Spec, str]]:
    """The statements of DBBench's records, on their tables."""
    for line in (folder / "agentbench/dbbench/dev.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        info = record["table"]["table_info"]
        table = {"name": record["table"]["table_name"], "columns": info["columns"], "rows": info["rows"]}
        if "sql" in record:
            yield {"tables": [table]}, record["sql"]["query"]


def spider(folder: Path) -> Iterator[tuple[Spec, str]]:
    """Spider's gold queries, on their databases."""
    specs: dict[str, dict[str, Any]] = {}
    for task in json.loads((folder / "spider/tasks.json").read_text(encoding="utf-8")):
        path = folder / "spider" / f"{task['db']}.sqlite"
        if path.exists():
            spec = specs.setdefault(task["db"], read_spec(path))
            yield spec, match_table_case(task["gold"], [t["name"] for t in spec["tables"]])


def instruct(folder: Path) -> Iterator[tuple[Spec, str]]:
    """The statements of AgentInstruct's database turns, without their tables: refused are those that cannot be read."""
    for record in json.loads((folder / "agentinstruct/db.json").read_text(encoding="utf-8")):
        for turn in record["conversations"][1:]:
            if turn["role"] == "assistant":
                yield from (({"tables": []}, block.strip()) for block in _BLOCK.findall(turn["content"]))


def outcome(session: LightSession, statement: str) -> str:
    """`answered`, `error`, or why a statement is refused."""
    try:
        session.execute(statement.strip().rstrip(";"))
    except Unsupported as e:
        return f"refused: {e.message.split(chr(39), 2)[-1][:90]}"
    except SQLError:
        return "error"
    return "answered"


def tour() -> Iterator[str]:
    """The outcomes of the tour."""
    session = LightSession({"tables": []}, database="test")
    for statement in _TOUR.read_text(encoding="utf-8").splitlines():
        if statement.strip():
            yield outcome(session, statement)
    session.close()


def outcomes(pairs: Iterator[tuple[Spec, str]]) -> Iterator[str]:
    """The outcome of each statement on a database of its own."""
    for spec, statement in pairs:
        try:
            session = LightSession(spec)
        except (SQLError, KeyError) as e:
            yield f"no session: {type(e).__name__}"
            continue
        yield outcome(session, statement)
        session.close()


def report(name: str, counts: Counter[str], *, reasons: bool) -> None:
    """One line for a set, and one for each reason."""
    refused = {reason: n for reason, n in counts.items() if reason.startswith("refused")}
    total = max(1, counts.total())
    print(
        f"{name:14} {counts.total():5} statements, {counts['answered']} answered, {counts['error']} errors, "
        f"{sum(refused.values())} refused ({100 * sum(refused.values()) / total:.1f} %)"
    )
    for reason, n in sorted(refused.items(), key=lambda pair: -pair[1]) if reasons else ():
        print(f"  {n:3} {reason.removeprefix('refused: ')}")


def main() -> None:
    report("tour", Counter(tour()), reasons=True)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    for source in (dbbench, spider, instruct) if folder is not None else ():
        report(source.__name__, Counter(outcomes(source(folder))), reasons=True)


if __name__ == "__main__":
    main()
