"""Contamination: data that shares tasks with an evaluation, found in two ways.

WordOverlap compares runs of words, as curation does to leave samples out. `trained_tasks` compares ids and whole instructions,
as an evaluation does to name the tasks that its agent was trained on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from simenv.data.dataset import CuratedSet
from simenv.data.records import DatasetRef, records
from simenv.documents import file_text
from simenv.errors import ConfigError
from simenv.runs.store import Run
from simenv.types import Message, Task

WORDS = 13
"""Length of the runs compared: GPT-3 (Brown et al., arXiv 2005.14165, appendix C) calls a 13-gram overlap a collision."""
DISTINCTIVE = 12
"""Words from which on an instruction identifies its task; shorter ones are used in many worlds."""
LONGEST = 8
"""Most paragraphs of an instruction that is looked for in a chat."""
_BETWEEN = "\n\n"
"""What separates an instruction from the first observation in the opening of a chat."""
_WORD = re.compile(r"\w+")
_LABEL = re.compile(r"\s*\w+:\s+")
_TEXT_KEYS = ("instruction", "question", "description", "query", "prompt", "problem")
"""What task files call the text of a task."""


class WordOverlap:
    """The runs of `n` words of all evaluation tasks. A task shorter than a run counts as a whole, down to `shortest` words."""

    def __init__(self, n: int = WORDS, shortest: int = 5) -> None:
        self.n, self.shortest = n, shortest
        self._runs: set[int] = set()
        self._lengths: set[int] = set()
        self.tasks = 0

    def add(self, text: str) -> None:
        """Add the text of one task. Texts of fewer than `shortest` words say too little to be recognised by."""
        words = _WORD.findall(text.lower())
        if len(words) < self.shortest:
            return
        self.tasks += 1
        length = min(self.n, len(words))
        self._lengths.add(length)
        self._runs.update(_runs(words, length))

    def meets(self, messages: Iterable[Message]) -> bool:
        """Whether a chat, but for its system prompt, holds a run of an evaluation task."""
        for message in messages:
            if message.role != "system":
                words = _WORD.findall(message.content.lower())
                if any(run in self._runs for length in self._lengths for run in _runs(words, length)):
                    return True
        return False


def _runs(words: list[str], length: int) -> Iterator[int]:
    return (hash((length, *words[i : i + length])) for i in range(len(words) - length + 1))


def task_texts(path: Path) -> Iterator[str]:
    """The texts of the tasks of a run folder, a task file, or a text file with a task a line. ConfigError: a wrong line."""
    if path.is_dir():
        path = path / "tasks.jsonl"
    if path.suffix == ".txt" and path.is_file():
        yield from file_text(path).splitlines()
        return
    for record in records(DatasetRef(path=path)):
        text = next((record.value[k] for k in _TEXT_KEYS if isinstance(record.value.get(k), str)), None)
        if text is None:
            raise ConfigError(f"{record.where}: expected a task with one of {', '.join(_TEXT_KEYS)}")
        yield text


def trained_tasks(tasks: list[Task], folders: Iterable[Path]) -> dict[str, list[str]]:
    """The ids of tasks that occur in runs or curated sets, by folder; folders without any are left out.

    A task occurs where its id does, or its instruction if that has at least DISTINCTIVE words. ConfigError for a folder that
    is neither a run nor a curated set.
    """
    ids = {t.id for t in tasks}
    by_text = defaultdict[str, set[str]](set)
    for t in tasks:
        if len(t.instruction.split()) >= DISTINCTIVE:
            by_text[_normal(t.instruction)].add(t.id)
    occurrences: dict[str, list[str]] = {}
    for folder in folders:
        matches: set[str] = set()
        for id, texts in _data(folder):
            matches |= {id} & ids
            matches.update(*(by_text[text] for text in map(_normal, texts) if text in by_text))
        if matches:
            occurrences[str(folder)] = sorted(matches)
    return occurrences


def _data(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Task id and possible instructions of every datum in a folder."""
    if (folder / "train.jsonl").is_file():
        for sample in CuratedSet(folder).samples("train"):
            yield sample.task, [part for m in sample.messages if m.role == "user" for part in _paragraphs(m.content)]
    elif (folder / "tasks.jsonl").is_file():
        run = Run.open(folder)
        played = {str(t.get("task")) for t in run.raw("trajectories")}
        for task in run.tasks():
            if task.id in played:
                yield task.id, [task.instruction]
    else:
        raise ConfigError(f"trained_on: {folder}: expected a curated set (train.jsonl) or a run (tasks.jsonl)")


def _paragraphs(text: str) -> Iterator[str]:
    """Every run of neighbouring paragraphs, since an instruction may have several, also without a label such as `Question:`."""
    paragraphs = text.split(_BETWEEN)
    for start in range(len(paragraphs)):
        for end in range(start + 1, min(start + LONGEST, len(paragraphs)) + 1):
            text = _BETWEEN.join(paragraphs[start:end])
            yield text
            if label := _LABEL.match(text):
                yield text[label.end() :]


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())
