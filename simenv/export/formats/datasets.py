"""A split as a folder of Hugging Face `datasets`, written through Arrow batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from simenv.data.provenance import COLUMNS
from simenv.errors import ConfigError
from simenv.export.format import Format, Json
from simenv.export.messages import json_text, openai_call
from simenv.types import Sample

_SAMPLE = ("id", "task", "environment", "kind", "source", "origin")
_MESSAGE = ("role", "content", "author", "tool_calls", "tool_call_id", "reasoning")


class HuggingFace(Format):
    """Flat columns, calls and tools as JSON texts; `datasets.load_from_disk(folder)` reads a split."""

    def rows(self, sample: Sample) -> Iterator[Json]:
        messages = [
            {
                "role": m.role,
                "content": m.content,
                "train": m.carries_loss_throughout,
                "author": m.author,
                "tool_calls": json_text([openai_call(c) for c in m.calls]) if m.calls else None,
                "tool_call_id": m.call_id,
                "reasoning": m.thought,
            }
            for m in sample.messages
        ]
        columns = dict.fromkeys(COLUMNS, "") | sample.model_dump(include=set(_SAMPLE)) | self.provenance(sample)
        yield columns | {"messages": messages, "tools": json_text(list(sample.tools))}

    def write(self, samples: Callable[[], Iterator[Sample]], folder: Path, split: str) -> int:
        try:
            from datasets import Dataset, Features, List, Value
        except ModuleNotFoundError as e:
            raise ConfigError(f"format datasets needs the package {e.name}: pip install 'simenv[train]'") from e
        text = Value("string")
        message = dict.fromkeys(_MESSAGE, text) | {"train": Value("bool")}
        features = Features(dict.fromkeys((*COLUMNS, "tools"), text) | {"messages": List(message)})
        with tempfile.TemporaryDirectory() as cache:
            # The fingerprint is given, or datasets would make one by pickling whoever reads the samples.
            table = Dataset.from_generator(
                lambda: (row for sample in samples() for row in self.rows(sample)),
                features=features,
                cache_dir=cache,
                fingerprint=split,
            )
            table.save_to_disk(folder / split)
            return len(table)
