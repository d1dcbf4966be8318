"""The base of export formats: each is a module with one Format in it, found by name."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from simenv.models.spelling import Spelling
from simenv.types import Sample

Json = dict[str, Any]


class Format(ABC):
    """A form in which trainers read samples. One instance serves both splits.

    A form that marks whole messages leaves out of the loss a turn that was acted on in part; one that has no marks, or whose
    turns are whole texts of loss, writes the part.
    """

    spelling: Spelling = Spelling()
    """how the base model's chat template wants messages; the usual way where no model is named"""
    provenance: Callable[[Sample], dict[str, str]] = staticmethod(lambda sample: {})
    """where a sample comes from, as columns of text"""
    closed: ClassVar[bool] = False
    """whether rows may hold nothing but the form's own keys: the provenance is in a file beside them then, row by row"""

    @abstractmethod
    def rows(self, sample: Sample) -> Iterator[Json]:
        """The rows of one sample as JSON: none leaves it out, several make several lines."""

    def write(self, samples: Callable[[], Iterator[Sample]], folder: Path, split: str) -> int:
        """Write a split (train, validation) into a folder, by default as SPLIT.jsonl; returns the number of rows.

        `samples` opens the split from its beginning. ConfigError if a package that the format needs is missing.
        """
        count = 0
        with ExitStack() as files:
            file = files.enter_context(_lines(folder / f"{split}.jsonl"))
            beside = files.enter_context(_lines(folder / f"{split}.provenance.jsonl")) if self.closed else None
            for sample in samples():
                columns = self.provenance(sample)
                for row in self.rows(sample):
                    count += 1
                    file.write(json.dumps(row if self.closed else columns | row, ensure_ascii=False) + "\n")
                    if beside:
                        beside.write(json.dumps({"row": count} | columns, ensure_ascii=False) + "\n")
        return count


def _lines(path: Path) -> Any:
    return path.open("w", encoding="utf-8", errors="backslashreplace")
