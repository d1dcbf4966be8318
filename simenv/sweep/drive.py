"""Runs the stages of a sweep: each once, what they need before them, several at a time, and says what it did in log.jsonl."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from simenv.sweep import Sweep
from simenv.sweep.plan import PRODUCT, Cell, Stage
from simenv.sweep.work import ERROR, ORDER
from simenv.types import Data

STAGES = "stages"
DONE = "done.json"
STDERR = "stderr.txt"


class Entry(Data):
    """A line of log.jsonl: what became of a stage. `seconds` is the time this time; `cells` need it."""

    stage: str
    key: str
    what: Literal["ran", "resumed", "reused", "failed", "skipped"]
    started: str
    seconds: float
    cells: int
    error: str = ""


Tell = Callable[[Entry], None]


class Drive:
    """One go at a sweep. `folder` is the sweep's; `failed` says why, by the key of the stage."""

    def __init__(
        self, sweep: Sweep, folder: Path, cells: list[tuple[Cell, Stage]], tell: Tell = lambda e: None
    ) -> None:
        self.sweep, self.folder, self.tell = sweep, folder, tell
        self.stages: dict[str, Stage] = {s.key: s for _, last in cells for s in last.all()}
        self.needed = {key: sum(key in {s.key for s in last.all()} for _, last in cells) for key in self.stages}
        self.failed: dict[str, str] = {}
        self._room = asyncio.Semaphore(sweep.jobs)
        self._ended = {key: asyncio.Event() for key in self.stages}

    async def run(self) -> None:
        """Every stage that is not there yet; the failure of one ends only what depends on it."""
        async with asyncio.TaskGroup() as group:
            for stage in self.stages.values():
                group.create_task(self._see_to(stage))

    async def _see_to(self, stage: Stage) -> None:
        try:
            for needed in stage.inputs.values():
                await self._ended[needed.key].wait()
            lacking = [s for s in stage.inputs.values() if s.key in self.failed]
            started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
            if lacking:
                what, error = "skipped", f"needs {lacking[0].name}: {self.failed[lacking[0].key]}"
            elif done(self.folder, stage):
                what, error = "reused", ""
            else:
                async with self._room:
                    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.perf_counter()
                    what, error = await self._do(stage)
            if error:
                self.failed[stage.key] = error
            self._log(stage, what, started, time.perf_counter() - clock, error)
        finally:
            self._ended[stage.key].set()

    async def _do(self, stage: Stage) -> tuple[str, str]:
        folder = place(self.folder, stage)
        begun = (folder / ORDER).is_file()
        folder.mkdir(parents=True, exist_ok=True)
        order = {"kind": stage.kind, "config": stage.resolved(self.folder / STAGES), "plugins": self.sweep.plugins}
        _put(folder / ORDER, order)
        (folder / ERROR).unlink(missing_ok=True)
        began = time.perf_counter()
        with (folder / STDERR).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "simenv.sweep.work", str(folder),
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log, env=self._environment(),
            )  # fmt: skip
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        if status:
            return "failed", _why(folder, status)
        _put(folder / DONE, {"seconds": round(time.perf_counter() - began, 3)})
        return ("resumed" if begun else "ran"), ""

    def _environment(self) -> dict[str, str]:
        threads = str(self.sweep.threads)
        quiet = {"TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1"}
        return os.environ | quiet | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}

    def _log(self, stage: Stage, what: Any, started: str, seconds: float, error: str) -> None:
        entry = Entry(
            stage=stage.name,
            key=stage.key,
            what=what,
            started=started,
            seconds=round(seconds, 3),
            cells=self.needed[stage.key],
            error=error,
        )
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(entry.model_dump_json(exclude_defaults=True) + "\n")
        self.tell(entry)


def place(folder: Path, stage: Stage) -> Path:
    """Where a stage is done."""
    return folder / STAGES / stage.key


def done(folder: Path, stage: Stage) -> bool:
    return (place(folder, stage) / DONE).is_file()


def product(folder: Path, stage: Stage) -> Path:
    """What a stage has made."""
    return place(folder, stage) / PRODUCT


def _why(folder: Path, status: int) -> str:
    """What a stage said was wrong, or the last words of a process that broke."""
    told = folder / ERROR
    if told.is_file():
        return told.read_text(encoding="utf-8").strip()
    words = (folder / STDERR).read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((w for w in reversed(words) if w.strip()), "")
    return f"its process ended with status {status}: {last}; all of it in {folder / STDERR}"


def _put(path: Path, value: Any) -> None:
    aside = path.with_name(f".{path.name}")
    aside.write_text(json.dumps(value, indent=2), encoding="utf-8")
    aside.replace(path)
