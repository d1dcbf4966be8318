"""The data of a workspace to learn from: lists files that people bring, runs and curated sets; identifies and takes uploads."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, TypeVar

from simenv import plugins
from simenv.curate.samples import samples
from simenv.data.chat_formats import recognise
from simenv.data.made_from import is_evaluation
from simenv.data.records import DatasetRef, records
from simenv.errors import ConfigError
from simenv.files import free_name
from simenv.plugins.viewer.content.run_list import summary
from simenv.plugins.viewer.workspace import Workspace
from simenv.source import Rejected, TaskFile, TaskReader
from simenv.types import Task

T = TypeVar("T")
Kind = Literal["tasks", "gold", "chat"]
KINDS: tuple[Kind, ...] = ("tasks", "gold", "chat")
UPLOAD_TYPES = ("jsonl", "json")
"""Endings of files that can be uploaded. Compressed files are not, so a small upload cannot unpack into a huge file."""
MAX_UPLOAD = 200
"""MB of an upload."""
MAX_FILES = 2_000
"""Files below data/ that are listed at most."""
DATA_ENDINGS = (".jsonl", ".json", ".parquet", ".jsonl.gz", ".json.gz")
_HEAD = 5
"""Records at the beginning of a file by which it is identified."""


class DataItem(NamedTuple):
    """Something to learn from. `path` is inside the workspace; `form` is its format or origin, or, where `kind` is None, why it
    cannot be used."""

    path: str
    kind: Kind | None
    form: str
    environment: str = ""


class UploadedFile(NamedTuple):
    """A file that was read whole: how many of its records can be used, how many are rejected, and the first reason for it."""

    item: DataItem
    records: int
    rejected: int = 0
    reason: str = ""


def brought_files(workspace: Workspace) -> list[Path]:
    """Files below data/ whose ending is one of data, by path; links that lead out of it are left out."""
    root = workspace.data.resolve()
    paths = (
        p for p in sorted(workspace.data.rglob("*")) if p.name.endswith(DATA_ENDINGS) and not p.name.startswith(".")
    )
    return list(islice((p for p in paths if p.is_file() and p.resolve().is_relative_to(root)), MAX_FILES))


def workspace_data(workspace: Workspace) -> Iterator[DataItem]:
    """What the workspace's runs and curated sets offer to learn from: tasks, and gold."""
    for name in workspace.names(workspace.runs, "tasks.jsonl"):
        environments = summary(workspace.runs / name).environments
        yield DataItem(
            workspace.relative(workspace.runs / name / "tasks.jsonl"), "tasks", "tasks of a run", environments
        )
        if not is_evaluation(workspace.runs / name):
            yield DataItem(workspace.relative(workspace.runs / name), "gold", "successes of a run", environments)
    for name in workspace.names(workspace.curated, "train.jsonl"):
        yield DataItem(workspace.relative(workspace.curated / name), "gold", "curated set")


def identify(path: Path, display_path: str) -> DataItem:
    """Identify a file by its first records; `display_path` is how it is named in the result.

    A file that cannot be used gives an item without a kind, whose form is the reason.
    """
    for source, environment in _sources(path):
        if task := _first(source, path):
            return DataItem(display_path, "tasks", f"tasks, {source.name}", task.environment or environment)
    try:
        first = list(islice(records(DatasetRef(path=path)), _HEAD))
        if not first:
            return DataItem(display_path, None, "empty")
        if "messages" in first[0].value and ("steps" in first[0].value or "source" in first[0].value):
            form = "trajectories" if "steps" in first[0].value else "samples"
            return DataItem(display_path, "gold", form, str(first[0].value.get("environment", "")))
        chat_format = recognise(first[0].value, first[0].where)
        chats = list(islice(samples(DatasetRef(path=path, limit=_HEAD), "gold"), _HEAD))
    except ConfigError as e:
        return DataItem(display_path, None, str(e).splitlines()[0].replace(str(path), Path(display_path).name))
    environments = sorted({s.environment for s in chats} - {"chat"})
    return DataItem(
        display_path, "gold" if environments else "chat", f"chats, {chat_format.name}", ", ".join(environments)
    )


