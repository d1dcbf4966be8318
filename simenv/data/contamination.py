"""Decontamination: samples that share a run of words with a task that models will be evaluated on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from simenv.data.records import DatasetRef, records
from simenv.errors import ConfigError
from simenv.types import Message

WORDS = 13
"""Length of the runs compared: GPT-3 (Brown et al., arXiv 2005.14165, appendix C) calls a 13-gram overlap a collision."""
_WORD = re.compile(r"\w+")
_ASKED = ("instruction", "question", "description", "query", "prompt", "problem")
"""What task files call the text of a task."""


class WordOverlap:
    """The runs of words of all evaluation tasks. A task shorter than a run counts as a whole, down to `shortest` words."""

    def __init__(self, n: int = WORDS, shortest: int = 5) -> None:
        self.n, self.shortest = n, shortest
        self._runs: set[int] = set()
        self._lengths: set[int] = set()
        self.tasks = 0

    def add(self, text: str) -> None:
        """One task. Texts of fewer than `shortest` words say too little to be recognised by."""
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


def tasks(path: Path) -> Iterator[str]:
    """The texts of the tasks of a run folder, a task file, or a text file with a task a line."""
    if path.is_dir():
        path = path / "tasks.jsonl"
    if path.suffix == ".txt" and path.is_file():
        yield from path.read_text(encoding="utf-8").splitlines()
        return
    for record in records(DatasetRef(path=path)):
        text = next((record.value[k] for k in _ASKED if isinstance(record.value.get(k), str)), None)
        if text is None:
            raise ConfigError(f"{record.where}: expected a task with one of {', '.join(_ASKED)}")
        yield text
