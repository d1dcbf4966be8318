"""The documents and data sets of questions that people bring for pools of knowledge: takes uploads, reads and counts them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from simenv.errors import ConfigError, Unreadable
from simenv.knowledge.passage import passages
from simenv.knowledge.readers import FORMATS
from simenv.knowledge.records import records
from simenv.plugins.viewer.content.data_files import MAX_FILES, safe_name, take
from simenv.plugins.viewer.workspace import Workspace

SET_TYPES = ("json", "jsonl", "parquet")
"""Endings of files that may be a data set: records with a question and an answer. Others are documents."""
TYPES = tuple(dict.fromkeys([*(ending.removeprefix(".") for ending in FORMATS), *SET_TYPES]))
"""Endings of files that can be uploaded."""
PASSAGE = 1200
"""Characters of a passage by which a document is counted; a pool may cut it otherwise."""


class Brought(NamedTuple):
    """A file that was read whole. `path` is inside the workspace; `items` counts its passages, or the records of a set;
    `rejected` counts the records that cannot be used, and `reason` says why the first cannot."""

    path: str
    kind: Literal["document", "set"]
    items: int
    rejected: int = 0
    reason: str = ""


def files(workspace: Workspace) -> list[str]:
    """The files of the folder `documents` that may be read, by path inside the workspace; links that lead out are left out."""
    root = workspace.documents.resolve()
    paths = (p for p in sorted(workspace.documents.rglob("*")) if p.suffix.lower().removeprefix(".") in TYPES)
    inside = (p for p in paths if p.is_file() and not p.name.startswith(".") and p.resolve().is_relative_to(root))
    return [workspace.relative(p) for p in islice(inside, MAX_FILES)]


def upload(workspace: Workspace, name: str, content: BinaryIO) -> Brought:
    """Put an upload into the folder `documents`, if it can be read. ConfigError says in words why it cannot be."""
    return take(
        workspace.documents, safe_name(name, TYPES), content, lambda path, to: check(path, workspace.relative(to))
    )


def check(path: Path, display_path: str) -> Brought:
    """Read a file whole; ConfigError where it holds nothing that could go into a pool."""
    if path.suffix.lower().removeprefix(".") in SET_TYPES:
        good, bad, reason = _counted(path)
        if good or path.suffix.lower() == ".parquet":
            if not good:
                raise ConfigError(reason or "it holds no records")
            return Brought(display_path, "set", good, bad, reason.replace(str(path), display_path))
    return Brought(display_path, "document", sum(1 for _ in _passages(path)))


def _passages(path: Path) -> Iterator[object]:
    try:
        yield from passages(path, path.name, "0" * 64, PASSAGE)
    except Unreadable as e:
        raise ConfigError(e.reason) from e


def _counted(path: Path) -> tuple[int, int, str]:
    """How many records of a file can be used and how many cannot, and why the first cannot."""
    good, bad, reason = 0, 0, ""
    try:
        for record in records(path, path.name, ""):
            if isinstance(record, Unreadable):
                bad, reason = bad + 1, reason or str(record)
            else:
                good += 1
    except Unreadable as e:
        return 0, bad, reason or e.reason
    return good, bad, reason
