"""The run folder, the only place where stages meet: append-only JSON lines, one writer a part, one reader for all of them.

runs/<id>/config.yaml, tasks.jsonl (admitted) and rejected.jsonl, trajectories/part-*.jsonl, errors/part-*.jsonl (episodes
that failed through no fault of the agent; a resumed run tries them again), report.json.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TextIO, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from simenv import documents, files
from simenv.config import yaml_file
from simenv.errors import ConfigError, StoreError
from simenv.options import explain_validation
from simenv.runs import migrate
from simenv.runs.writer import Writer
from simenv.trust import ForeignText, foreign
from simenv.types import VERSION, Task, Trajectory

M = TypeVar("M", bound=BaseModel)
PLACES = 10
"""Bad lines whose places are kept."""
_PRESENT = re.compile(rb'\{\s*"version":\s*"%s"' % VERSION.encode())
"""The beginning of the line of a trajectory of the present version."""


def scratch() -> sqlite3.Connection:
    """A database for what a long pass must remember and memory must not hold: a nameless file, gone with the process.

    It lies in SQLite's temporary folder (SQLITE_TMPDIR, TMPDIR, /var/tmp …); memory holds 64 MB of it.
    """
    database = sqlite3.connect("", isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-65536"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("BEGIN")  # never to be committed: each commit would go through all pages that are in memory
    return database


class Line(NamedTuple):
    """One line of a part: its number from 1, the byte at which it begins, its bytes with the newline, and their number.

    Of one that is too long to be read only the beginning is there.
    """

    part: Path
    number: int
    offset: int
    data: bytes
    length: int

    @property
    def fault(self) -> str:
        """Why its bytes cannot be read, though it is whole; '' where they can."""
        return documents.too_long(self.length) if self.length > len(self.data) else ""

    @property
    def whole(self) -> bool:
        """Whether it ends in a newline; a line without one was torn by the end of its writer."""
        return self.data.endswith(b"\n") or self.length > len(self.data)

    @property
    def place(self) -> str:
        """FILE:NUMBER, for people."""
        return f"{self.part}:{self.number}"


class BadLines:
    """What a reader passed over: counts of `torn` and `foreign` lines, and the places of the first foreign ones."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.places: list[str] = []
        self.first = ""
        """what is wrong with the first foreign line"""

    def add(self, line: Line, fault: str = "") -> None:
        """Count a line, with what is wrong with it; one without its newline is torn, any other foreign."""
        self.first = self.first or (fault if line.whole else "")
        self.counts["foreign" if line.whole else "torn"] += 1
        if line.whole and len(self.places) < PLACES:
            self.places.append(line.place)


OnBad = Literal["skip", "raise"] | BadLines
"""What a reader does at a line that is no item: skip it, raise StoreError, or count it and go on. A torn last line, which a
killed process leaves, is no reason to raise."""


def part_lines(part: Path, start: int = 0) -> Generator[Line]:
    """The lines of a part from a byte offset, the torn one at its end too; numbers count from there."""
    offset = start
    with part.open("rb") as file:
        file.seek(start)
        for number, (data, length) in enumerate(documents.bounded_lines(file), 1):
            yield Line(part, number, offset, data, length)
            offset += length


def lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a JSONL file; a last line without its newline is torn and dropped."""
    return (line.data for line in part_lines(path) if line.whole)


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a JSONL file, in the order of writing; foreign lines are skipped. None where there is no file."""
    for line in lines(path) if path.is_file() else ():
        if (item := json_object(line)) is not None:
            yield item


def json_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object of a line, a trajectory's in the present version of the format; None for a line that holds none."""
    try:
        item = from_json(data, allow_inf_nan=False)
    except ValueError:
        return None
    return migrate.trajectory(item) if isinstance(item, dict) else None


def item(data: bytes, shape: type[M]) -> M:
    """The item of a line, a trajectory's in the present version of the format; ValidationError for a line that is none."""
    if not issubclass(shape, Trajectory) or _PRESENT.match(data):
        return shape.model_validate_json(data)
    old = json_object(data)
    return shape.model_validate_json(data) if old is None else shape.model_validate(old)


def trajectory_at(part: Path, offset: int, id: str = "") -> Trajectory:
    """The trajectory whose line begins at a byte of a part; StoreError, which names `id`, where there is none."""
    try:
        return item(next(part_lines(part, offset)).data, Trajectory)
    except (OSError, ValueError, StopIteration) as e:
        raise StoreError(f"{part}: no trajectory {id} at byte {offset}: {e}") from e


