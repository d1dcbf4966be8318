"""The registry of data sets: what they are called, what they are about, their licences, and where they are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from simenv.documents import json_lines, yaml_file
from simenv.errors import ConfigError, Unreadable, unknown
from simenv.files import make_folder, whole_file
from simenv.options import explain_validation
from simenv.types import Data, Text

BUNDLED = Path(__file__).parent / "registry.yaml"
DOMAINS = ("medicine", "law", "finance", "science", "education", "general")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Entry(Data):
    """A data set. `split` is what training takes: the training split, or the whole where there is none. `home` is its page."""

    name: Text
    domain: Text
    task: Text
    licence: Text
    home: Text
    split: Literal["train", "all"] = "train"
    downloads: int = 0
    origin: Literal["bundled", "hub"] = "bundled"

    @property
    def initials(self) -> str:
        """The first letters of the parts of its name: `pmq` of PubMedQA, `mmcqa` …"""
        return "".join(part[0] for part in _PART.findall(self.name.rpartition("/")[2])).casefold()

    def matches(self, words: Iterable[str]) -> bool:
        """Whether each word begins a word of it, or is the beginning of its initials."""
        text = f"{self.name} {self.domain} {self.task} {self.licence}".casefold()
        parts = re.findall(r"\w+", text) + [p.casefold() for p in _PART.findall(self.name)]
        return all(
            any(part.startswith(w) for part in parts) or w in self.name.casefold() or self.initials.startswith(w)
            for w in (word.casefold() for word in words)
        )


class Registry:
    """The bundled sets, and those that `refresh` found on the Hub, which are kept in a file of the user's."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_path()

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """All sets by name, the bundled ones first."""
        bundled = [_entry(value, str(BUNDLED)) for value in yaml_file(BUNDLED)]
        return {e.name: e for e in (*self._found(), *bundled)} | {e.name: e for e in bundled}

    def _found(self) -> Iterator[Entry]:
        for number, value in json_lines(self.path) if self.path.is_file() else ():
            if isinstance(value, Unreadable):
                raise value
            yield _entry(value, f"{self.path}:{number}")

    def entry(self, name: str) -> Entry:
        """The set of a name, in any case of letters; ConfigError with the nearest one."""
        found = {n.casefold(): e for n, e in self.entries.items()}.get(name.casefold())
        if found is None:
            near = unknown("data set", name, self.entries) if len(self.entries) < 50 else f"unknown data set {name!r}"
            raise ConfigError(f"{near}; `simenv knowledge sets WORD` searches")
        return found

    def search(self, words: Iterable[str]) -> list[Entry]:
        """The sets that match all words, by domain and name."""
        wanted = list(words)
        return sorted(
            (e for e in self.entries.values() if e.matches(wanted)), key=lambda e: (e.domain, e.name.casefold())
        )

    def keep(self, entries: Iterable[Entry]) -> int:
        """Put what the Hub told in place of what it told before; how many sets there are now."""
        make_folder(self.path.parent)
        with whole_file(self.path) as file:
            for entry in sorted({e.name: e for e in entries}.values(), key=lambda e: e.name):
                file.write(entry.model_dump_json(exclude_defaults=True) + "\n")
        return len(Registry(self.path).entries)


def default_path() -> Path:
    """Where the user's sets are kept."""
    return Path(os.environ.get("SIMENV_CACHE", "~/.cache/simenv")).expanduser() / "datasets.jsonl"


def _entry(value: object, place: str) -> Entry:
    try:
        return Entry.model_validate(value)
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"{place}: expected a data set")) from e
