"""Work in the background: the commands a user would type, each a process of its own that outlives page and viewer.

A job is a folder `jobs/ID`: job.json (command, folder, pid), log.txt, progress.json (the command's bars) and ended.json (its
exit status). While it runs, its process holds the folder's lock; so whoever looks knows, and a number given to another process
later is never taken for it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

from simenv import files
from simenv.command import PROGRESS
from simenv.errors import ConfigError
from simenv.types import Data

State = Literal["running", "done", "stopped", "failed", "lost"]
"""stopped: by a signal, so that most commands can be resumed; lost: its process is gone and left no exit status."""
_NAME = re.compile(r"[\w][\w.-]*")
_LOCK, _ENDED, _STOPPED = ".lock", "ended.json", "stop"
LOG = 20_000
"""Bytes of a log's end that are read."""


class Job(Data):
    """What is run. `product` is the folder it makes, below `folder`, the one it runs in; `pid` leads its process group."""

    id: str
    title: str
    command: tuple[str, ...]
    folder: str
    product: str = ""
    started: str
    pid: int = 0


class Bar(NamedTuple):
    """One bar of a command; `total` is None where nobody knows."""

    what: str
    done: float
    total: float | None
    seen: str


class Jobs:
    """The jobs of a workspace, in its folder `jobs`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def start(self, title: str, words: Sequence[str], product: str = "") -> Job:
        """Run `python -m simenv WORDS…` in the workspace; returns at once. `title` names the job and those after it."""
        command = (sys.executable, "-m", f"simenv.{words[0]}", *words[1:])
        place = self._place(title)
        lock = (place / _LOCK).open("wb")
        files.lock(lock)
        job = Job(
            id=place.name, title=title, command=command, folder=str(self.folder.parent), product=product,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        _write(place / "job.json", job.model_dump(mode="json"))
        with (place / "log.txt").open("ab") as log:
            # The lock goes with the process: it is let go of when that ends, however it ends.
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(place)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=[lock.fileno()],
            )  # fmt: skip
        lock.close()
        job = job.model_copy(update={"pid": process.pid})
        _write(place / "job.json", job.model_dump(mode="json"))
        return job

    def _place(self, title: str) -> Path:
        if not _NAME.fullmatch(title):
            raise ConfigError(f"job {title!r}: expected letters, digits, dots and dashes")
        return files.new_folder(self.folder, title, first=False)

    def all(self) -> list[Job]:
        """Every job, the newest first; folders that hold none are passed over."""
        found = (self.find(path.parent.name) for path in self.folder.glob("*/job.json"))
        return sorted((job for job in found if job), key=lambda job: (job.started, job.id), reverse=True)

    def find(self, id: str) -> Job | None:
        """A job by its id; None for whatever else, be it a path."""
        try:
            return (
                Job.model_validate_json((self.folder / id / "job.json").read_bytes()) if _NAME.fullmatch(id) else None
            )
        except (OSError, ValueError):
            return None

    def of(self, product: str) -> Job | None:
        """The newest job that makes a folder."""
        return next((job for job in self.all() if job.product == product), None)

    def state(self, job: Job) -> State:
        if self._held(job):
            return "running"
        ended = _read(self.folder / job.id / _ENDED)
        if (self.folder / job.id / _STOPPED).exists():
            return "stopped" if not ended or ended.get("status") else "done"
        if "status" not in ended:
            return "lost"
        return "done" if ended["status"] == 0 else "failed"

    def status(self, job: Job) -> int | None:
        """The command's exit status, once it is known."""
        found = _read(self.folder / job.id / _ENDED).get("status")
        return found if isinstance(found, int) else None

    def _held(self, job: Job) -> bool:
        try:
            with (self.folder / job.id / _LOCK).open("rb") as lock:
                return not files.lock(lock, wait=False, shared=True)
        except OSError:
            return False

    def stop(self, job: Job, at_once: bool = False) -> None:
        """End a running job and all that it started: asked to (a rollout lets its episodes end), or at once."""
        if not job.pid or not self._held(job):
            return
        (self.folder / job.id / _STOPPED).touch()
        try:
            os.killpg(job.pid, signal.SIGKILL if at_once else signal.SIGINT)
        except ProcessLookupError:
            return  # it ended meanwhile

    def log(self, job: Job) -> str:
        """The end of what it printed."""
        try:
            with (self.folder / job.id / "log.txt").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LOG))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def bars(self, job: Job) -> list[Bar]:
        """How far it says it is."""
        found = _read(self.folder / job.id / "progress.json").get("bars", [])
        return [Bar(str(b["what"]), b["done"], b["total"], str(b["seen"])) for b in found]

    def seconds(self, job: Job) -> float:
        """How long it ran, or has run so far."""
        ended = _read(self.folder / job.id / _ENDED).get("time")
        end = float(ended) if isinstance(ended, int | float) else time.time()
        return max(0.0, end - datetime.fromisoformat(job.started).timestamp())


def shown(job: Job) -> str:
    """The command as a user would type it."""
    return typed(job.command[2:])


def typed(words: Sequence[str]) -> str:
    """`python -m` and these words, quoted for a shell."""
    return f"python -m {shlex.join(words)}"


def _write(path: Path, value: dict[str, Any]) -> None:
    files.write_whole(path, json.dumps(value, indent=2) + "\n", durable=False)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _run(place: Path) -> int:
    """What a job's own process does: run the command, and write down how it ended. Signals are for the command."""
    job = Job.model_validate_json((place / "job.json").read_bytes())
    process = subprocess.Popen(
        job.command, cwd=job.folder, stdin=subprocess.DEVNULL, env=os.environ | {PROGRESS: str(place / "progress.json")}
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    status = process.wait()
    _write(place / _ENDED, {"status": status, "time": time.time()})
    return status


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1])))
