"""Makes a task file of a pool's records: questions for the search environment, whose world is the pool's passages.

OUT/questions.jsonl keeps every question beside the raw record, a line each as soon as it is there, so that a run which is
stopped goes on where it was; OUT/tasks.jsonl is made from it in the end. What no model could voice is in OUT/rejected.jsonl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from simenv import files
from simenv.concurrency import run_workers
from simenv.config import Ref
from simenv.documents import json_lines
from simenv.errors import ConfigError, Unreadable, Unusable
from simenv.knowledge.passage import checksum
from simenv.knowledge.pool import Fault, Pool
from simenv.knowledge.records import Record
from simenv.knowledge.voice import Question, question, voiced
from simenv.model import Model
from simenv.options import Options, explain_validation
from simenv.types import Data, Task, Usage


class Questions(Options):
    """Settings of `questions`."""

    out: str = "questions"
    """folder of the questions; what it holds already stays"""
    model: Ref | None = None
    """the model that says what a user would say; its options follow as model.KEY. None: the records' own words"""
    web: bool = False
    """the answers are to be found on the web (search.world.web.provider=…), not in the pool"""
    most: int | None = Field(default=None, ge=1)
    """records that become questions, the first ones; None: all"""
    concurrency: int = Field(default=16, ge=1, le=1024)
    """questions in work at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars after which it ends; the same command goes on"""


@dataclass
class QuestionWork:
    """The work of making questions. `model` may be None, then the records' words are kept."""

    pool: Pool
    settings: Questions
    model: Model | None = None
    on_question: Callable[[Question], None] = lambda question: None
    usage: Usage = field(default_factory=Usage)
    faults: list[Unreadable] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return Path(self.settings.out)

    async def run(self) -> list[Question]:
        """All questions in the order of the records, those that were there before included. BudgetSpent ends it early."""
        records = list(self.pool.records)[: self.settings.most]
        if not records:
            raise ConfigError(
                f"{self.pool.folder}: it holds no records; `simenv knowledge add sets=[FILE]` adds a data set"
            )
        files.make_folder(self.folder)
        done = {q.record: q for q in _read(self.folder / "questions.jsonl") if bool(q.voice) == bool(self.model)}
        queue = iter([r for r in records if r.id not in done])

        async def work() -> None:
            for record in queue:
                if made := await self._question(record):
                    done[record.id] = made
                    files.append_line(self.folder / "questions.jsonl", _line(made))
                    self.on_question(made)

        await run_workers(work, self.settings.concurrency)
        made = [done[r.id] for r in records if r.id in done]
        _write(self.folder / "rejected.jsonl", (Fault(place=f.place, reason=f.reason) for f in self.faults))
        _write(self.folder / "tasks.jsonl", self._tasks(made))
        return made

    async def _question(self, record: Record) -> Question | None:
        if self.model is None:
            return question(record)
        try:
            return await voiced(self.model, record, self._count)
        except Unusable as e:
            self.faults.append(Unreadable(f"{record.source.file}:{record.row}", str(e)))
            return None

    def _count(self, usage: Usage) -> None:
        self.usage += usage

    def _tasks(self, questions: Iterable[Question]) -> Iterable[Task]:
        """Tasks over the web, or over the pool's passages; a question without them brings what its record says."""
        path = self.pool.merged("passages")
        has_passages = path.is_file() and path.stat().st_size > 0
        corpus = {"corpus": {"file": path.name, "sha256": checksum(path)}} if has_passages else None
        records = {r.id: r for r in self.pool.records}
        for q in questions:
            spec = {"web": True} if self.settings.web else corpus or _context(records[q.record])
            goal = {"answers": list(dict.fromkeys(a[:2000] for a in q.answers))}
            kind = "choice" if q.options else "open"
            yield Task(
                id=q.id, environment="search", instruction=q.text, spec=spec, goal=goal, kind=kind,
                source=f"{q.file}:{q.row}",
            )  # fmt: skip


def _context(record: Record) -> dict[str, object]:
    """A world of what a record itself says beside its question."""
    text = record.context or record.explanation or record.question
    source = {"file": record.source.file, "sha256": record.source.sha256, "start": 0, "end": len(text)}
    return {"passages": [{"id": record.id, "title": record.question[:100], "text": text[:200_000], "source": source}]}


def _read(path: Path) -> list[Question]:
    """The questions of a folder; a torn line, as a process that is killed leaves it, is passed over."""
    found = []
    for number, value in json_lines(path) if path.is_file() else ():
        if isinstance(value, Unreadable):
            continue
        try:
            found.append(Question.model_validate(value))
        except ValidationError as e:
            raise ConfigError(explain_validation(e, f"{path}:{number}: no question")) from e
    return found


def _write(path: Path, items: Iterable[Data]) -> None:
    with files.whole_file(path) as file:
        for item in items:
            file.write(item.model_dump_json(exclude_defaults=True) + "\n")


def _line(item: Data) -> bytes:
    return item.model_dump_json(exclude_defaults=True).encode("utf-8", "backslashreplace") + b"\n"
