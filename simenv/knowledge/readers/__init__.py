"""Reads documents into blocks of text: one module for each format."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from simenv.errors import ConfigError, Unreadable
from simenv.knowledge.readers.block import Block
from simenv.knowledge.readers.isolated import isolated

__all__ = ["FORMATS", "Block", "blocks"]


class _Format(NamedTuple):
    """The module that reads a format, and the package that it needs. One with a package runs in a process of its own."""

    module: str
    package: str = ""


FORMATS = {
    ".txt": _Format("text"),
    ".md": _Format("markdown"),
    ".markdown": _Format("markdown"),
    ".html": _Format("html"),
    ".htm": _Format("html"),
    ".csv": _Format("delimited"),
    ".tsv": _Format("delimited"),
    ".json": _Format("records"),
    ".jsonl": _Format("records"),
    ".pdf": _Format("pdf", "pypdf"),
    ".docx": _Format("docx", "docx"),
    ".pptx": _Format("pptx", "pptx"),
    ".xlsx": _Format("xlsx", "openpyxl"),
}
"""By the ending of a file's name."""


def blocks(path: Path) -> Iterator[Block]:
    """The blocks of a document that hold text.

    Unreadable for one that is damaged, too large, encrypted or of a format that is not known; ConfigError where the package
    that reads it is missing.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise Unreadable(str(path), f"{path.suffix or 'no ending'} is not read; expected one of {', '.join(FORMATS)}")
    module = f"{__name__}.{form.module}"
    if form.package and find_spec(form.package) is None:
        raise ConfigError(f"{path}: {path.suffix} needs {form.package}: pip install 'simenv[knowledge]'")
    found = isolated(module, path) if form.package else import_module(module).blocks(path)
    yield from (block for block in found if block.text.strip())
