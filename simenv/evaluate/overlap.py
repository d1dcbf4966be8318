"""Whether an evaluation asks what an agent was trained on: by task, and by the words of the instruction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from simenv.errors import ConfigError
from simenv.runs.store import Run, lines
from simenv.types import Sample, Task

TELLING = 12
"""Words from which on an instruction stands for one task; shorter ones are asked of many worlds."""
LONGEST = 8
"""Paragraphs of an instruction that is looked for."""
SPLIT = "\n\n"
"""What stands between an instruction and the first observation in the opening of a chat."""


def overlap(tasks: list[Task], trained: list[Path]) -> dict[str, list[str]]:
    """Evaluation tasks that occur in runs or curated sets, by folder. ConfigError for a folder that is neither.

    Ids tell, and so do instructions that are long enough.
    """
    ids = {t.id for t in tasks}
    told = {_told(t.instruction): t.id for t in tasks if len(t.instruction.split()) >= TELLING}
    found: dict[str, list[str]] = {}
    for folder in trained:
        known: set[str] = set()
        for id, texts in _known(folder):
            known |= {id} & ids
            known |= {told[told_text] for text in texts if (told_text := _told(text)) in told}
        if known:
            found[str(folder)] = sorted(known)
    return found


def _known(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Task id and instruction-like texts of every datum in a folder."""
    if (folder / "train.jsonl").is_file():
        for line in lines(folder / "train.jsonl"):
            sample = Sample.model_validate_json(line)
            yield sample.task, [part for m in sample.messages if m.role == "user" for part in _parts(m.content)]
    elif (folder / "tasks.jsonl").is_file():
        run = Run.open(folder)
        used = {t["task"] for t in run.raw("trajectories")}
        for line in lines(folder / "tasks.jsonl"):
            task = json.loads(line)
            if task["id"] in used:
                yield task["id"], [task["instruction"]]
    else:
        raise ConfigError(f"trained_on: {folder}: expected a curated set (train.jsonl) or a run (tasks.jsonl)")


def _parts(text: str) -> Iterator[str]:
    """Every run of neighbouring paragraphs: an instruction may have several."""
    paragraphs = text.split(SPLIT)
    for start in range(len(paragraphs)):
        for end in range(start + 1, min(start + LONGEST, len(paragraphs)) + 1):
            yield SPLIT.join(paragraphs[start:end])


def _told(text: str) -> str:
    return " ".join(text.casefold().split())
