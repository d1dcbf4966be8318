"""The pools of a workspace: what each holds, and its passages, records and topics page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from simenv.errors import ConfigError, unknown
from simenv.knowledge.passage import Passage
from simenv.knowledge.pool import Fault, Kind, Pool
from simenv.knowledge.records import Record
from simenv.knowledge.topics import Topic
from simenv.plugins.viewer.workspace import Workspace
from simenv.types import Data

MARKER = "sources.jsonl"
KINDS: tuple[Kind, ...] = ("passages", "records", "topics")
PAGE = 10
"""Items of one page."""
MOST_FAULTS = 100
"""Faults that are shown."""


class Item(NamedTuple):
    """One item of a pool, to be looked at: a short name, its text, and where it comes from."""

    title: str
    text: str
    origin: str


class Found(NamedTuple):
    """One page of the items that hold some words, and how many there are in all."""

    items: tuple[Item, ...]
    total: int


def names(workspace: Workspace) -> list[str]:
    """The pools of a workspace, the newest first."""
    return workspace.names(workspace.pools, MARKER)


def opened(workspace: Workspace, name: str) -> Pool:
    """A pool by its name; ConfigError where there is none."""
    if name not in names(workspace):
        raise ConfigError(f"pools: {unknown('pool', name, names(workspace))}")
    return Pool(workspace.pools / name)


def counts(pool: Pool) -> dict[Kind, int]:
    """How many items of each kind a pool holds, doubles counted once; kinds of which there are none are left out."""
    found = {kind: _lines(pool.merged(kind)) for kind in KINDS}
    return {kind: count for kind, count in found.items() if count}


def find(pool: Pool, kind: Kind, words: str, page: int) -> Found:
    """A page, from 1 on, of the items in which every one of the words occurs."""
    wanted = words.casefold().split()
    shown, total = [], 0
    for item in map(_item, _items(pool, kind)):
        text = f"{item.title} {item.text} {item.origin}".casefold()
        if all(word in text for word in wanted):
            total += 1
            if (page - 1) * PAGE < total <= page * PAGE:
                shown.append(item)
    return Found(tuple(shown), total)


def faults(pool: Pool) -> list[Fault]:
    """What could not be read when the pool was made, at most MOST_FAULTS."""
    return list(islice(pool.faults, MOST_FAULTS))


def _items(pool: Pool, kind: Kind) -> Iterator[Data]:
    yield from {"passages": pool.passages, "records": pool.records, "topics": pool.topics}[kind]


def _item(item: Data) -> Item:
    if isinstance(item, Passage):
        s = item.source
        page = f", page {s.page}" if s.page is not None else ""
        return Item(item.title, item.text, f"{s.file}{page}, characters {s.start:,} to {s.end:,}")
    if isinstance(item, Record):
        options = "\n".join(f"– {option}" for option in item.options)
        parts = [item.question, options, f"Answer: {item.answer}", item.explanation, item.context]
        return Item(item.question, "\n\n".join(p for p in parts if p), f"{item.source.file}, record {item.row:,}")
    if isinstance(item, Topic):
        return Item(item.text, item.text, f"{item.kind}, {item.origin}")
    raise TypeError(f"expected an item of a pool, got a {type(item).__name__}")


def _lines(path: Path) -> int:
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


_SAFE = re.compile(r"[^\w.-]+")


def short_name(pool: str, word: str) -> str:
    """A name for what is made of a pool, such as `ward-questions`."""
    return f"{_SAFE.sub('-', pool)[:40]}-{word}"
