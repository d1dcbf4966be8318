"""Data that people bring, below data/ of the workspace, and what runs and curated sets offer: found, read, taken in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from simenv import plugins
from simenv.curate.samples import samples
from simenv.data.chat_formats import recognise
from simenv.data.records import DatasetRef, records
from simenv.errors import ConfigError
from simenv.files import free_name
from simenv.plugins.viewer.run_list import line
from simenv.plugins.viewer.workspace import Workspace
from simenv.source import Rejected, TaskReader
from simenv.teach.admission import TaskFile
from simenv.types import Task

Kind = Literal["tasks", "gold", "chat"]
KINDS: tuple[Kind, ...] = ("tasks", "gold", "chat")
TYPES = ("jsonl", "json")
"""Endings of what can be uploaded: neither is packed, so no small file is a huge one."""
LARGEST = 200
"""MB of an upload."""
MOST = 2_000
"""Files that are looked at."""
FILES = (".jsonl", ".json", ".parquet", ".jsonl.gz", ".json.gz")
_LOOKED_AT = 5
"""Records that tell what a file is."""


class Datum(NamedTuple):
    """Something to learn from. `path` is inside the workspace; `what` says its form, or why it cannot be read."""

    path: str
    kind: Kind | None
    what: str
    environment: str = ""


class UploadedFile(NamedTuple):
    """An upload that was taken in: what it is, and how many of its records can be used, and how many cannot."""

    datum: Datum
    records: int
    refused: int = 0
    why: str = ""


def files(place: Workspace) -> list[Path]:
    """What lies below data/ and may be data, by name; links that lead out of it are left out."""
    root = place.data.resolve()
    found = (p for p in sorted(place.data.rglob("*")) if p.name.endswith(FILES) and not p.name.startswith("."))
    return list(islice((p for p in found if p.is_file() and p.resolve().is_relative_to(root)), MOST))


def made(place: Workspace) -> Iterator[Datum]:
    """What runs and curated sets of the workspace offer: tasks, and gold."""
    for name in place.names(place.runs, "tasks.jsonl"):
        of = line(place.runs / name).environments
        yield Datum(place.inner(place.runs / name / "tasks.jsonl"), "tasks", "tasks of a run", of)
        yield Datum(place.inner(place.runs / name), "gold", "successes of a run", of)
    for name in place.names(place.curated, "train.jsonl"):
        yield Datum(place.inner(place.curated / name), "gold", "curated set")


def datum(path: Path, shown: str) -> Datum:
    """What a file is, by its first records; a Datum without a kind says why it is none."""
    for source, name in _sources(path):
        if task := _first(source, path):
            return Datum(shown, "tasks", f"tasks, {source.name}", task.environment or name)
    try:
        first = list(islice(records(DatasetRef(path=path)), _LOOKED_AT))
        if not first:
            return Datum(shown, None, "empty")
        if "messages" in first[0].value and ("steps" in first[0].value or "source" in first[0].value):
            what = "trajectories" if "steps" in first[0].value else "samples"
            return Datum(shown, "gold", what, str(first[0].value.get("environment", "")))
        form = recognise(first[0].value, first[0].where)
        found = list(islice(samples(DatasetRef(path=path, limit=_LOOKED_AT), "gold"), _LOOKED_AT))
    except ConfigError as e:
        return Datum(shown, None, str(e).splitlines()[0].replace(str(path), Path(shown).name))
    environments = sorted({s.environment for s in found} - {"chat"})
    return Datum(shown, "gold" if environments else "chat", f"chats, {form.name}", ", ".join(environments))


def check(path: Path, shown: str) -> UploadedFile:
    """Read a whole file as what it is. ConfigError where it is nothing known, or where one of its records is broken."""
    it = datum(path, shown)
    if it.kind is None:
        raise ConfigError(it.what)
    if it.kind == "tasks":
        return _tasks(path, it)
    count = sum(1 for _ in samples(DatasetRef(path=path), "chat" if it.kind == "chat" else "gold", accept=lambda t: t))
    return UploadedFile(it, count)


def _tasks(path: Path, it: Datum) -> UploadedFile:
    source = next(s for s, _ in _sources(path) if _first(s, path))
    good, bad, why = 0, 0, ""
    for found in source.tasks(path):
        if isinstance(found, Rejected):
            bad, why = bad + 1, why or f"{found.where}: {found.reason}"
        else:
            good += 1
    if not good:
        raise ConfigError(f"none of its {bad} tasks can be used: {why}")
    return UploadedFile(it, good, bad, why.replace(str(path), it.path))


def take(place: Workspace, name: str, content: BinaryIO) -> UploadedFile:
    """Put an upload into data/ under a safe name, if it can be read; ConfigError, and nothing is left, where it cannot."""
    place.data.mkdir(parents=True, exist_ok=True)
    end = place.data / free(place.data, safe(name))
    aside = end.with_name(f".upload-{end.name}")
    try:
        with aside.open("xb") as file:
            _copy(content, file)
        try:
            taken = check(aside, place.inner(end))
        except ConfigError as e:
            raise ConfigError(f"{end.name}: {str(e).replace(str(aside), end.name)}") from e
        aside.replace(end)
        return taken
    except FileExistsError as e:
        raise ConfigError(f"{end.name}: is being taken in already") from e
    finally:
        aside.unlink(missing_ok=True)


def _copy(content: BinaryIO, file: BinaryIO) -> None:
    size = 0
    while block := content.read(1 << 20):
        size += len(block)
        if size > LARGEST * 1_000_000:
            raise ConfigError(f"expected at most {LARGEST} MB")
        file.write(block)


def safe(name: str) -> str:
    """A file's name without path, spaces and whatever else a shell or a page may trip over; ConfigError for a wrong ending."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", re.split(r"[/\\]", name)[-1]).lstrip("._-")
    stem, _, ending = plain.rpartition(".")
    if ending.lower() not in TYPES or not stem:
        raise ConfigError(f"{name[:80]!r}: expected a file that ends in .{' or .'.join(TYPES)}")
    return f"{stem[:60]}.{ending.lower()}"


def free(folder: Path, name: str) -> str:
    """The name, numbered where it is taken."""
    stem, dot, ending = name.rpartition(".")
    return free_name(stem, lambda candidate: (folder / candidate).exists(), ending=dot + ending)


def _sources(path: Path) -> Iterator[tuple[TaskReader, str]]:
    """Readers that may take a file, each with its environment."""
    for name in plugins.names("environments"):
        if TaskFile.accepts(path):
            yield TaskFile(name), name
        else:
            yield from ((s(), name) for s in plugins.environment(name).sources if s.accepts(path))


def _first(source: TaskReader, path: Path) -> Task | None:
    """A task among the first records that a source reads there, if it reads any."""
    return next((t for t in islice(source.tasks(path), _LOOKED_AT) if isinstance(t, Task)), None)
