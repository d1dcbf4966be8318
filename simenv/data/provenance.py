"""Where samples come from, for whoever audits a training set: what filters and people said of each, and its licence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from simenv.documents import text_lines, yaml_file
from simenv.errors import ConfigError, Unreadable
from simenv.record import Data, absent
from simenv.runs.store import scratch
from simenv.types import Sample

_COPY = re.compile(r"#\d+\Z")
"""What a further copy of a sample has behind its id."""
FILE = "provenance.jsonl"
"""The file of a curated set with a Judgement a line, for samples that come from its runs."""

COLUMNS = ("id", "environment", "task", "kind", "source", "origin", "licence", "verdicts", "reviewers")
"""What an export tells of every sample, as texts."""


class Judgement(Data):
    """What was said of one sample: the verdict of each filter with its reason, and the people who reviewed it."""

    sample: str
    verdicts: dict[str, str] = {}
    reviewers: tuple[str, ...] = Field(default=(), exclude_if=absent)


class Provenance:
    """The provenance of the samples of a curated set. What the set does not know of a sample is empty."""

    def __init__(self, folder: Path) -> None:
        self._licences = _licences(folder / "config.yaml")
        self._rows = scratch()
        self._rows.execute("CREATE TABLE judged (sample TEXT PRIMARY KEY, line TEXT) WITHOUT ROWID")
        for judgement in _judgements(folder / FILE):
            row = (judgement.sample, judgement.model_dump_json())
            self._rows.execute("INSERT OR REPLACE INTO judged VALUES (?, ?)", row)

    def columns(self, sample: Sample) -> dict[str, str]:
        """The provenance of a sample as columns of text."""
        id = _COPY.sub("", sample.id)
        row = self._rows.execute("SELECT line FROM judged WHERE sample IN (?, ?)", (sample.id, id)).fetchone()
        judgement = Judgement.model_validate_json(row[0]) if row else Judgement(sample=sample.id)
        return {
            "id": sample.id,
            "environment": sample.environment,
            "task": sample.task,
            "kind": sample.kind,
            "source": sample.source,
            "origin": sample.origin,
            "licence": self._licences.get(sample.origin, ""),
            "verdicts": json.dumps(judgement.verdicts, ensure_ascii=False) if judgement.verdicts else "",
            "reviewers": ", ".join(judgement.reviewers),
        }


def _judgements(path: Path) -> Iterator[Judgement]:
    """ConfigError names a line that is none."""
    for number, line, fault in text_lines(path) if path.is_file() else ():
        if fault is not None:
            raise fault
        if not line.strip():
            continue
        try:
            yield Judgement.model_validate_json(line)
        except ValidationError as e:
            raise ConfigError(f"{path}:{number}: expected sample, verdicts and reviewers, got {line[:80]!r}") from e


def _licences(path: Path) -> dict[str, str]:
    try:
        settings: Any = yaml_file(path) if path.is_file() else {}
    except Unreadable:
        return {}
    licences = settings.get("licences") if isinstance(settings, dict) else None
    return {str(k): str(v) for k, v in licences.items()} if isinstance(licences, dict) else {}
