"""The records of a file by its ending: JSON lines, JSON (one record or an array), Parquet, the first two also with .gz."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents.json_text import parse
from simenv.documents.parquet import parquet_rows
from simenv.documents.streams import LONGEST, json_lines, opened_text
from simenv.errors import Unreadable

_CHUNK = 1 << 20


class Row(NamedTuple):
    """One record and where it begins, `gold.json:12` or `chat.parquet: row 7`; Unreadable in place of a bad value."""

    where: str
    value: Any | Unreadable


def rows(path: Path) -> Iterator[Row]:
    """The records of a file in their order. Where the rest of it cannot be read, the last one says so."""
    name = path.name.removesuffix(".gz")
    reader = next((r for ending, r in _READERS.items() if name.endswith(ending)), _json_rows)
    try:
        yield from (Row(*row) for row in reader(path))
    except Unreadable as e:
        yield Row(e.place, e)


def _line_rows(path: Path) -> Iterator[tuple[str, Any]]:
    return ((f"{path}:{number}", value) for number, value in json_lines(path))


def _json_rows(path: Path) -> Iterator[tuple[str, Any]]:
    """The values of an array, parsed piece by piece; values one after the other, and a single one, work too."""
    decoder, text, line, array = json.JSONDecoder(), "", 1, None
    with opened_text(path) as file:
        while True:
            more = file.read(_CHUNK + len(text))
            text += more
            while True:
                rest = text.lstrip(" \t\r\n,") if array is not False else text.lstrip(" \t\r\n")
                line += text.count("\n", 0, len(text) - len(rest))
                text = rest
                if array is None and text.startswith("["):
                    array, text = True, text[1:]
                    continue
                if not text or text.startswith("]"):
                    break
                array, place = bool(array), f"{path}:{line}"
                try:
                    end = decoder.raw_decode(text)[1]
                except (ValueError, RecursionError):
                    if more and len(text) < LONGEST:
                        break  # perhaps it goes on
                    parse(text[:LONGEST].encode("utf-8", "surrogateescape"), place)  # which says what is wrong
                    return
                yield place, _value(text[:end], place)
                line, text = line + text.count("\n", 0, end), text[end:]
            if not more:
                if array and not text.startswith("]"):
                    raise Unreadable(f"{path}:{line}", "the array does not end; expected `]`")
                return


def _value(text: str, place: str) -> Any | Unreadable:
    try:
        return parse(text.encode("utf-8", "surrogateescape"), place)
    except Unreadable as e:
        return e


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, Any]]]] = {".jsonl": _line_rows, ".parquet": parquet_rows}
