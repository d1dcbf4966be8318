"""One stage done, in a process of its own: `python -m simenv.sweep.worker FOLDER`, with the order in its stage.json.

What a killed process left is gone on with where the stage can: a rollout by episode, a fine-tune by checkpoint. The process
ends when its standard input does, so that it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from simenv import command, plugins
from simenv.config import Experiment
from simenv.errors import ConfigError, SimenvError
from simenv.evaluate.run import Evaluation, check
from simenv.evaluate.run import evaluate as measured
from simenv.options import read
from simenv.rollout import drive
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.sweep import Kind
from simenv.sweep.plan import PRODUCT
from simenv.sweep.stage_kinds import shape

ORDER, ERROR, COST = "stage.json", "error.txt", "cpu.txt"


def rollout(config: dict[str, Any], folder: Path) -> None:
    _drive(*_open(read(Experiment, config, ""), folder))


def evaluate(config: dict[str, Any], folder: Path) -> None:
    settings = read(Evaluation, config, "")
    live, run = _open(settings, folder)
    asyncio.run(live.prepare(run))
    overlapping = check(settings, run)  # before anything is asked of a model
    _drive(live, run)
    measured(run, settings, overlapping)


def _open(settings: Experiment, folder: Path) -> tuple[Rollout, Run]:
    """The run of an experiment, new or to be gone on with, and what will drive it."""
    live = Rollout(settings)
    there = (folder / PRODUCT / "config.yaml").is_file()
    if not there:
        shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    resume = folder / PRODUCT if there else None
    run = drive.open_run(settings, resume)
    drive.connect_models(live, resume)
    if live.left_out:
        raise ConfigError("; ".join(f"{name}: {reason}" for name, reason in live.left_out.items()))
    return live, run


def _drive(live: Rollout, run: Run) -> None:
    work = command.stoppable(live, drive.play(live, run), run.folder, Console(stderr=True, quiet=True))
    if status := asyncio.run(work):
        raise SimenvError(f"{run.folder}: the run ended early, with status {status}")


def curate(config: dict[str, Any], folder: Path) -> None:
    from simenv.curate.run import Curator

    for left in (folder / PRODUCT, *folder.glob(f".{PRODUCT}.*")):  # of a process that was killed before it was done
        shutil.rmtree(left, ignore_errors=True)
    Curator(read(shape("curate"), config, "")).run(folder / PRODUCT)  # type: ignore[arg-type]


def finetune(config: dict[str, Any], folder: Path) -> None:
    from simenv.finetune import finetune as train

    there = (folder / PRODUCT / "finetune.yaml").is_file()
    if not there:
        shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    train(read(shape("finetune"), config | {"resume": there}, ""))  # type: ignore[arg-type]


def tiny(config: dict[str, Any], folder: Path) -> None:
    from simenv.tiny.make import make

    shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    make(read(shape("tiny"), config, ""))  # type: ignore[arg-type]


WORK: dict[Kind, Callable[[dict[str, Any], Path], None]] = {
    "rollout": rollout,
    "tiny": tiny,
    "curate": curate,
    "finetune": finetune,
    "evaluate": evaluate,
}


def work(folder: Path) -> int:
    """Exit status 0, with the processor time in cpu.txt, or 1, with what was wrong in error.txt.

    A bug ends the process with its traceback.
    """
    order = json.loads((folder / ORDER).read_text(encoding="utf-8"))
    for place in order["plugins"]:
        plugins.add(place)
    try:
        WORK[order["kind"]](order["config"] | {"name": PRODUCT, "out": str(folder)}, folder)
    except SimenvError as e:
        (folder / ERROR).write_text(f"{type(e).__name__}: {e}\n", encoding="utf-8")
        return 1
    (folder / COST).write_text(f"{time.process_time():.1f}\n", encoding="utf-8")
    return 0


def _until_alone() -> None:
    """Ends this process at once when whoever started it is gone."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_until_alone, daemon=True).start()
    sys.exit(work(Path(sys.argv[1])))
