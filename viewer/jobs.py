"""Jobs: commands of simenv run in the background, each in a process of its own that outlives the page and the viewer.

A job is a folder `jobs/ID`: job.json (command, folder, pid), log.txt, progress.json (the progress bars of the command) and
ended.json (its exit status). While it runs, its process holds a lock on a file of the folder. The lock, not the pid, says
whether it runs: the system may give the same pid to another process later.
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
from simenv.documents import object_file
from simenv.errors import ConfigError, Unreadable
from simenv.redaction import secret_in
from simenv.types import Data

State = Literal["running", "done", "stopped", "failed", "lost"]
"""stopped: ended by a signal, most commands can be resumed then; lost: the process is gone and left no exit status."""
_NAME = re.compile(r"[\w][\w.-]*")
_LOCK_FILE, _RESULT_FILE, _STOP_FILE = ".lock", "ended.json", "stop"
LOG_BYTES = 20_000
"""Bytes that are read of the end of a log."""


class Job(Data):
    """A job. Its command runs in `folder` and makes `product`, a folder below it; `pid` is the process that leads its group,
    `title` its kind (the first word of the command), `started` its start in ISO 8601, UTC."""

    id: str
    title: str
    command: tuple[str, ...]
    folder: str
    product: str = ""
    started: str
    pid: int = 0


class Bar(NamedTuple):
    """A progress bar of a command: its name, how much of it is done and of how much (None: not known), and a text beside it."""

    name: str
    done: float
    total: float | None
    text: str


class Jobs:
    """The jobs of a workspace, in its folder `jobs`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def start(self, title: str, words: Sequence[str], product: str = "") -> Job:
        """Run the command `WORDS` of simenv in the workspace, and return at once.

        `title` is the first part of the job's id; ConfigError for one that is no plain name, and for words that hold a secret,
        since other users of the machine can read them.
        """
        if secret := secret_in(list(words)):
            raise ConfigError(
                f"{title}: {secret[1]}; commands are written to files, so keep it in an environment variable"
            )
        command = (sys.executable, "-m", f"simenv.{words[0]}", *words[1:])
        job_folder = self._new_folder(title)
        lock = (job_folder / _LOCK_FILE).open("wb")
        files.lock(lock)
        job = Job(
            id=job_folder.name, title=title, command=command, folder=str(self.folder.parent), product=product,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        _write(job_folder / "job.json", job.model_dump(mode="json"))
        with (job_folder / "log.txt").open("ab") as log:
            # The lock goes with the process: it is let go of when that ends, however it ends.
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(job_folder)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, pass_fds=[lock.fileno()],
            )  # fmt: skip
        lock.close()
        job = job.model_copy(update={"pid": process.pid})
        _write(job_folder / "job.json", job.model_dump(mode="json"))
        return job

    def _new_folder(self, title: str) -> Path:
        if not _NAME.fullmatch(title):
            raise ConfigError(f"job {title!r}: expected letters, digits, dots and dashes")
        return files.new_folder(self.folder, title, first=False)

    def all(self) -> list[Job]:
        """Every job, the newest first; folders that hold no job are skipped."""
        jobs = (self.find(path.parent.name) for path in self.folder.glob("*/job.json"))
        return sorted((job for job in jobs if job), key=lambda job: (job.started, job.id), reverse=True)

    def find(self, id: str) -> Job | None:
        """A job by its id; None for any other text, a path included."""
        try:
            return Job.model_validate(object_file(self.folder / id / "job.json")) if _NAME.fullmatch(id) else None
        except (Unreadable, ValueError):
            return None

    def of(self, product: str) -> Job | None:
        """The newest job that makes the folder `product`, a path inside the workspace."""
        return next((job for job in self.all() if job.product == product), None)

    def state(self, job: Job) -> State:
        """Whether a job is running and, if not, how it ended."""
        if self._is_running(job):
            return "running"
        result = _read(self.folder / job.id / _RESULT_FILE)
        if (self.folder / job.id / _STOP_FILE).exists():
            return "stopped" if not result or result.get("status") else "done"
        if "status" not in result:
            return "lost"
        return "done" if result["status"] == 0 else "failed"

    def status(self, job: Job) -> int | None:
        """The command's exit status, once it is known."""
        status = _read(self.folder / job.id / _RESULT_FILE).get("status")
        return status if isinstance(status, int) else None

    def _is_running(self, job: Job) -> bool:
        try:
            with (self.folder / job.id / _LOCK_FILE).open("rb") as lock:
                return not files.lock(lock, wait=False, shared=True)
        except OSError:
            return False

    def stop(self, job: Job, at_once: bool = False) -> None:
        """End a running job and every process it started, by an interrupt (a rollout lets its episodes end) or at once."""
        if not job.pid or not self._is_running(job):
            return
        (self.folder / job.id / _STOP_FILE).touch()
        try:
            os.killpg(job.pid, signal.SIGKILL if at_once else signal.SIGINT)
        except ProcessLookupError:
            return  # it ended meanwhile

    def log(self, job: Job) -> str:
        """The last LOG_BYTES of what a job printed; '' where there is no log."""
        try:
            with (self.folder / job.id / "log.txt").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def bars(self, job: Job) -> list[Bar]:
        """The progress bars that the command of a job last wrote."""
        bars = _read(self.folder / job.id / "progress.json").get("bars", [])
        return [Bar(str(b["what"]), b["done"], b["total"], str(b["seen"])) for b in bars]

    def seconds(self, job: Job) -> float:
        """Seconds that a job ran, or has run so far."""
        end_time = _read(self.folder / job.id / _RESULT_FILE).get("time")
        end = float(end_time) if isinstance(end_time, int | float) else time.time()
        return max(0.0, end - datetime.fromisoformat(job.started).timestamp())


def command_line(job: Job) -> str:
    """The command of a job as a user would type it."""
    return shell_command(job.command[2:])


def shell_command(words: Sequence[str]) -> str:
    """`python -m` and these words, quoted for a shell. The first word is a module, such as simenv.rollout."""
    return f"python -m {shlex.join(words)}"


def _write(path: Path, value: dict[str, Any]) -> None:
    files.write_whole(path, json.dumps(value, indent=2) + "\n", durable=False)


def _read(path: Path) -> dict[str, Any]:
    try:
        return object_file(path)
    except Unreadable:
        return {}


def _run(job_folder: Path) -> int:
    """The work of a job's own process: run the command and write how it ended. Signals are left to the command."""
    job = Job.model_validate(object_file(job_folder / "job.json"))
    process = subprocess.Popen(
        job.command,
        cwd=job.folder,
        stdin=subprocess.DEVNULL,
        env=os.environ | {PROGRESS: str(job_folder / "progress.json")},
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    status = process.wait()
    _write(job_folder / _RESULT_FILE, {"status": status, "time": time.time()})
    return status


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1])))
