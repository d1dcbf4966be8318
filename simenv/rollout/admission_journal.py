"""What admission has decided so far, kept line by line, so that a run that is killed goes on where it was.

`admission.jsonl` lies in the run folder until tasks.jsonl and rejected.jsonl are whole; they hold its lines, byte by byte.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import BinaryIO, NamedTuple

from pydantic_core import from_json

from simenv.containment import boundary
from simenv.errors import StoreError
from simenv.runs.store import Run, lines, part_lines
from simenv.source import Rejected
from simenv.types import Task

JOURNAL, TASKS, REJECTED = "admission.jsonl", "tasks.jsonl", "rejected.jsonl"
SECONDS = 1.0
"""Between two times that the journal goes to the disk; a process that is killed loses nothing, a power cut so much."""


_FILES = {"task": TASKS, "refused": REJECTED, "rejected": REJECTED}
"""Kinds of decisions and the files they go to: a task; one that was looked at and refused; what was no new task."""


class Decision(NamedTuple):
    """A task that was admitted, or a rejection; `id` where it was about a task with an id of its own."""

    item: Task | Rejected
    id: str | None


class Journal:
    """The decisions of a run in the order in which they were made. Use it as a context; StoreError where the disk is full."""

    def __init__(self, run: Run) -> None:
        self.run, self.path = run, run.folder / JOURNAL
        self._synced = 0.0

    def __enter__(self) -> Journal:
        try:
            self._file = _open(self.path)
        except OSError as e:
            raise StoreError(f"{self.path}: cannot write: {e.strerror}") from e
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def decisions(self) -> Iterator[Decision]:
        """What was decided so far."""
        for line in lines(self.path):
            _, kind, text = line.split(b" ", 2)
            if kind == b"task":
                task = Task.model_validate(from_json(text))
                yield Decision(task, task.id)
            else:
                rejection = Rejected.model_validate(from_json(text))
                yield Decision(rejection, rejection.where if kind == b"refused" else None)

    def counts(self) -> Counter[str]:
        """How many tasks of each environment were decided on."""
        return Counter(line.split(b" ", 1)[0].decode("utf-8") for line in lines(self.path))

    def add(self, environment: str, item: Task | Rejected, is_new: bool = True) -> None:
        """Write a decision down; `is_new`: about a task with an id of its own. Bug for an item that cannot be written."""
        kind = "task" if isinstance(item, Task) else "refused" if is_new else "rejected"
        with boundary("tasks", environment):
            text = item.model_dump_json(exclude_defaults=True)
        line = f"{environment} {kind} {text}\n"
        try:
            self._file.write(line.encode("utf-8", "backslashreplace"))
            if monotonic() - self._synced > SECONDS:
                os.fsync(self._file.fileno())
                self._synced = monotonic()
        except OSError as e:
            raise StoreError(f"{self.path}: cannot write: {e.strerror}; what was admitted is kept") from e

    def finish(self, environments: Iterable[str]) -> None:
        """Put tasks.jsonl and rejected.jsonl in place, in the order of the environments, and remove the journal.

        tasks.jsonl comes last: where it is, all is there.
        """
        order = [*dict.fromkeys([*environments, *self.counts()])]
        for name in (REJECTED, TASKS):
            kinds = {kind.encode() for kind, file in _FILES.items() if file == name}
            with self.run.aside(name) as file:
                for environment in order:
                    for line in lines(self.path):
                        place, kind, text = line.split(b" ", 2)
                        if place == environment.encode() and kind in kinds:
                            file.write(text.decode("utf-8"))
        self.path.unlink()


def _open(path: Path) -> BinaryIO:
    """The journal, to be continued after its last whole line."""
    file = path.open("ab", buffering=0)
    file.truncate(sum(line.length for line in part_lines(path) if line.whole))
    return file
