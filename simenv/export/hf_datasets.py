"""A split as a folder of Hugging Face `datasets`, written through Arrow batch by batch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from simenv.errors import ConfigError
from simenv.export.formats import row
from simenv.types import Sample

COLUMNS = ("id", "task", "environment", "kind", "source", "origin")
MESSAGE = ("role", "content", "author", "tool_calls", "tool_call_id")


def save(samples: Callable[[], Iterator[Sample]], folder: Path) -> int:
    """Write samples into `folder`, which `datasets.load_from_disk` reads; returns the number of rows.

    ConfigError where the package `datasets` is missing.
    """
    try:
        from datasets import Dataset, Features, List, Value
    except ModuleNotFoundError as e:
        raise ConfigError(f"format datasets needs the package {e.name}: pip install 'simenv[train]'") from e
    text = Value("string")
    message = dict.fromkeys(MESSAGE, text) | {"train": Value("bool")}
    features = Features(dict.fromkeys((*COLUMNS, "tools"), text) | {"messages": List(message)})
    with tempfile.TemporaryDirectory() as cache:
        # The fingerprint is given, or datasets would make one by pickling whoever reads the samples.
        dataset = Dataset.from_generator(
            lambda: map(row, samples()), features=features, cache_dir=cache, fingerprint=folder.name
        )
        dataset.save_to_disk(folder)
        return len(dataset)
