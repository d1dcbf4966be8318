"""Reads public question sets: AgentBench's knowledge graph tasks, PathQuestion and MetaQA with their triples, and
WebQSP, ComplexWebQuestions and GrailQA."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

from simenv.documents import file_text, head, json_file
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Action, Move, Task

from .engine import tool_calls
from .engine.logical_forms import entity, join
from .tasks import freebase, metaqa
from .tasks.freebase import answer_text
from .tasks.labelled_graph import LabelledGraph, Triple, entity_id, triple_fault
from .tasks.metaqa import is_bracket_file
from .tasks.pathquestion import is_path_file, knowledge_file, read_path_line
from .tasks.planner import first_plan, is_awkward, mention, plan
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
        goal: dict[str, Any] = {
            "answers": sorted(
                {answer_text(a["answer_argument"], a.get("answer_type") == "Value") for a in record["answer"]}
            )
        }
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


def _moves(actions: list[Action], mentions: dict[str, str], salt: str) -> tuple[Move, ...]:
    """The gold calls with the question's names of entities, and the answer, which AgentBench leaves out."""
    names = {id: mention(mentions, id) for id in mentions.values()}
    variable_count = sum(1 for a in actions if a.name not in ("get_relations", "get_attributes"))
    calls = [a.model_copy(update={"arguments": {k: names.get(v, v) for k, v in a.arguments.items()}}) for a in actions]
    last = Action(name="answer", arguments={"variable": f"#{variable_count - 1}"})
    return tuple(Move(thought=thought(a, salt), action=a) for a in (*calls, last))


class Freebase(TaskReader):
    """Reads `WebQSP.*.json`, `ComplexWebQuestions_*.json` and `grailqa_*.json`, as they are downloaded.

    The world needs an endpoint that has Freebase. A query becomes the solution where the tools can build it; GrailQA's table
    `reverse_properties`, beside the file or in `ontology/`, lets them follow relations backwards.
    """

    name = "freebase-questions"
    _marks = (
        (("Parses", "TopicEntityMid"), freebase.webqsp),
        (("compositionality_type", "sparql"), freebase.complex_web_question),
        (("graph_query", "qid"), freebase.grailqa),
    )

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.suffix == ".json" and cls._format(head(path, _HEAD_SIZE)) is not None

    @classmethod
    def _format(cls, start: str) -> Callable[[dict[str, Any], Mapping[str, str]], freebase.Question] | None:
        return next((read for keys, read in cls._marks if all(f'"{key}"' in start for key in keys)), None)

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        try:
            records, reverses = json_file(path), freebase.reverse_relations(path.parent)
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        records = records.get("Questions") if isinstance(records, dict) else records
        read = self._format(head(path, _HEAD_SIZE))
        if not isinstance(records, list) or read is None:
            yield Rejected(where=str(path), reason="expected a list of questions, or an object that holds `Questions`")
            return
        for i, record in enumerate(records):
            position = f"{path}: [{i}]"
            try:
                yield _checked(_freebase_task(read(record, reverses), position))
            except KeyError as e:
                yield Rejected(where=position, reason=f"no field {e}")
            except (ValueError, TypeError, AttributeError, StopIteration, WorldError) as e:
                yield Rejected(where=position, reason=str(e) or "no node is asked for")


def _freebase_task(question: freebase.Question, position: str) -> Task:
    goal: dict[str, Any] = {"answers": list(question.answers)}
    moves: tuple[Move, ...] = ()
    if question.form:
        goal["expression"] = question.form.text
        moves = with_thoughts(first_plan(question.mentions, question.form), question.id)
    return Task(
        id=question.id,
        environment="kg",
        instruction=question.text,
        spec={"mentions": question.mentions},
        goal=goal,
        solution=moves,
        kind=question.kind,
        source=position,
    )


def _checked(task: Task) -> Task:
    KG.check(task.spec)
    KG.check_goal(task.goal)
    return task


class PathQuestion(TaskReader):
    """Reads PathQuestion and PathQuestion-Large: question, answer and gold path a line, triples in another file.

    All tasks of a file share one graph. See `pathquestion` for the lines, `LabelledGraph` for types and ids.
    """

    name = "pathquestion"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.suffix == ".txt" and is_path_file(head(path, _HEAD_SIZE))

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        yield from _line_tasks(path, lambda: (knowledge_file(path), "\t", {}), self._task)

    @staticmethod
    def _task(graph: LabelledGraph, line: str, number: int, path: Path) -> Task:
        read = read_path_line(line, graph.labels)
        return _task_along(
            graph, read.topic, read.relations, read.answers, id=f"{path.stem}:{number}", instruction=read.question
        )


