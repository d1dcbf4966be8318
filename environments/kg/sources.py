"""Reads public question sets: AgentBench's knowledge graph tasks, and PathQuestion with its triples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.documents import file_text, head, json_file
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Action, Move, Task

from .engine import tool_calls
from .engine.logical_forms import LogicalForm, entity, join
from .engine.terms import number
from .tasks.planner import mention, plan
from .tasks.thoughts import thought
from .teacher import with_thoughts
from .world import KG

_HEAD_SIZE = 200_000
"""Bytes of a file that decide its format."""


class AgentBench(TaskReader):
    """Reads AgentBench's `knowledgegraph/*.json`: questions over Freebase, whose triples are not in the file.

    The record's `entities` become the mentions, its `actions` the solution. The world needs an endpoint to run them.
    """

    name = "agentbench-kg"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        start = head(path, _HEAD_SIZE) if path.suffix == ".json" else ""
        return start.lstrip().startswith("[") and all(f'"{key}"' in start for key in ("qid", "entities", "answer"))

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            records = json_file(path)
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        for i, record in enumerate(records if isinstance(records, list) else [records]):
            position = f"{path}: [{i}]"
            try:
                yield self._task(record, position)
            except KeyError as e:
                yield Rejected(where=position, reason=f"no field {e}")
            except (ValueError, TypeError, AttributeError, WorldError) as e:
                yield Rejected(where=position, reason=str(e))

    def _task(self, record: dict[str, Any], position: str) -> Task:
        mentions = record["entities"]
        goal: dict[str, Any] = {"answers": sorted({_answer(a) for a in record["answer"]})}
        moves: tuple[Move, ...] = ()
        if record.get("actions"):
            actions = [tool_calls.parse_call(call) for call in record["actions"]]
            goal["expression"] = tool_calls.last_form(actions, mentions).text
            moves = _moves(actions, mentions, str(record["qid"]))
        task = Task(
            id=str(record["qid"]),
            environment="kg",
            instruction=record["question"],
            spec={"mentions": mentions},
            goal=goal,
            solution=moves,
            kind=record.get("source", ""),
            source=position,
        )
        KG.check(task.spec)
        KG.check_goal(task.goal)
        return task


def _answer(answer: dict[str, Any]) -> str:
    """An answer's id, or its value in the world's spelling."""
    text = str(answer["answer_argument"])
    if answer.get("answer_type") != "Value":
        return text
    return number(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text, re.A) else text.removesuffix("-08:00")


def _moves(actions: list[Action], mentions: dict[str, str], salt: str) -> tuple[Move, ...]:
    """The gold calls with the question's names of entities, and the answer, which AgentBench leaves out."""
    names = {id: mention(mentions, id) for id in mentions.values()}
    variable_count = sum(1 for a in actions if a.name not in ("get_relations", "get_attributes"))
    calls = [a.model_copy(update={"arguments": {k: names.get(v, v) for k, v in a.arguments.items()}}) for a in actions]
    last = Action(name="answer", arguments={"variable": f"#{variable_count - 1}"})
    return tuple(Move(thought=thought(a, salt), action=a) for a in (*calls, last))


class PathQuestion(TaskReader):
    """Reads PathQuestion (Zhou et al., arXiv 1801.03257): question, answer and gold path a line, triples in another file.

    An answer is written `one(all/of/them/)`, a path `topic#relation#entity#relation#entity#<end>#entity`. All tasks of a
    file share one graph. The data has no types: an object that is never a subject gets its relation's name as its type,
    all other entities the type `topic`.
    """

    name = "pathquestion"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        first = head(path, _HEAD_SIZE).partition("\n")[0] if path.suffix == ".txt" else ""
        return first.count("\t") == 2 and "#<end>#" in first

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            graph = _graph(_triples_beside(path))
            lines = file_text(path).splitlines()
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        except ValueError as e:
            yield Rejected(where=str(path), reason=str(e))
            return
        world = KG()
        for n, line in enumerate(lines, 1):
            position = f"{path}:{n}"
            try:
                yield self._task(f"{path.stem}:{n}", line, graph, world, position)
            except (ValueError, WorldError) as e:
                yield Rejected(where=position, reason=str(e))

    def _task(self, id: str, line: str, graph: dict[str, Any], world: KG, position: str) -> Task:
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
            solution=with_thoughts(plan(world, target), id),
            kind=f"{path.count('#') // 2 - 1}-hop",
            source=position,
        )


def _answers(text: str) -> set[str]:
    """The set in the brackets of `one(all/of/them/)`."""
    match = re.fullmatch(r"[^\t]*?\(([^\t]+)/\)", text.strip())
    if match is None:
        raise ValueError(f"answer: expected one(all/of/them/), found {text!r:.80}")
    return set(match[1].split("/"))


def _target(path: str) -> tuple[str, LogicalForm]:
    steps, end, _ = path.strip().partition("#<end>#")
    topic, *links = steps.split("#")
    if not end or not links or len(links) % 2:
        raise ValueError(f"path: expected topic#relation#entity#…#<end>#entity, found {path!r:.80}")
    target = entity(topic)
    for relation in links[::2]:
        target = join(target, relation, "")
    return topic, target


def _triples_beside(path: Path) -> Path:
    """The file of triples for a file of questions: `2H-kb.txt` for `PQ-2H.txt`. ValueError unless there is exactly one."""
    hops = re.search(r"(\d)H", path.name)
    files = [f for f in sorted(path.parent.glob("*.txt")) if "kb" in f.name.lower() and hops and hops[1] in f.name]
    large = path.name.startswith("PQL")
    files = [f for f in files if f.name.startswith("PQL") == large]
    if len(files) != 1:
        raise ValueError(f"expected one file of triples beside it, such as 2H-kb.txt; found {len(files)}")
    return files[0]


def _graph(path: Path) -> dict[str, Any]:
    triples = []
    for n, line in enumerate(file_text(path).splitlines(), 1):
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
