"""The base of export formats: each is a module with one Format in it, found by name."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from simenv.types import Sample

Json = dict[str, Any]


class Format(ABC):
    """A form in which trainers read samples. Stateless: one instance serves both splits.

    A form that marks whole messages leaves out of the loss a turn that was acted on in part; one that has no marks, or whose
    turns are whole texts of loss, writes the part.
    """

    @abstractmethod
    def rows(self, sample: Sample) -> Iterator[Json]:
        """The rows of one sample as JSON: none leaves it out, several make several lines."""

    def write(self, samples: Callable[[], Iterator[Sample]], folder: Path, split: str) -> int:
        """Write a split (train, validation) into a folder, by default as SPLIT.jsonl; returns the number of rows.

        `samples` opens the split from its beginning. ConfigError if a package that the format needs is missing.
        """
        count = 0
        with (folder / f"{split}.jsonl").open("w", encoding="utf-8", errors="backslashreplace") as file:
            for sample in samples():
                for row in self.rows(sample):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    count += 1
        return count
