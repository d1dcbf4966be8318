"""Withdraws a source: out of the pool, and with it whatever was made from it in the folders of other commands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from hashlib import file_digest
from pathlib import Path
from typing import NamedTuple

from simenv.documents import yaml_file
from simenv.errors import ConfigError, unknown
from simenv.knowledge.cleaning import MANIFEST, Cleaning, refresh
from simenv.knowledge.derived import Derived, is_product
from simenv.knowledge.pool import Pool, SourceEntry
from simenv.knowledge.scrub import PersonalMap
from simenv.knowledge.traces import Traces


class Withdrawn(NamedTuple):
    """What was taken out of each file, and the models that were trained on some of it."""

    removed: dict[str, int]
    trained: tuple[str, ...]


def find(pool: Pool, name: str) -> SourceEntry:
    """The source of a name or id; ConfigError with the nearest one, or where it is withdrawn already."""
    entry = pool.sources.get(name) or next((s for s in pool.sources.values() if s.name == name), None)
    if entry is None:
        raise ConfigError(f"{pool.folder}: {unknown('source', name, [s.name for s in pool.sources.values()])}")
    if entry.withdrawn:
        raise ConfigError(f"{entry.name} was withdrawn on {entry.withdrawn[:10]}")
    return entry


def withdraw(pool: Pool, name: str, folders: Iterable[Path], reason: str = "") -> Withdrawn:
    """Withdraw a source. What was made from it is searched in `folders`.

    The pool is changed last: a withdrawal that dies half-way is done again from the start.
    """
    entry = find(pool, name)
    derived = Derived(Traces.of(pool, entry))
    cleaning = Cleaning(derived)
    paths = list(_files(pool, folders))
    for path in paths:
        if path.suffix == ".jsonl":
            derived.learn(path)
    for path in paths:
        cleaning.clean(path)
    for folder in cleaning.touched:
        if (folder / MANIFEST).is_file():
            refresh(folder / MANIFEST, cleaning.removed)
    trained = tuple(
        str(path.parent) for path in paths if path.name == "finetune.yaml" and _is_on(path, cleaning.touched)
    )
    _forget_index(pool)
    pool.withdraw(entry, reason, dict(cleaning.removed), trained)
    PersonalMap(pool.folder).forget(entry.id)
    return Withdrawn(dict(cleaning.removed), trained)


def _files(pool: Pool, folders: Iterable[Path]) -> Iterator[Path]:
    """The files that may hold what was made from a source: all but those of pools, links, and the documents themselves."""
    known = {entry.sha256 for entry in pool.sources.values()}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigError(f"folders: {folder}: no such folder")
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or _is_in_pool(path):
                continue
            if is_product(path) or _sha256(path) not in known:
                yield path


def _is_in_pool(path: Path) -> bool:
    return any((p / "sources.jsonl").is_file() and (p / "items").is_dir() for p in (path.parent, path.parent.parent))


def _is_on(settings: Path, touched: set[Path]) -> bool:
    """Whether a fine-tune's settings name a set that something was taken out of."""
    value = yaml_file(settings)
    data = value.get("data") if isinstance(value, dict) else None
    return isinstance(data, str) and Path(data).resolve() in {folder.resolve() for folder in touched}


def _forget_index(pool: Pool) -> None:
    """Remove the search index of the pool's passages as they were, which lies in the cache under their SHA-256."""
    merged = pool.merged("passages")
    if not merged.is_file():
        return
    cache = Path(os.environ.get("SIMENV_CACHE", "~/.cache/simenv")).expanduser() / "search"
    for folder in cache.glob(f"{_sha256(merged)}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