class Run:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: BinaryIO | None = None

    @classmethod
    def open(cls, folder: Path, config: str = "config.yaml") -> Run:
        """An existing run; ConfigError names what is missing."""
        if not (folder / config).is_file():
            raise ConfigError(f"{folder}: no run here; expected a folder with {config} in it")
        return cls(folder)

    @classmethod
    def create(cls, runs: Path, name: str, config: str, file: str = "config.yaml") -> Run:
        """A new folder below `runs`, numbered where the name is taken, with its config written."""
        try:
            run = cls(files.new_folder(runs, name))
        except OSError as e:
            raise StoreError(f"{runs}: cannot make a run folder: {e.strerror}") from e
        run.write(file, config)
        return run

    def config(self, trust: Collection[str] = ()) -> dict[str, Any]:
        """What config.yaml holds, with the present names of options; ConfigError where it cannot be read.

        Its texts are foreign but for those in `trust`, so an option that would act on one refuses it. Task files that were read
        already stand as the folder's own tasks.jsonl.
        """
        path = self.folder / "config.yaml"
        config = foreign(migrate.config(yaml_file(path)), path, trust)
        sources = config.get("environments")
        if isinstance(sources, dict) and files.has_content(tasks := self.folder / "tasks.jsonl"):
            for environment in sources.values():
                if isinstance(environment, dict) and environment.get("source") is not None:
                    environment["source"] = ForeignText(str(tasks), path)
        return config

    def lock(self, tries: int = 10) -> None:
        """Keep other processes from writing to this run until this one ends; StoreError if one does already.

        It tries for 0.2 seconds, since `busy` holds the lock for a moment.
        """
        try:
            self._lock = files.own_file(self.folder / ".lock")
        except OSError as e:
            raise StoreError(
                f"{self.folder}: cannot be written to: {e.strerror}; expected a folder of one's own"
            ) from e
        while not files.lock(self._lock, wait=False):
            tries -= 1
            if not tries:
                raise StoreError(f"{self.folder}: another process is writing to this run")
            time.sleep(0.02)

    @contextmanager
    def locked(self) -> Iterator[Run]:
        """The run, locked for the length of the block."""
        self.lock()
        try:
            yield self
        finally:
            self.unlock()

    def busy(self) -> bool:
        """Whether a process is writing to this run now."""
        probe = Run(self.folder)
        try:
            probe.lock(tries=1)
        except (StoreError, OSError):
            return True
        probe.unlock()
        return False

    def unlock(self) -> None:
        """Let others write. Idempotent."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def writer(self, kind: str) -> Writer:
        """A writer of a new part of trajectories, errors …"""
        return Writer(self.folder / kind)

    def aside(self, name: str) -> AbstractContextManager[TextIO]:
        """A file that is in its place, whole and durable, only if the block ends well."""
        return files.whole_file(self.folder / name)

    def write(self, name: str, text: str) -> None:
        """Put a whole file in place at once."""
        files.write_whole(self.folder / name, text)

    def parts(self, kind: str) -> list[Path]:
        """The files of a kind of items (trajectories, errors …), in the order of writing; none where there are none yet."""
        return sorted(part for part in (self.folder / kind).glob("part-*.jsonl") if part.is_file())

    def lines(self, kind: str) -> Iterator[Line]:
        """Every line of every part with its place, whole or torn, unread."""
        for part in self.parts(kind):
            yield from part_lines(part)

    def raw(self, kind: str, bad: OnBad = "skip") -> Iterator[dict[str, Any]]:
        """The items of all parts as plain JSON, in the order of writing and in the present version of the format."""
        for line in self.lines(kind):
            value = json_object(line.data) if line.whole else None
            if value is not None:
                yield value
            else:
                _passed_over(line, bad, "a JSON object")

    def read(self, kind: str, shape: type[M], bad: OnBad = "raise") -> Iterator[M]:
        """The items of all parts, validated, in the order of writing; `bad` says what happens at a line that is none."""
        return _items(self.lines(kind), shape, bad)

    def trajectories(self, bad: OnBad = "raise") -> Iterator[Trajectory]:
        """The finished episodes, in the order of writing, siblings of an episode before it."""
        return self.read("trajectories", Trajectory, bad)

    def errors(self, bad: OnBad = "raise") -> Iterator[Trajectory]:
        """The episodes that failed through no fault of the agent; one that a later attempt made good is among them still."""
        return self.read("errors", Trajectory, bad)

    def tasks(self, bad: OnBad = "raise") -> Iterator[Task]:
        """The admitted tasks, in their order; none where they are not written yet."""
        path = self.folder / "tasks.jsonl"
        return _items(part_lines(path), Task, bad) if path.is_file() else iter(())


def _items(lines: Iterable[Line], shape: type[M], bad: OnBad) -> Iterator[M]:
    """The items of lines, validated; `bad` says what happens at a line that is none."""
    for line in lines:
        if not line.whole:
            _passed_over(line, bad, shape.__name__)
            continue
        try:
            value = item(line.data, shape)
        except ValidationError as e:
            _passed_over(line, bad, f"a {shape.__name__}", e)
        else:
            yield value


def _passed_over(line: Line, bad: OnBad, expected: str, cause: ValidationError | None = None) -> None:
    """Do with a bad line what the reader was asked to do."""
    fault = line.fault or (explain_validation(cause, whole="line") if cause else "") if bad != "skip" else ""
    if isinstance(bad, BadLines):
        bad.add(line, fault)
    elif bad == "raise" and line.whole:
        reason = f": {fault}" if fault else ""
        raise StoreError(f"{line.place}: expected {expected}{reason}") from cause
