"""A curated set: a folder with train.jsonl and, if it has a validation split, validation.jsonl, a Sample a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from simenv.documents import text_lines
from simenv.errors import ConfigError
from simenv.options import explain_validation
from simenv.types import Sample

Split = Literal["train", "validation"]
SPLITS: tuple[Split, ...] = ("train", "validation")


class CuratedSet:
    """A folder of samples, read line by line. ConfigError where there is no train.jsonl, or an empty one."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.path("train").is_file():
            raise ConfigError(f"{folder}: no curated set here; expected a folder with train.jsonl in it")
        if next(self.samples("train"), None) is None:
            raise ConfigError(f"{self.path('train')}: the set is empty; expected one sample a line")

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.folder.resolve().name

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits that hold samples."""
        return tuple(s for s in SPLITS if next(self.samples(s), None) is not None)

    def path(self, split: Split) -> Path:
        """The file of a split, whether it exists or not."""
        return self.folder / f"{split}.jsonl"

    def samples(self, split: Split) -> Iterator[Sample]:
        """The samples of a split, in their order; none where there is no such file. ConfigError names a wrong line."""
        path = self.path(split)
        if not path.is_file():
            return
        for number, line, fault in text_lines(path):
            if fault is not None:
                raise fault
            if line.strip():
                yield _read(line, f"{path}:{number}")

    def count(self, split: Split) -> int:
        """Number of lines of a split that are not empty; they are not parsed."""
        path = self.path(split)
        if not path.is_file():
            return 0
        with path.open("rb") as file:
            return sum(1 for line in file if line.strip())

    def digest(self) -> str:
        """SHA-256 (hex) of the bytes of both splits."""
        total = hashlib.sha256()
        for split in SPLITS:
            if self.path(split).is_file():
                with self.path(split).open("rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest()


def _read(line: bytes, place: str) -> Sample:
    try:
        return Sample.model_validate_json(line)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"{place}: expected a Sample")) from e
