"""Reads Parquet row by row, as JSON: rows that no text can hold are refused, missing numbers (NaN) become null."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.errors import ConfigError, Unreadable

_FREE, _RATIO = 64 << 20, 1000
"""What a file may always unpack to, and how many times its size beyond that."""
_BATCH, _ROWS = 256 << 20, 1000
"""Bytes and rows that are unpacked at once, at most: a dictionary may repeat one long text in every row."""
_NAMES = 10_000_000
"""Bytes of the footer's texts and entries of its lists."""


def parquet_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Place and value of each row; Unreadable in place of a bad one. It is raised where the rest cannot be read."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as e:
        raise ConfigError(f"{path}: Parquet needs pyarrow: pip install 'simenv[train]'") from e
    number = 0
    try:
        with ParquetFile(path, thrift_string_size_limit=_NAMES, thrift_container_size_limit=_NAMES) as file:
            for batch in file.iter_batches(_rows_at_once(path, file.metadata)):
                for row in _values(batch):
                    place = f"{path}: row {number}"
                    yield place, Unreadable(place, row) if isinstance(row, str) else row
                    number += 1
    except (ArrowException, OSError, ValueError, TypeError, OverflowError) as e:
        reason = " ".join(str(e).split())
        raise Unreadable(
            f"{path}: row {number}", f"no Parquet file, or a damaged one: {reason:.300}; get it again"
        ) from e


def _rows_at_once(path: Path, metadata: Any) -> int:
    """The rows to unpack at once; Unreadable for a file that says it unpacks to far more than its size."""
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    sizes = [g.column(n).total_uncompressed_size for g in groups for n in range(g.num_columns)]
    size = path.stat().st_size
    if any(s < 0 for s in sizes) or sum(sizes) > max(_FREE, _RATIO * size):
        raise Unreadable(
            str(path),
            f"it unpacks to {sum(sizes) >> 20} MB, more than {_RATIO} times its size, the most that is allowed; "
            "if you know it, write it again as JSON lines",
        )
    return max(1, min(_ROWS, _BATCH // max([1, *sizes])))


def _values(batch: Any) -> Iterator[dict[str, Any] | str]:
    """The rows of a batch as JSON; for a row with a text that is none, the reason."""
    try:
        yield from ({str(k): _json(v) for k, v in row.items()} for row in batch.to_pylist())
    except UnicodeDecodeError:
        for n in range(batch.num_rows):
            try:
                yield {str(k): _json(v) for k, v in batch.slice(n, 1).to_pylist()[0].items()}
            except UnicodeDecodeError:
                yield "a text that is no UTF-8; store it as bytes, or leave this row out"


def _json(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case list() | tuple():
            return [_json(v) for v in value]
        case dict():
            return {str(k): _json(v) for k, v in value.items()}
        case bytes():
            return base64.b64encode(value).decode()
    return str(value)
