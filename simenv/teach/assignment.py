"""Assignments: the subject of each draft. They depend on config and seed alone, and no two are equal requests to a model."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence

from simenv.documents import opened_text, text_lines
from simenv.documents.spans import passages as split
from simenv.errors import ConfigError, Unreadable
from simenv.source import Rejected, json_lines
from simenv.teach.config import Level, Teaching, Topic
from simenv.types import Data, InstalledName

MAX_RECORD = 4000
"""Most characters of a benchmark's record in a prompt."""
INSTRUCTION_KEYS = ("instruction", "question", "description")
"""Keys of an instruction in the records of instruction files; the first one present counts."""


class InstructionRecord(Data):
    """An instruction that needs a world. `record` is its whole record as JSON, cut to MAX_RECORD characters."""

    instruction: str
    record: str = ""


class Assignment(Data):
    """One draft to write. `seed` goes to the model, so that equal prompts are different requests."""

    id: str
    environment: InstalledName
    number: int
    seed: int
    topic: Topic | None = None
    level: Level | None = None
    passage: str = ""
    source: InstructionRecord | None = None
    """the instruction that the draft must keep"""


def make_assignments(config: Teaching, environment: str) -> Iterator[Assignment]:
    """All assignments of one environment in order. Topics change fastest, then levels; passages change with every one."""
    passages, sources = read_passages(config), read_instructions(config.instructions)
    topics, levels = config.topics, config.levels
    for n in range(config.tasks * (len(sources) or 1)):
        yield Assignment(
            id=f"{environment}-{config.name}-{config.seed}-{n:05d}",
            environment=environment,
            number=n,
            seed=_seed(config.seed, environment, n),
            topic=topics[n % len(topics)] if topics else None,
            level=levels[n // max(len(topics), 1) % len(levels)] if levels else None,
            passage=passages[n % len(passages)] if passages else "",
            source=sources[n % len(sources)] if sources else None,
        )


def _seed(*entropy: Any) -> int:
    numbers = [e if isinstance(e, int) else zlib.crc32(str(e).encode()) for e in entropy]
    return int(SeedSequence(numbers).generate_state(1)[0]) & 0x7FFFFFFF


def read_passages(config: Teaching) -> list[str]:
    """The passages of all documents; ConfigError for a document that cannot be read or has no text."""
    passages: list[str] = []
    for name in config.documents:
        try:
            with opened_text(Path(name)) as file:
                text = file.read(config.passages * config.passage).encode("utf-8", "replace").decode()
        except Unreadable as e:
            raise ConfigError(f"documents: {e}") from e
        parts = split(text, config.passage)
        if not parts:
            raise ConfigError(f"documents: {name} holds no text")
        passages += parts
    return passages[: config.passages]


def read_instructions(path: str | None) -> list[InstructionRecord]:
    """The instructions of a .txt or .jsonl file; ConfigError if it has none, or a record without one."""
    if path is None:
        return []
    file = Path(path)
    if not file.is_file():
        raise ConfigError(f"instructions: {path} is no file")
    if file.suffix == ".jsonl":
        records = [_instruction_record(f"{path}:{number}", record) for number, record in json_lines(file)]
    else:
        lines = (line.data.decode("utf-8", "replace").strip() for line in text_lines(file))
        records = [InstructionRecord(instruction=line) for line in lines if line]
    if not records:
        raise ConfigError(f"instructions: {path} holds none")
    return records


def _instruction_record(position: str, record: Any) -> InstructionRecord:
    if isinstance(record, Rejected):
        raise ConfigError(f"instructions: {record.where}: {record.reason}")
    text = (
        next((record[k] for k in INSTRUCTION_KEYS if isinstance(record.get(k), str)), "")
        if isinstance(record, dict)
        else ""
    )
    if not text.strip():
        raise ConfigError(f"instructions: {position}: expected a text under one of {', '.join(INSTRUCTION_KEYS)}")
    return InstructionRecord(instruction=text, record=json.dumps(record, ensure_ascii=False)[:MAX_RECORD])