class MetaQA(TaskReader):
    """Reads MetaQA's `qa_{train,dev,test}.txt`, of its folders `1-hop` to `3-hop`, over `kb.txt` above them.

    `qa_*_qtype.txt` in the folder of the hops tells the path of each question; without it, it is looked for. MetaQA leaves
    the film that a path starts from out of its answers, which no tool can do: such questions are turned away.
    """

    name = "metaqa"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.suffix == ".txt" and is_bracket_file(head(path, _HEAD_SIZE))

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        types = metaqa.beside(path, f"{path.stem}_qtype.txt")
        try:
            read = partial(self._task, _lines(types) if types else [])
        except Unreadable as e:
            yield Rejected.unread(e)
            return
        yield from _line_tasks(path, lambda: (self._knowledge(path), "|", metaqa.INVERSES), read)

    @staticmethod
    def _knowledge(path: Path) -> Path:
        if file := metaqa.beside(path, "kb.txt"):
            return file
        raise ValueError(f"no kb.txt in {path.parent} or the two folders above it")

    @staticmethod
    def _task(types: Sequence[str], graph: LabelledGraph, line: str, number: int, path: Path) -> Task:
        read = metaqa.read_bracket_line(line)
        if types:
            relations = metaqa.typed_path(types[number - 1] if number <= len(types) else "")
        else:
            relations = metaqa.found_path(graph, read, metaqa.hops(path)) or ()
        if not relations:
            raise ValueError(f"no path of relations leads from {read.topic!r:.80} to the answers and nothing else")
        reached = graph.reached(read.topic, relations)
        if reached != read.answers:
            raise ValueError(
                f"{' '.join(relations)} leads to {len(reached)} entities, of which MetaQA has {len(reached & read.answers)}"
                f" and {len(read.answers - reached)} others: it leaves out where a path started, which the tools cannot"
            )
        id = f"metaqa-{metaqa.hops(path) or len(relations)}-{path.stem}:{number}"
        return _task_along(graph, read.topic, relations, read.answers, id=id, instruction=read.question)


def _line_tasks(
    path: Path,
    knowledge: Callable[[], tuple[Path, str, Mapping[str, str]]],
    read: Callable[[LabelledGraph, str, int, Path], Task],
) -> Iterator[Task | Rejected]:
    """The task of each line over the triples of another file; of both, bad lines are turned away."""
    try:
        file, separator, inverses = knowledge()
        triples, faults = _triples(file, separator)
        lines = _lines(path)
    except Unreadable as e:
        yield Rejected.unread(e)
        return
    except ValueError as e:
        yield Rejected(where=str(path), reason=str(e))
        return
    yield from faults
    graph = LabelledGraph(triples, inverses)
    for n, line in enumerate(lines, 1):
        position = f"{path}:{n}"
        try:
            yield read(graph, line, n, path).model_copy(update={"source": position})
        except (ValueError, WorldError) as e:
            yield Rejected(where=position, reason=str(e))


def _lines(path: Path) -> list[str]:
    """The lines of a file; labels may hold other signs that end a line elsewhere."""
    return [line.removesuffix("\r") for line in file_text(path).removesuffix("\n").split("\n")]


def _triples(file: Path, separator: str) -> tuple[list[Triple], list[Rejected]]:
    """The triples of a file, and its lines that are none."""
    triples: list[Triple] = []
    faults = []
    for n, line in enumerate(_lines(file), 1):
        fields = [field.strip() for field in line.split(separator) if field.strip()]
        reason = triple_fault(fields) if len(fields) == 3 else f"expected three fields, found {len(fields)}"
        if reason:
            faults.append(Rejected(where=f"{file}:{n}", reason=reason))
        else:
            triples.append((fields[0], fields[1], fields[2]))
    return triples, faults


def _task_along(
    graph: LabelledGraph, topic: str, relations: Iterable[str], answers: Iterable[str], *, id: str, instruction: str
) -> Task:
    """A task whose answer lies at the end of a path of relations."""
    if topic not in graph.labels:
        raise ValueError(f"the graph has no entity {topic!r:.80}")
    start, path = entity_id(topic), list(relations)
    target = reduce(lambda form, relation: join(form, relation, ""), path, entity(start))
    # A name that no call can hold is mentioned by its id.
    mention = start if is_awkward(topic) else topic
    world, spec = KG(), {"mentions": {mention: start}, "graph": graph.spec}
    world.begin(spec)
    return Task(
        id=id,
        environment="kg",
        instruction=instruction,
        spec=spec,
        goal={"answers": sorted(map(entity_id, answers)), "expression": target.text},
        solution=with_thoughts(plan(world, target), id),
        kind=f"{len(path)}-hop",
    )
