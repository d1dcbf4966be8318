"""What was made from a source, in the folders of runs, sets, exports, questions, verifications and comparisons.

It is found by the source's traces, and by the ids of tasks, trajectories and samples that hold one, which reviews, verdicts,
votes and judgements name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simenv.documents import json_lines, opened_text, parse
from simenv.errors import Unreadable
from simenv.knowledge.traces import Traces

_NAMING = ("task", "trajectory", "sample", "id", "item")
"""The keys under which a record names what it is or what it is about."""
_PART = re.compile(r"[.~]")
"""What stands between the id of a task and the number of its trajectory, and between that and the number of a fork."""
_MARKS = ("config.yaml", "tasks.jsonl", "train.jsonl", "questions.jsonl", "manifest.json", "finetune.yaml")
"""Files by which a folder is known as one that a command made."""


def root(path: Path) -> Path:
    """The folder of the run, set or other product that a file belongs to; the file's own folder where none is marked."""
    return next((p for p in list(path.parents)[:6] if any((p / mark).is_file() for mark in _MARKS)), path.parent)


def is_product(path: Path) -> bool:
    """Whether a file belongs to something that a command made."""
    return any((root(path) / mark).is_file() for mark in _MARKS)


@dataclass
class Derived:
    """Tells what comes from a source."""

    traces: Traces
    names: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    """ids of tasks, trajectories and samples: for each its environment, '' where it may be any, and the name of its run"""

    def learn(self, path: Path) -> None:
        """Remember the tasks, trajectories and samples of a file that hold the source, and the items of a comparison of which
        an example does."""
        home = root(path)
        for _, value in json_lines(path):
            if not isinstance(value, dict):
                continue
            name = value.get("item", value.get("id"))
            if isinstance(name, str) and self.traces.in_value(value):
                run, _, id = name.rpartition("/")
                environment = str(value.get("environment", "")) if "spec" in value else ""
                self.names[id].add((environment, run or home.name))

    def lines(self, path: Path) -> Iterator[str | None]:
        """The lines of a file, None in place of one that comes from the source."""
        home = root(path)
        is_run = (home / "tasks.jsonl").is_file()
        with opened_text(path) as file:
            for line in file:
                yield None if self.has_line(line, home.name if is_run else "") else line

    def has_line(self, line: str, run: str = "") -> bool:
        """Whether a line of JSON comes from the source; `run`: the name of the run that it is in, '' outside of runs."""
        if self.traces.id in line:
            return True
        try:
            value = parse(line, "")
        except Unreadable:
            return self.traces.in_text(line)
        return self.has(value, run)

    def has(self, value: Any, run: str = "") -> bool:
        """Whether a JSON value comes from the source."""
        return self.traces.in_value(value) or (isinstance(value, dict) and self.is_about(value, run))

    def is_about(self, value: dict[str, Any], run: str = "") -> bool:
        """Whether a record is, or is about, a task, trajectory or sample that comes from the source."""
        environment = value.get("environment")
        named = [(key, value[key]) for key in _NAMING if isinstance(value.get(key), str)]
        run = run or next((run for _, name in named if (run := name.rpartition("/")[0])), "")
        return any(
            self.is_known(name.rpartition("/")[2], environment, run)
            for key, name in named
            if key != "id" or environment is not None
        )

    def is_known(self, id: str, environment: object = None, run: str = "") -> bool:
        """Whether an id is one of a task, trajectory or sample that comes from the source, or of one that was made of it."""
        return any(
            run in ("", its_run) and (not its or environment in (None, its))
            for part in _parts(id)
            for its, its_run in self.names.get(part, ())
        )


def _parts(id: str) -> Iterator[str]:
    """An id and what it begins with: of `t.0~1` also `t.0` and `t`."""
    yield id
    for match in _PART.finditer(id):
        yield id[: match.start()]
