"""Runs one stage in a process of its own: `python -m simenv.sweep.worker FOLDER`; the folder's stage.json holds its settings.

Work of a killed process is continued if the stage allows it: a rollout by episode, a fine-tune by checkpoint. The process ends
when its standard input closes, so that it never outlives the process that started it.
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
from simenv.documents import object_file
from simenv.errors import ConfigError, SimenvError
from simenv.evaluate.config import Evaluation
from simenv.evaluate.run import check_held_out
from simenv.evaluate.run import evaluate as evaluate_run
from simenv.files import write_whole
from simenv.options import read
from simenv.rollout import drive
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.sweep.config import Kind
from simenv.sweep.plan import PRODUCT
from simenv.sweep.stage_settings import settings_class

TRUST = "trust"
"""The values in the configs of runs that a curation may act on, beside its settings."""
ORDER, ERROR, RESULT = "stage.json", "error.txt", "result.json"


Bugs = list[str]
"""What a stage tells of the exceptions that nobody foresaw: how often, where, what."""


def _rollout(config: dict[str, Any], folder: Path) -> Bugs:
    rollout, run = _open(read(Experiment, config, ""), folder)
    _drive(rollout, run)
    return drive.bugs(run)


def _evaluate(config: dict[str, Any], folder: Path) -> Bugs:
    settings = read(Evaluation, config, "")
    rollout, run = _open(settings, folder)
    asyncio.run(rollout.prepare(run))
    overlapping = check_held_out(settings, run)  # before anything is asked of a model
    _drive(rollout, run)
    evaluate_run(run, settings, overlapping)
    return drive.bugs(run)


def _open(settings: Experiment, folder: Path) -> tuple[Rollout, Run]:
    """The rollout of an experiment and its run, new or to be continued."""
    rollout = Rollout(settings)
    exists = (folder / PRODUCT / "config.yaml").is_file()
    if not exists:
        shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    resume = folder / PRODUCT if exists else None
    run = drive.open_run(settings, resume)
    drive.connect_models(rollout, resume)
    if rollout.left_out:
        raise ConfigError("; ".join(f"{name}: {reason}" for name, reason in rollout.left_out.items()))
    return rollout, run


def _drive(rollout: Rollout, run: Run) -> None:
    work = command.stoppable(rollout, drive.play(rollout, run), run.folder, Console(stderr=True, quiet=True))
    if status := asyncio.run(work):
        raise SimenvError(f"{run.folder}: the run ended early, with status {status}")


def _curate(config: dict[str, Any], folder: Path) -> Bugs:
    from simenv.curate.run import Curator

    for remains in (folder / PRODUCT, *folder.glob(f".{PRODUCT}.*")):  # of a process that was killed
        shutil.rmtree(remains, ignore_errors=True)
    trust = config.pop(TRUST)
    curator = Curator(read(settings_class("curate"), config, ""), trust=trust)  # type: ignore[arg-type]
    return [f"{row['place']}: {row['error']}" for row in curator.run(folder / PRODUCT).get("bugs", [])]


def _finetune(config: dict[str, Any], folder: Path) -> Bugs:
    from simenv.finetune import finetune as train

    exists = (folder / PRODUCT / "finetune.yaml").is_file()
    if not exists:
        shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    train(read(settings_class("finetune"), config | {"resume": exists}, ""))  # type: ignore[arg-type]
    return []


def _tiny(config: dict[str, Any], folder: Path) -> Bugs:
    from simenv.tiny.make import make

    shutil.rmtree(folder / PRODUCT, ignore_errors=True)
    make(read(settings_class("tiny"), config, ""))  # type: ignore[arg-type]
    return []


WORK: dict[Kind, Callable[[dict[str, Any], Path], Bugs]] = {
    "rollout": _rollout,
    "tiny": _tiny,
    "curate": _curate,
    "finetune": _finetune,
    "evaluate": _evaluate,
}


def work(folder: Path) -> int:
    """Run the stage of a folder. Exit status 0 with the processor time and the bugs of single episodes in result.json, or 1
    with the message in error.txt. A bug of the stage itself ends the process with its traceback."""
    order = object_file(folder / ORDER)
    for place in order["plugins"]:
        plugins.add(place)
    try:
        trust = {TRUST: order[TRUST]} if order["kind"] == "curate" else {}
        bugs = WORK[order["kind"]](order["config"] | trust | {"name": PRODUCT, "out": str(folder)}, folder)
    except SimenvError as e:
        (folder / ERROR).write_text(f"{type(e).__name__}: {e}\n", encoding="utf-8")
        return 1
    write_whole(folder / RESULT, json.dumps({"cpu": round(time.process_time(), 1), "bugs": bugs}), durable=False)
    return 0


def _exit_with_parent() -> None:
    """End this process at once when the process that started it is gone."""
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    sys.exit(work(Path(sys.argv[1])))
