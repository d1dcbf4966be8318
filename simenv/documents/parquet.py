"""Reads Parquet row by row, as JSON, in a process of its own. Missing numbers (NaN) become null."""

from __future__ import annotations

import base64
import json
import math
import resource
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from simenv.documents.json_text import parse
from simenv.documents.streams import bounded_lines, too_long
from simenv.errors import ConfigError, Unreadable

_FREE, _RATIO = 64 << 20, 1000
"""What a file may always unpack to, and how many times its size beyond that."""
_BATCH, _ROWS = 256 << 20, 1000
"""Bytes and rows that are unpacked at once, at most: a dictionary may repeat one long text in every row."""
_MEMORY = 8 << 30
"""Bytes of address space of the process that reads; what a forged footer hides ends there."""
_ROW, _BAD_ROW, _FAULT = b"r", b"b", b"f"
_NAMES = 10_000_000
"""Bytes of the footer's texts and entries of its lists."""


def parquet_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """Place and value of each row; Unreadable in place of a bad one. It is raised where the rest cannot be read.

    A process of its own reads the file: the library ends its process over some damaged files.
    """
    if find_spec("pyarrow") is None:
        raise ConfigError(f"{path}: Parquet needs pyarrow: pip install 'simenv[train]'")
    command = [sys.executable, "-P", "-m", __name__, str(path)]  # -P: nothing beside the data is imported
    number, fault = 0, ""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        for line, length in bounded_lines(process.stdout):
            place = f"{path}: row {number}"
            kind, content = line[:1], line[1:].rstrip()
            if length > len(line):
                yield place, Unreadable(place, too_long(length))
            elif kind == _ROW:
                yield place, _parsed(content, place)
            elif kind == _BAD_ROW:
                yield place, Unreadable(place, content.decode())
            else:
                fault = content.decode("utf-8", "replace")
                break
            number += 1
        else:
            if process.wait():
                fault = "a damaged file; get it again"
    finally:
        process.kill()
        process.wait()
    if fault:
        raise Unreadable(f"{path}: row {number}", fault)


def _parsed(line: bytes, place: str) -> Any:
    try:
        return parse(line, place)
    except Unreadable as e:
        return e


def _write(path: Path, out: BinaryIO) -> None:
    """Write the rows of a file as lines, each with its kind before it; a fault ends them."""
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path, thrift_string_size_limit=_NAMES, thrift_container_size_limit=_NAMES) as file:
            for batch in file.iter_batches(_rows_at_once(path, file.metadata)):
                for row in _values(batch):
                    kind, text = (_BAD_ROW, row) if isinstance(row, str) else (_ROW, json.dumps(row))
                    out.write(kind + text.encode() + b"\n")
    except Unreadable as e:
        out.write(_FAULT + e.reason.encode() + b"\n")
    except (ArrowException, OSError, ValueError, TypeError, OverflowError, RecursionError) as e:
        reason = " ".join(str(e).split())
        out.write(
            _FAULT + f"no Parquet file, or a damaged one: {reason:.300}; get it again\n".encode("utf-8", "replace")
        )


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


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with sys.stdout.buffer as stdout:
        _write(Path(sys.argv[1]), stdout)
