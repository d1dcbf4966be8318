"""Runs the stages of a sweep: each once, after its inputs, several at a time. Writes log.jsonl."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from simenv.documents import object_file
from simenv.files import write_whole
from simenv.sweep.config import Sweep
from simenv.sweep.plan import PRODUCT, Cell, Stage
from simenv.sweep.worker import ERROR, ORDER, RESULT
from simenv.types import Data

STAGES = "stages"
DONE = "done.json"
STDERR = "stderr.txt"


StageOutcome = Literal["ran", "resumed", "reused", "failed", "skipped"]


class LogEntry(Data):
    """A line of log.jsonl: the outcome (`what`) of a stage that `cells` cells need. `seconds` is wall time, `cpu` seconds of
    processor time, both of this attempt; `bugs` are the exceptions that nobody foresaw and that ended single episodes."""

    stage: str
    key: str
    what: StageOutcome
    started: str
    cells: int
    seconds: float = 0.0
    cpu: float = 0.0
    error: str = ""
    bugs: tuple[str, ...] = ()


class Scheduler:
    """Runs the stages of a sweep in its `folder`. `cells` are the cells with the stages that measure them; `on_entry` gets
    each line of the log; `trust` are values in the configs of runs that curations may act on. `failed` holds the error
    messages, `bugs` the bugs of stages that came to their end, by the key of the stage."""

    def __init__(
        self,
        sweep: Sweep,
        folder: Path,
        cells: list[tuple[Cell, Stage]],
        on_entry: Callable[[LogEntry], None] = lambda entry: None,
        trust: Sequence[str] = (),
    ) -> None:
        self.sweep, self.folder, self.on_entry, self.trust = sweep, folder, on_entry, trust
        needs = [{s.key for s in last.all()} for _, last in cells]
        self.stages: dict[str, Stage] = {s.key: s for _, last in cells for s in last.all()}
        self.cells = {key: sum(key in keys for keys in needs) for key in self.stages}
        self.failed: dict[str, str] = {}
        self.bugs: dict[str, list[str]] = {}
        self._waiting = dict(self.stages)
        """stages not begun yet, in the order of the cells: the inputs of the first cell come first"""
        self._ended: set[str] = set()

    async def run(self) -> None:
        """Run every stage that is not done yet. If one fails, the stages that depend on it are skipped."""
        running: set[asyncio.Task[None]] = set()
        try:
            while self._waiting or running:
                self._start(running)
                if running:
                    finished, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    for task in finished:
                        task.result()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _start(self, running: set[asyncio.Task[None]]) -> None:
        """Finish all stages that need no work, then start as many as may run."""
        while [stage for stage in self._ready() if self._finish_without_work(stage)]:
            pass
        for stage in self._ready()[: self.sweep.jobs - len(running)]:
            self._waiting.pop(stage.key)
            running.add(asyncio.create_task(self._run_stage(stage)))

    def _ready(self) -> list[Stage]:
        """Stages whose inputs have all ended."""
        return [s for s in self._waiting.values() if all(n.key in self._ended for n in s.inputs.values())]

    def _finish_without_work(self, stage: Stage) -> bool:
        """Finish a stage that is done already or lacks an input; whether it was one."""
        failed_input = next((n for n in stage.inputs.values() if n.key in self.failed), None)
        if failed_input:
            self._end(stage, "skipped", error=f"needs {failed_input.name}: {self.failed[failed_input.key]}")
        elif is_done(self.folder, stage):
            done = object_file(stage_folder(self.folder, stage) / DONE)
            self._end(stage, "reused", bugs=done.get("bugs", []))
        else:
            return False
        self._waiting.pop(stage.key)
        return True

    async def _run_stage(self, stage: Stage) -> None:
        folder = stage_folder(self.folder, stage)
        resuming = (folder / ORDER).is_file()
        folder.mkdir(parents=True, exist_ok=True)
        order = {
            "kind": stage.kind,
            "config": stage.resolved_config(self.folder / STAGES),
            "plugins": self.sweep.plugins,
            "trust": list(self.trust),
        }
        _write(folder / ORDER, order)
        (folder / ERROR).unlink(missing_ok=True)
        start_time, clock = _now(), time.perf_counter()
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
            self._end(stage, "failed", error=_error(folder, status), start_time=start_time, seconds=seconds)
        else:
            result = object_file(folder / RESULT)
            _write(folder / DONE, {"seconds": seconds, **result})
            outcome: StageOutcome = "resumed" if resuming else "ran"
            self._end(stage, outcome, bugs=result["bugs"], start_time=start_time, seconds=seconds, cpu=result["cpu"])

    def _environment(self) -> dict[str, str]:
        threads = str(self.sweep.threads)
        quiet = {"TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_VERBOSITY": "error", "HF_HUB_OFFLINE": "1"}
        return os.environ | quiet | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}

    def _end(
        self,
        stage: Stage,
        outcome: StageOutcome,
        error: str = "",
        bugs: Sequence[str] = (),
        start_time: str = "",
        **times: float,
    ) -> None:
        self._ended.add(stage.key)
        if bugs:
            self.bugs[stage.key] = list(bugs)
        if error:
            self.failed[stage.key] = error
        entry = LogEntry(
            stage=stage.name, key=stage.key, what=outcome, started=start_time or _now(), cells=self.cells[stage.key],
            error=error, bugs=tuple(bugs), **times,
        )  # fmt: skip
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(entry.model_dump_json(exclude_defaults=True) + "\n")
        self.on_entry(entry)


def stage_folder(folder: Path, stage: Stage) -> Path:
    """The folder of a stage in that of its sweep."""
    return folder / STAGES / stage.key


def is_done(folder: Path, stage: Stage) -> bool:
    """Whether a stage was completed."""
    return (stage_folder(folder, stage) / DONE).is_file()


def product_folder(folder: Path, stage: Stage) -> Path:
    """The folder that holds the product of a stage."""
    return stage_folder(folder, stage) / PRODUCT


def _error(folder: Path, status: int) -> str:
    """The error message of a stage, or the last line of a process that crashed."""
    message = folder / ERROR
    if message.is_file():
        return message.read_text(encoding="utf-8").strip()
    output = (folder / STDERR).read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line for line in reversed(output) if line.strip()), "")
    return f"its process ended with status {status}: {last}; its output is in {folder / STDERR}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, indent=2), durable=False)
