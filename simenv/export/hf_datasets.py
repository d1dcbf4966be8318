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
    """Write; `datasets.load_from_disk(folder)` reads it. Returns the number of rows."""
    try:
        from datasets import Dataset, Features, List, Value
    except ModuleNotFoundError as e:
        raise ConfigError(f"format datasets needs the package {e.name}: pip install 'simenv[train]'") from e
    text = Value("string")
    message = dict.fromkeys(MESSAGE, text) | {"train": Value("bool")}
    features = Features(dict.fromkeys((*COLUMNS, "tools"), text) | {"messages": List(message)})
    with tempfile.TemporaryDirectory() as cache:
        # The fingerprint is given, or datasets would make one by pickling whoever reads the samples.
        made = Dataset.from_generator(
            lambda: map(row, samples()), features=features, cache_dir=cache, fingerprint=folder.name
        )
        made.save_to_disk(folder)
        return len(made)
