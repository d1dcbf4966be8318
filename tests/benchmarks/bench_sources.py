"""Data sets of others, counted: records read, tasks loaded, refused with their reasons, admitted, and solved by their gold.

`python -m tests.benchmarks.bench_sources [N]` plays at most N tasks of each (default 60, 0: all): small look-alikes of each
layout, and the real files where the data folder lies beside the checkout.
"""

import asyncio
import json
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from simenv.plugins import Environment, environment
from simenv.runtime import task_reader
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Task
from tests import DATA

CHINOOK = (
    "CREATE TABLE Employee (EmployeeId INTEGER PRIMARY KEY, LastName NVARCHAR(20), ReportsTo INTEGER,"
    " FOREIGN KEY (ReportsTo) REFERENCES Employee (EmployeeId));"
    "INSERT INTO Employee VALUES (2, 'Edwards', 1), (1, 'Adams', NULL), (3, 'Peacock', 2), (4, 'Park', 2);"
    "CREATE TABLE Invoice (InvoiceId INTEGER PRIMARY KEY, SupportRepId INTEGER REFERENCES Employee (EmployeeId),"
    " InvoiceDate DATETIME, Total NUMERIC(10,2));"
    "INSERT INTO Invoice VALUES (1, 3, '2009-01-01 00:00:00', 1.98), (2, 3, '2009-01-02 00:00:00', 3.96),"
    " (3, 4, '2009-02-01 00:00:00', 5.94);"
)
QUESTIONS = {
    "chinook": [
        ("Who is the boss of Park?", "SELECT b.LastName FROM Employee e JOIN Employee b ON e.ReportsTo = b.EmployeeId"
         " WHERE e.LastName = 'Park'"),
        ("What is the total of all invoices?", "SELECT SUM(Total) FROM Invoice"),
        ("Who has no boss?", "SELECT LastName FROM Employee WHERE ReportsTo IS NULL"),
        ("How many invoices are above 100?", "SELECT COUNT(*) FROM Invoice WHERE Total > 100"),
    ],
    "tied": [
        ("Who has the fewest reports?", "SELECT ReportsTo FROM Employee GROUP BY ReportsTo ORDER BY COUNT(*) LIMIT 1"),
        ("Who comes first by boss?", "SELECT LastName FROM Employee ORDER BY ReportsTo DESC LIMIT 1"),
        ("Second by boss?", "SELECT LastName FROM Employee WHERE ReportsTo = 2 ORDER BY ReportsTo LIMIT 1 OFFSET 1"),
        ("Which day had the most?", "SELECT InvoiceDate FROM Invoice GROUP BY InvoiceDate ORDER BY COUNT(*) DESC LIMIT 1"),
    ],
}  # fmt: skip
PQL = (
    " what is the rating of Quake 's tracks ?\tPG_(USA)(PG_(USA)/)\tQuake#__music__tracks#Quake#__film__rating#PG_(USA)\n"
    " the types of Quake 's rating ?\tAC/DC(AC/DC/B,_C/)\tQuake#__film__rating#PG_(USA)#__common__types#AC/DC\n"
)
PQL_KNOWLEDGE = (
    "Quake\t__music__tracks\tQuake\nQuake\t__film__rating\tPG_(USA)\nOther\t__film__rating\tR\n"
    "PG_(USA)\t__common__types\tAC/DC\nPG_(USA)\t__common__types\tB,_C\nR\t__common__types\tZ\n"
)
FILMS = (
    "Kismet|directed_by|Dieterle\nKismet|has_genre|Drama\nJewel|directed_by|Dieterle\nJewel|has_genre|Noir\n"
    "Third|has_genre|War\n"
)
METAQA = "what genres are films by [Dieterle]\tDrama|Noir\nfilms by the director of [Kismet]\tJewel\n"
METAQA_TYPES = "director_to_movie_to_genre\nmovie_to_director_to_movie\n"
SHOES = [
    {"asin": f"B00000000{n}", "name": name, "product_category": "Shoes › Women › Slippers", "category": "fashion",
     "query": "slippers", "full_description": "Soft.", "small_description": ["Rubber sole"], "pricing": "$9.99 to $19.99",
     "customization_options": {"Color": [{"value": "Navy/Red"}, {"value": "Black"}]}}
    for n, name in enumerate(("Wool Slippers", "Felt Slippers", "House Shoes"))
]  # fmt: skip
HUMAN = {
    shoe["asin"]: [{"instruction": f"i want {shoe['name'].lower()}.", "instruction_attributes": ["rubber sole"],
                    "instruction_options": ["black"]}]
    for shoe in SHOES
}  # fmt: skip
SYNTHETIC = {
    shoe["asin"]: {
        "attributes": ["rubber sole"],
        "instruction": f"Find me {shoe['name']}",
        "instruction_attributes": ["rubber sole"],
    }
    for shoe in SHOES
}


