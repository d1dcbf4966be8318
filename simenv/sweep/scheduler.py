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

from simenv.files import write_whole
from simenv.sweep import Sweep
from simenv.sweep.plan import PRODUCT, Cell, Stage
from simenv.sweep.worker import COST, ERROR, ORDER
from simenv.types import Data

STAGES = "stages"
DONE = "done.json"
STDERR = "stderr.txt"


What = Literal["ran", "resumed", "reused", "failed", "skipped"]


class Entry(Data):
    """A line of log.jsonl: what became of a stage that so many `cells` need. `seconds` on the clock and `cpu` of processor
    time are those of this time."""

    stage: str
    key: str
    what: What
    started: str
    cells: int
    seconds: float = 0.0
    cpu: float = 0.0
    error: str = ""


Tell = Callable[[Entry], None]


class Drive:
    """One go at a sweep. `folder` is the sweep's; `failed` says why, by the key of the stage."""

    def __init__(
        self, sweep: Sweep, folder: Path, cells: list[tuple[Cell, Stage]], tell: Tell = lambda e: None
    ) -> None:
        self.sweep, self.folder, self.tell = sweep, folder, tell
        needs = [{s.key for s in last.all()} for _, last in cells]
        self.stages: dict[str, Stage] = {s.key: s for _, last in cells for s in last.all()}
        self.cells = {key: sum(key in keys for keys in needs) for key in self.stages}
        self.failed: dict[str, str] = {}
        self._left = dict(self.stages)
        """what is still to be seen to, in the order of the cells: what the first needs comes first"""
        self._ended: set[str] = set()

    async def run(self) -> None:
        """Every stage that is not there yet; the failure of one ends only what depends on it."""
        running: set[asyncio.Task[None]] = set()
        try:
            while self._left or running:
                self._begin(running)
                if running:
                    ended, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in ended:
                        task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _begin(self, running: set[asyncio.Task[None]]) -> None:
        """See to all that needs no work, then start what there is room for."""
        while [stage for stage in self._ready() if self._settled(stage)]:
            pass
        for stage in self._ready()[: self.sweep.jobs - len(running)]:
            self._left.pop(stage.key)
            running.add(asyncio.create_task(self._do(stage)))

    def _ready(self) -> list[Stage]:
        """Stages whose inputs have come to an end."""
        return [s for s in self._left.values() if all(n.key in self._ended for n in s.inputs.values())]

    def _settled(self, stage: Stage) -> bool:
        """Whether a stage is there already, or cannot be."""
        lacking = next((n for n in stage.inputs.values() if n.key in self.failed), None)
        if lacking:
            self._end(stage, "skipped", error=f"needs {lacking.name}: {self.failed[lacking.key]}")
        elif done(self.folder, stage):
            self._end(stage, "reused")
        else:
            return False
        self._left.pop(stage.key)
        return True

    async def _do(self, stage: Stage) -> None:
        folder = place(self.folder, stage)
        begun = (folder / ORDER).is_file()
        folder.mkdir(parents=True, exist_ok=True)
        order = {"kind": stage.kind, "config": stage.resolved(self.folder / STAGES), "plugins": self.sweep.plugins}
        _put(folder / ORDER, order)
        (folder / ERROR).unlink(missing_ok=True)
        started, clock = _now(), time.perf_counter()
        with (folder / STDERR).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "simenv.sweep.worker", str(folder),
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log, env=self._environment(),
            )  # fmt: skip
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise
        seconds = round(time.perf_counter() - clock, 3)
        if status:
            self._end(stage, "failed", error=_why(folder, status), started=started, seconds=seconds)
        else:
            cost = float((folder / COST).read_text(encoding="utf-8"))
            _put(folder / DONE, {"seconds": seconds, "cpu": cost})
            self._end(stage, "resumed" if begun else "ran", started=started, seconds=seconds, cpu=cost)

    def _environment(self) -> dict[str, str]:
        threads = str(self.sweep.threads)
        quiet = {"TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1"}
        return os.environ | quiet | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}

    def _end(self, stage: Stage, what: What, error: str = "", started: str = "", **spent: float) -> None:
        self._ended.add(stage.key)
        if error:
            self.failed[stage.key] = error
        entry = Entry(
            stage=stage.name, key=stage.key, what=what, started=started or _now(), cells=self.cells[stage.key],
            error=error, **spent,
        )  # fmt: skip
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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _put(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, indent=2), durable=False)
