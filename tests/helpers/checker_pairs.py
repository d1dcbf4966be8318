"""Claims beside engine texts with a fair human verdict, from the data beside a checkout, as transitions of real engines.

The file has no worlds. Those of aimed claims are made again here, so that the engines say the file's texts; those of a
model's answers stand in the prompts that were kept.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.types import Action, Task
from tests import DATA

PAIRS = DATA / "checker" / "pairs.jsonl"
PROMPTS = DATA / "strong" / "simulator.jsonl.gz"


def _table(name: str, columns: str, rows: list[list[Any]], **keys: Any) -> dict[str, Any]:
    declared = [dict(zip(("name", "type"), part.split(" ", 1), strict=True)) for part in columns.split("; ")]
    return {
        "name": name,
        "columns": [
            c | {"type": c["type"].removesuffix(" NOT NULL"), "nullable": not c["type"].endswith("NOT NULL")}
            for c in declared
        ],
        "rows": rows,
    } | keys


STAFF = _table(
    "staff",
    "id INT NOT NULL; name VARCHAR(40) NOT NULL; dept VARCHAR(20); salary DECIMAL(10,2); score DOUBLE; hired DATE; "
    "last_login DATETIME; badge VARCHAR(10); active TINYINT(1)",
    [
        [1, "Zoë Müller", "Sales", "1000.00", 1.5, "2020-02-29", "2024-01-05 09:30:00", "007", 1],
        [2, "O'Brien, Pat", "Sales", "1000.00", 2.0, "2019-12-31", None, "0", 0],
        [3, 'Lee "Ace" Wu', "IT", "2500.50", None, None, "2024-01-05 00:00:00", "", 1],
        [4, "Ana", "IT", "999.99", 0.1, "2021-07-01", "2023-12-31 23:59:59", None, 1],
        [5, "ana", "HR", "0.00", -3.25, "2021-07-01", None, "NULL", 0],
        [6, "Bob\tT", "HR", "1234567.89", 100000.0, "2000-01-01", None, "1e3", 1],
    ],
    primary_key=["id"],
)


def _since(i: int) -> str:
    return f"{2010 + i % 14}-{i % 12 + 1:02}-{i % 28 + 1:02}"


LOGS = _table(
    "logs", "msg TEXT; n INT",
    [
        ["I'm sorry, I can't help with that", 1], ["thank you for your order", 2], ["a|b", 3], ["line1\nline2", 4],
        ["ok", 5], ["ok", 5],
    ],
)  # fmt: skip
EMPTY = _table("empty_t", "a INT", [])
CUSTOMERS = _table(
    "c", "id INT NOT NULL; name VARCHAR(60); pts INT; amount DECIMAL(10,2)",
    [[i, f"customer number {i:03}", i * 37 % 101, f"{i * 991 % 5000}.{i * 7 % 100:02}"] for i in range(1, 41)],
    primary_key=["id"],
)  # fmt: skip
DATED = _table(
    "c", "id INT NOT NULL; name VARCHAR(60); amount DECIMAL(10,2); since DATE",
    [
        [i, f"customer {i:03}" if i > 1 else "c", f"{i * 991 % 5000}.{i * 7 % 100:02}", _since(i)]
        for i in range(1, 41)
    ],
    primary_key=["id"],
)  # fmt: skip
FLOATS = _table("f", "k VARCHAR(5); v DOUBLE", [["a", 123456.78], ["b", 1.2e-05], ["c", 3.5]])
HOUSE = {
    "receptacles": {
        "desk 1": {"contains": ["bowl 1", "cd 1", "desklamp 1", "mug 1", "mug 2"]}, "garbagecan 1": {},
        "drawer 1": {"contains": ["cloth 1", "key 1"]}, "drawer 2": {}, "cabinet 1": {"open": True, "contains": ["plate 1"]},
        "bed 1": {"contains": ["pillow 1"]}, "microwave 1": {}, "fridge 1": {}, "sinkbasin 1": {},
        "countertop 1": {"contains": ["apple 1", "egg 1", "knife 1"]},
    },
}  # fmt: skip
GRAPH = {
    "mentions": {"Ann": "e1"},
    "graph": {
        "entities": {f"e{i}": {"name": n} for i, n in enumerate(("Ann", "Bo", "Cy", "Rome", "Medal"), 1)},
        "relations": {
            "people.person.born_in": {"domain": "people.person", "range": "location.city"},
            "people.person.knows": {"domain": "people.person", "range": "people.person"},
            "award.winner.awards": {"domain": "people.person", "range": "award.award"},
        },
        "attributes": {
            "people.person.age": {"domain": "people.person", "kind": "number"},
            "people.person.born_on": {"domain": "people.person", "kind": "date"},
            "location.city.population": {"domain": "location.city", "kind": "number"},
        },
        "triples": [
            ["e1", "people.person.born_in", "e4"], ["e1", "people.person.knows", "e2"],
            ["e1", "people.person.knows", "e3"], ["e1", "award.winner.awards", "e5"],
        ],
        "values": [
            ["e1", "people.person.age", 40], ["e1", "people.person.born_on", "1980-01-01"], ["e2", "people.person.age", 30],
            ["e2", "people.person.born_on", "1990-01-01"], ["e3", "people.person.age", 20],
            ["e4", "location.city.population", 7],
        ],
    },
}  # fmt: skip
DESK, TAKE = "go to desk 1", "take mug 1 from desk 1"
APPLE = ("go to countertop 1", "take apple 1 from countertop 1", "go to microwave 1")
COMMANDS: tuple[tuple[str, ...], ...] = (
    (), (DESK,), (DESK, TAKE), (DESK, TAKE, "go to bed 1"), ("go to drawer 1",), ("go to drawer 2",), ("go to cabinet 1",),
    APPLE,
    ("go to countertop 1", "take knife 1 from countertop 1"),
)  # fmt: skip
_RELATIONS = ("get_relations", {"variable": "Ann"})
_BORN, _KNOWS, _AWARDS = (
    ("get_neighbors", {"variable": "Ann", "relation": r})
    for r in ("people.person.born_in", "people.person.knows", "award.winner.awards")
)
CALLS: tuple[tuple[Any, ...], ...] = (
    (), (_RELATIONS,), (_RELATIONS, _BORN), (_RELATIONS, _KNOWS), (_RELATIONS, _AWARDS), (_RELATIONS, _KNOWS, _KNOWS),
    (_RELATIONS, _KNOWS, _BORN), (_RELATIONS, _KNOWS, ("get_attributes", {"variable": "#0"})),
)  # fmt: skip
GOALS = {
    "db": {"statement": "x", "answer": ["1"]},
    "household": {"type": "pick_and_place_simple", "object": "pillow", "receptacle": "fridge"},
    "kg": {"answers": ["e2"]},
}


def pairs(name: str) -> Iterator[tuple[dict[str, Any], list[Transition]]]:
    """Each claim of an environment about which enough is known, with the transitions that it may be a claim about."""
    with gzip.open(PROMPTS, "rt") as lines:
        prompts = {r["n"]: r["request"]["messages"] for r in map(json.loads, lines)}
    for line in PAIRS.read_text().splitlines():
        pair = json.loads(line)
        if pair["environment"] == name and "claim" in pair:
            played = asyncio.run(_transitions(pair, prompts.get(pair.get("request"))))
            if found := [t for t in played if t.truth.text == pair["engine"]]:
                yield pair, found


async def _transitions(pair: dict[str, Any], messages: list[dict[str, str]] | None) -> list[Transition]:
    action, name = Action.model_validate(pair["action"]), pair["environment"]
    if pair["source"].startswith("attack:"):
        return [t async for t in _attempts(name, pair["source"], action)]
    told = "\n".join(m["content"] for m in messages or ())
    if (head := _HEADS[name]) not in told:
        return []
    spec, before = _READERS[name](told.split(head, 1)[1]), _past(told) if name == "kg" else ()
    return [await _played(name, spec, before, action)]


_HEADS = {
    "db": "# Its tables now\n",
    "household": "# The house now\n",
    "kg": "# The graph\nEntities named in the question: ",
}


def _tables(told: str) -> dict[str, Any]:
    """The tables that a prompt tells of, by their rows and by how they were made."""
    now, _, made = told.partition("\n\nThe state is an object")
    rows: dict[str, list[Any]] = {}
    columns: dict[str, str] = {}
    for line in now.splitlines():
        if match := re.fullmatch(r"(\w+) \((.*)\)", line):
            name, columns[match[1]] = match[1], match[2]
            rows[name] = []
        elif line.startswith("["):
            rows[name].append(json.loads(line))
    tables = []
    for name, keys, column_list in re.findall(r"^(\w+): (.*)columns (\[\{.*\])$", made.split("\n# ", 1)[0], re.M):
        pairs = (part.split(" ", 1) for part in keys.split("; ") if part)
        if name in rows:
            tables.append(
                {"name": name, "columns": json.loads(column_list), "rows": rows.pop(name)}
                | {k: json.loads(v) for k, v in pairs}
            )
    return {"tables": tables + [_table(n, columns[n].replace(", ", "; "), r) for n, r in rows.items()]}


def _house(told: str) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(told.split("\n", 1)[0])
    return spec


def _graph(told: str) -> dict[str, Any]:
    mentions, graph = told.split("\n")[:2]
    return {"mentions": json.loads(mentions), "graph": json.loads(graph)}


_READERS = {"db": _tables, "household": _house, "kg": _graph}


def _past(told: str) -> list[Action]:
    return [Action(name=m[1], arguments=json.loads(m[2])) for m in re.finditer(r"^Action: (\w+) (\{.*\})$", told, re.M)]


async def _attempts(name: str, source: str, action: Action) -> Any:
    """The action after each of the beginnings that the aimed claims have."""
    if name == "db":
        tables = (
            [DATED]
            if source == "attack:cut"
            else [CUSTOMERS, FLOATS]
            if source == "attack:db2"
            else [STAFF, LOGS, EMPTY]
        )
        yield await _played(name, {"tables": tables}, (), action)
    elif name == "household":
        for commands in COMMANDS:
            before = [Action(name="take_action", arguments={"action": c}) for c in commands]
            yield await _played(name, HOUSE, before, action)
    else:
        for calls in CALLS:
            yield await _played(name, GRAPH, [Action(name=n, arguments=a) for n, a in calls], action)


async def _played(name: str, spec: Any, before: Any, action: Action) -> Transition:
    world = environment(name).world()
    await world.reset(Task(id="t", environment=name, instruction="Do it.", spec=spec, goal=GOALS[name]))
    for earlier in before:
        await world.step(earlier)
    start = await world.state()
    truth = await world.step(action)
    after = await world.state()
    await world.close()
    return Transition(spec=spec, action=action, before=start, after=after, truth=truth)
