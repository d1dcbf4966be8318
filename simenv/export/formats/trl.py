"""Rows of TRL's conversational prompt and completion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from simenv.data.dataset import SPLITS
from simenv.data.provenance import COLUMNS
from simenv.export.dataset_card import card
from simenv.export.format import Format, Json
from simenv.export.messages import json_text
from simenv.types import Sample


class TRL(Format):
    """One row for each trained turn. TRL trains whole completions, so in this form a masked turn stays masked.

    Arguments of calls are objects, or what else the base model's chat template wants. `load_dataset(FOLDER)` reads them by the
    types that README.md declares; without it, Arrow would merge the arguments of all calls of a file, and fail on calls that
    begin late. A turn that was cut off has no row: TRL would train an end of the turn that is not there.
    """

    def rows(self, sample: Sample) -> Iterator[Json]:
        for place, m in enumerate(sample.messages):
            if m.carries_loss and not m.finish:
                rows = self.spelling.rows([*sample.messages[:place], m.acted_part])
                yield {"prompt": rows[:-1], "completion": rows[-1:], "tools": json_text(list(sample.tools))}

    def write(self, samples: Callable[[], Iterator[Sample]], folder: Path, split: str) -> int:
        count = super().write(samples, folder, split)
        splits = [name for name in SPLITS if (folder / f"{name}.jsonl").is_file()]
        about = card(("prompt", "completion"), [*COLUMNS, "tools"], splits)
        (folder / "README.md").write_text(about, encoding="utf-8")
        return count