def look_alikes(folder: Path) -> list[tuple[str, str, Path]]:
    """Small files in the layout of each data set: name, environment, source."""
    for name, questions in QUESTIONS.items():
        database = folder / name / "database" / "chinook_1" / "chinook_1.sqlite"
        _database(database)
        records = [{"db_id": "chinook_1", "question": q, "query": sql} for q, sql in questions]
        _write(folder / name / "dev.json", records)
    _database(folder / "bird" / "dev_databases" / "chinook_1" / "chinook_1.sqlite")
    fields = {"db_id": "chinook_1", "evidence": "", "difficulty": "simple"}
    bird = [fields | {"question": question, "SQL": sql} for question, sql in QUESTIONS["chinook"]]
    _write(folder / "bird" / "dev.json", bird)
    files = {
        "PathQuestion/PQL-2H.txt": PQL, "PathQuestion/PQL2-KB.txt": PQL_KNOWLEDGE, "kb.txt": FILMS,
        "2-hop/vanilla/qa_dev.txt": METAQA, "2-hop/qa_dev_qtype.txt": METAQA_TYPES, "shop/items_shuffle_1000.json": SHOES,
        "shop/items_ins_v2_1000.json": SYNTHETIC, "shop/items_human_ins.json": HUMAN,
    }  # fmt: skip
    for name, content in files.items():
        _write(folder / name, content)
    return [
        ("Chinook-shaped (a table refers to itself)", "db", folder / "chinook" / "dev.json"),
        ("tied", "db", folder / "tied" / "dev.json"),
        ("BIRD-shaped", "db", folder / "bird" / "dev.json"),
        ("PathQuestion-Large", "kg", folder / "PathQuestion" / "PQL-2H.txt"),
        ("MetaQA, 2 hops", "kg", folder / "2-hop" / "vanilla" / "qa_dev.txt"),
        ("WebShop, goals of people", "web", folder / "shop" / "items_human_ins.json"),
        ("WebShop, synthetic goals", "web", folder / "shop" / "items_ins_v2_1000.json"),
    ]


def real_files() -> list[tuple[str, str, Path]]:
    """The real files that are at hand."""
    files = [
        ("Spider, 251 of dev", "db", DATA / "spider" / "tasks.json"),
        ("DBBench dev", "db", DATA / "agentbench" / "dbbench" / "dev.jsonl"),
        ("PathQuestion 2H", "kg", DATA / "pathquestion" / "PQ-2H.txt"),
        ("WebShop items_ins_v2_1000 alone", "web", DATA / "webshop" / "items_ins_v2_1000.json"),
        ("ALFWorld, 90 of train", "household", DATA / "alfworld" / "train_gold_90.jsonl.gz"),
    ]
    return [entry for entry in files if entry[2].is_file()]


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def _database(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(CHINOOK)
    connection.close()


@dataclass
class Count:
    """What became of a file's records. `reasons` counts refusals, at reading or admission, by their first words."""

    samples: int = 0
    loaded: int = 0
    played: int = 0
    admitted: int = 0
    solved: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, rejected: Rejected) -> None:
        self.reasons[re.sub(r"\s+", " ", rejected.reason)[:70]] += 1


async def counted(env: Environment, path: Path, most: int) -> Count:
    """The counts of one file, of which at most `most` tasks are played; 0 plays all."""
    count, tasks = Count(), []
    for item in task_reader(env, path).tasks(path):
        count.samples += 1
        if isinstance(item, Task):
            count.loaded += 1
            tasks.append(item)
        else:
            count.refuse(item)
    for task in islice(tasks, most or None):
        count.played += 1
        result = await _admitted(env, task)
        if isinstance(result, Rejected):
            count.refuse(result)
        else:
            count.admitted += 1
            count.solved += await _is_solved(env, result)
    return count


async def _admitted(env: Environment, task: Task) -> Task | Rejected:
    world = env.world()
    try:
        return await admit(world, env, task)
    finally:
        await world.close()


async def _is_solved(env: Environment, task: Task) -> bool:
    """Whether the gold solution, played once more, is graded as success."""
    world = env.world()
    try:
        await world.reset(task)
        answer = None
        for move in task.solution:
            seen = await world.step(move.action)
            answer = seen.answer if seen.answer is not None else answer
        return (await world.grade(answer)).success
    finally:
        await world.close()


def rows(most: int) -> list[tuple[str, Count]]:
    """The counts of all files, by name."""
    with tempfile.TemporaryDirectory() as folder:
        files = [*look_alikes(Path(folder)), *real_files()]
        return [(name, asyncio.run(counted(environment(kind), path, most))) for name, kind, path in files]


def main(most: int) -> None:
    print(f"{'source':42} samples loaded played admitted solved  refused")
    for name, c in rows(most):
        refused = "; ".join(f"{n} × {reason}" for reason, n in c.reasons.most_common(6))
        print(f"{name:42} {c.samples:7} {c.loaded:6} {c.played:6} {c.admitted:8} {c.solved:6}  {refused}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