def check_file(path: Path, display_path: str) -> UploadedFile:
    """Identify a file and read all of it. ConfigError where it cannot be identified, none of its tasks can be used, or a record
    of another kind is broken."""
    item = identify(path, display_path)
    if item.kind is None:
        raise ConfigError(item.form)
    if item.kind == "tasks":
        return _tasks(path, item)
    count = sum(
        1 for _ in samples(DatasetRef(path=path), "chat" if item.kind == "chat" else "gold", accept=lambda t: t)
    )
    return UploadedFile(item, count)


def _tasks(path: Path, item: DataItem) -> UploadedFile:
    source = next(s for s, _ in _sources(path) if _first(s, path))
    good, bad, reason = 0, 0, ""
    for task in source.tasks(path):
        if isinstance(task, Rejected):
            bad, reason = bad + 1, reason or f"{task.where}: {task.reason}"
        else:
            good += 1
    if not good:
        raise ConfigError(f"none of its {bad} tasks can be used: {reason}")
    return UploadedFile(item, good, bad, reason.replace(str(path), item.path))


def take_upload(workspace: Workspace, name: str, content: BinaryIO) -> UploadedFile:
    """Put an upload into data/ under a safe and free name, if check_file accepts it.

    ConfigError where it does not, or where there are more than MAX_UPLOAD MB; then no file is left behind.
    """
    return take(workspace.data, safe_name(name), content, lambda path, to: check_file(path, workspace.relative(to)))


def take(folder: Path, name: str, content: BinaryIO, check: Callable[[Path, Path], T]) -> T:
    """Put a file into a folder under this name, or a free one like it, if `check` accepts it; what `check` returns.

    `check` gets the file where it lies and where it will lie. ConfigError where it refuses, or for more than MAX_UPLOAD MB;
    then no file is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / _free_file_name(folder, name)
    partial = target.with_name(f".upload-{target.name}")
    try:
        with partial.open("xb") as file:
            _copy(content, file)
        try:
            found = check(partial, target)
        except ConfigError as e:
            raise ConfigError(f"{target.name}: {str(e).replace(str(partial), target.name)}") from e
        partial.replace(target)
        return found
    except FileExistsError as e:
        raise ConfigError(f"{target.name}: is being taken in already") from e
    finally:
        partial.unlink(missing_ok=True)


def _copy(content: BinaryIO, file: BinaryIO) -> None:
    size = 0
    while block := content.read(1 << 20):
        size += len(block)
        if size > MAX_UPLOAD * 1_000_000:
            raise ConfigError(f"expected at most {MAX_UPLOAD} MB")
        file.write(block)


def safe_name(name: str, endings: Collection[str] = UPLOAD_TYPES) -> str:
    """A file's name without folders, with `_` for all but letters, digits, dots and dashes. ConfigError for a wrong ending."""
    plain = re.sub(r"[^\w.-]+", "_", re.split(r"[/\\]", name)[-1]).lstrip("._-")
    stem, _, ending = plain.rpartition(".")
    if ending.lower() not in endings or not stem:
        raise ConfigError(f"{name[:80]!r}: expected a file that ends in .{' or .'.join(endings)}")
    return f"{stem[:60]}.{ending.lower()}"


def _free_file_name(folder: Path, name: str) -> str:
    """The name, numbered from 2 where a file of the folder has it."""
    stem, dot, ending = name.rpartition(".")
    return free_name(stem, lambda candidate: (folder / candidate).exists(), ending=dot + ending)


def _sources(path: Path) -> Iterator[tuple[TaskReader, str]]:
    """Readers that accept a file, each with its environment."""
    for name in plugins.names("environments"):
        if TaskFile.accepts(path):
            yield TaskFile(name), name
        else:
            yield from ((s(), name) for s in _readers(name) if s.accepts(path))


def _readers(environment: str) -> tuple[type[TaskReader], ...]:
    """The readers that an environment brings; none where its folder is broken, so that files of the others are taken."""
    try:
        return plugins.environment(environment).sources
    except ConfigError:
        return ()


def _first(source: TaskReader, path: Path) -> Task | None:
    """The first task among the first records of a file; None where this reader finds none there."""
    return next((t for t in islice(source.tasks(path), _HEAD) if isinstance(t, Task)), None)
