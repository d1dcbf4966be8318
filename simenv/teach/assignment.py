"""What one draft is to be about. Assignments depend on config and seed alone, and no two ask the same with the same seed."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence

from simenv.errors import ConfigError
from simenv.source import Rejected, json_lines
from simenv.teach.config import Level, Teaching, Topic
from simenv.types import Data

RECORD = 4000
"""Characters of a benchmark's record that a prompt shows."""
ASKING = ("instruction", "question", "description")
"""Where the records of instruction files have what is asked, in this order."""


class Given(Data):
    """A task without a world: what is asked, and all that its record says, cut to RECORD characters of JSON."""

    instruction: str
    record: str = ""


class Assignment(Data):
    """One draft to be written. `seed` goes to the model, so that equal prompts are not equal requests."""

    id: str
    environment: str
    number: int
    seed: int
    topic: Topic | None = None
    level: Level | None = None
    passage: str = ""
    given: Given | None = None


def assignments(config: Teaching, environment: str) -> Iterator[Assignment]:
    """All of one environment, in order; topics change fastest, then levels, while passages follow one another."""
    passages, givens = read_passages(config), read_givens(config.instructions)
    topics, levels = config.topics, config.levels
    for n in range(config.tasks * (len(givens) or 1)):
        yield Assignment(
            id=f"{environment}-{config.name}-{config.seed}-{n:05d}",
            environment=environment,
            number=n,
            seed=_seed(config.seed, environment, n),
            topic=topics[n % len(topics)] if topics else None,
            level=levels[n // max(len(topics), 1) % len(levels)] if levels else None,
            passage=passages[n % len(passages)] if passages else "",
            given=givens[n % len(givens)] if givens else None,
        )


def _seed(*entropy: Any) -> int:
    numbers = [e if isinstance(e, int) else zlib.crc32(str(e).encode()) for e in entropy]
    return int(SeedSequence(numbers).generate_state(1)[0]) & 0x7FFFFFFF


def read_passages(config: Teaching) -> list[str]:
    """The passages of all documents; ConfigError for one that cannot be read or holds no text."""
    found: list[str] = []
    for name in config.documents:
        try:
            with Path(name).open(encoding="utf-8", errors="replace") as file:
                text = file.read(config.passages * config.passage)
        except OSError as e:
            raise ConfigError(f"documents: {name}: {e.strerror}") from e
        mine = split(text, config.passage)
        if not mine:
            raise ConfigError(f"documents: {name} holds no text")
        found += mine
    return found[: config.passages]


def split(text: str, size: int) -> list[str]:
    """A text in passages of at most `size` characters, at paragraphs where they fit, else at sentences, else anywhere."""
    passages = [""]
    for part in re.split(r"(?<=\n)(?=\s*\n)", text):
        for piece in _pieces(part, size):
            if len(passages[-1]) + len(piece) > size:
                passages.append("")
            passages[-1] += piece
    return [p for passage in passages if (p := passage.strip())]


def _pieces(part: str, size: int) -> Iterator[str]:
    if len(part) <= size:
        yield part
        return
    for sentence in re.split(r"(?<=[.!?]\s)", part):
        yield from (sentence[i : i + size] for i in range(0, len(sentence), size))


def read_givens(path: str | None) -> list[Given]:
    """The instructions of a file; ConfigError where it cannot be read, or a line of it holds none."""
    if path is None:
        return []
    file = Path(path)
    if not file.is_file():
        raise ConfigError(f"instructions: {path} is no file")
    if file.suffix == ".jsonl":
        found = [_given(f"{path}:{number}", record) for number, record in json_lines(file)]
    else:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [Given(instruction=line.strip()) for line in lines if line.strip()]
    if not found:
        raise ConfigError(f"instructions: {path} holds none")
    return found


def _given(where: str, record: Any) -> Given:
    if isinstance(record, Rejected):
        raise ConfigError(f"instructions: {record.where}: {record.reason}")
    text = next((record[k] for k in ASKING if isinstance(record.get(k), str)), "") if isinstance(record, dict) else ""
    if not text.strip():
        raise ConfigError(f"instructions: {where}: expected a text under one of {', '.join(ASKING)}")
    return Given(instruction=text, record=json.dumps(record, ensure_ascii=False)[:RECORD])
