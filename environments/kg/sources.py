"""Reads questions that others wrote: AgentBench's knowledge graph tasks, and PathQuestion with its triples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.errors import WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Action, Move, Task

from .engine import tool_calls
from .engine.expressions import Expr, entity, join
from .engine.terms import number
from .tasks.planner import plan, spoken
from .tasks.thoughts import thought
from .teacher import narrated
from .world import KG

_HEAD = 200_000
"""Characters looked at to tell a format."""


class AgentBench(TaskReader):
    """AgentBench's `knowledgegraph/*.json`: questions over Freebase, whose triples are not in the file.

    Mentions are the record's `entities`, the solution its `actions`. To act in such a task the world needs an endpoint.
    """

    name = "agentbench-kg"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        head = _head(path) if path.suffix == ".json" else ""
        return head.lstrip().startswith("[") and all(f'"{key}"' in head for key in ("qid", "entities", "answer"))

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as e:
            yield Rejected(where=str(path), reason=f"no JSON: {e}")
            return
        for i, record in enumerate(records if isinstance(records, list) else [records]):
            where = f"{path}: [{i}]"
            try:
                yield self._task(record, where)
            except KeyError as e:
                yield Rejected(where=where, reason=f"no field {e}")
            except (ValueError, TypeError, AttributeError, WorldError) as e:
                yield Rejected(where=where, reason=str(e))

    def _task(self, record: dict[str, Any], where: str) -> Task:
        mentions = record["entities"]
        goal: dict[str, Any] = {"answers": sorted({_answer(a) for a in record["answer"]})}
        moves: tuple[Move, ...] = ()
        if record.get("actions"):
            actions = [tool_calls.read(call) for call in record["actions"]]
            goal["expression"] = tool_calls.expression(actions, mentions).text
            moves = _moves(actions, mentions, str(record["qid"]))
        task = Task(
            id=str(record["qid"]),
            environment="kg",
            instruction=record["question"],
            spec={"mentions": mentions},
            goal=goal,
            solution=moves,
            kind=record.get("source", ""),
            source=where,
        )
        KG.check(task.spec)
        KG.check_goal(task.goal)
        return task


def _answer(answer: dict[str, Any]) -> str:
    """An answer's id, or its value in the one spelling that the world has for it."""
    text = str(answer["answer_argument"])
    if answer.get("answer_type") != "Value":
        return text
    return number(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.A) else text.removesuffix("-08:00")


def _moves(actions: list[Action], mentions: dict[str, str], salt: str) -> tuple[Move, ...]:
    """The gold calls, with entities named as the question does, and the answer that AgentBench leaves unsaid."""
    names = {id: spoken(mentions, id) for id in mentions.values()}
    made = sum(1 for a in actions if a.name not in ("get_relations", "get_attributes"))
    named = [a.model_copy(update={"arguments": {k: names.get(v, v) for k, v in a.arguments.items()}}) for a in actions]
    last = Action(name="answer", arguments={"variable": f"#{made - 1}"})
    return tuple(Move(thought=thought(a, salt), action=a) for a in (*named, last))


class PathQuestion(TaskReader):
    """PathQuestion (Zhou et al., arXiv 1801.03257): question, answer and gold path a line, its triples in a file beside it.

    An answer is written `one(all/of/them/)`, a path `topic#relation#entity#relation#entity#<end>#entity`. All tasks of a
    file share one graph. Types are not given: an object that is nowhere a subject is of its relation's name, the rest
    are topics.
    """

    name = "pathquestion"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        first = _head(path).partition("\n")[0] if path.suffix == ".txt" else ""
        return first.count("\t") == 2 and "#<end>#" in first

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            graph = _graph(_triples_beside(path))
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as e:
            yield Rejected(where=str(path), reason=str(e))
            return
        world = KG()
        for n, line in enumerate(lines, 1):
            where = f"{path}:{n}"
            try:
                yield self._task(f"{path.stem}:{n}", line, graph, world, where)
            except (ValueError, WorldError) as e:
                yield Rejected(where=where, reason=str(e))

    def _task(self, id: str, line: str, graph: dict[str, Any], world: KG, where: str) -> Task:
        fields = line.split("\t")
        if len(fields) != 3:
            raise ValueError(f"expected question, answer and path between tabs, found {len(fields)} fields")
        question, answer, path = fields
        topic, target = _target(path)
        spec = {"mentions": {topic: topic}, "graph": graph}
        world.begin(spec)
        return Task(
            id=id,
            environment="kg",
            instruction=question.strip(),
            spec=spec,
            goal={"answers": sorted(_answers(answer)), "expression": target.text},
            solution=narrated(plan(world, target), id),
            kind=f"{path.count('#') // 2 - 1}-hop",
            source=where,
        )


def _answers(text: str) -> set[str]:
    """The set in the brackets: `one(all/of/them/)`."""
    match = re.fullmatch(r"[^\t]*?\(([^\t]+)/\)", text.strip())
    if match is None:
        raise ValueError(f"answer: expected one(all/of/them/), found {text!r:.80}")
    return set(match[1].split("/"))


def _target(path: str) -> tuple[str, Expr]:
    steps, end, _ = path.strip().partition("#<end>#")
    topic, *way = steps.split("#")
    if not end or not way or len(way) % 2:
        raise ValueError(f"path: expected topic#relation#entity#…#<end>#entity, found {path!r:.80}")
    target = entity(topic)
    for relation in way[::2]:
        target = join(target, relation, "")
    return topic, target


def _triples_beside(path: Path) -> Path:
    """`2H-kb.txt` of `PQ-2H.txt`: the file beside it whose name has the same number of hops, and kb."""
    hops = re.search(r"(\d)H", path.name)
    files = [f for f in sorted(path.parent.glob("*.txt")) if "kb" in f.name.lower() and hops and hops[1] in f.name]
    large = path.name.startswith("PQL")
    files = [f for f in files if f.name.startswith("PQL") == large]
    if len(files) != 1:
        raise ValueError(f"expected one file of triples beside it, such as 2H-kb.txt; found {len(files)}")
    return files[0]


def _graph(path: Path) -> dict[str, Any]:
    triples = []
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 3:
            raise ValueError(f"{path.name}:{n}: expected three fields between tabs, found {len(fields)}")
        triples.append(fields)
    subjects = {s for s, _, _ in triples}
    leads_on = {r for _, r, o in triples if o in subjects}
    relations = sorted({r for _, r, _ in triples})
    return {
        "entities": {id: {} for id in sorted(subjects | {o for _, _, o in triples})},
        "relations": {r: {"domain": "topic", "range": "topic" if r in leads_on else r} for r in relations},
        "triples": triples,
    }


def _head(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as text:
            return text.read(_HEAD)
    except OSError:
        return ""
