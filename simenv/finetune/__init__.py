"""From a curated set to a model: `finetune(settings) -> Path`, with one of the trainers of simenv/trainers.

    finetune(Finetune(data="curated/db", model="./base", method="full", packing=True), on_log=print) -> models/db

The folder holds the adapter or the whole model, README.md (the model card, written last: with it a fine-tune is complete),
finetune.yaml, log.jsonl and loss.png. `python -m simenv.finetune` is the same from a command line.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from simenv import plugins
from simenv.config import yaml_file
from simenv.data.dataset import CuratedSet
from simenv.errors import ConfigError, SimenvError
from simenv.finetune.log import Rows
from simenv.finetune.model_card import card
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training
from simenv.runs.store import Run

__all__ = ["Finetune", "finetune"]
MAY_CHANGE = {"plugins", "resume", "out", "name", "device", "axolotl", "openai"}


def finetune(settings: Finetune, on_log: Log = lambda row: None) -> Path:
    """Train; returns the folder `out/name`, numbered where that is taken. `on_log` gets each step, and each line of logs.

    With `resume` the fine-tune of that name goes on from its last checkpoint; one that is complete is returned as it is.
    Either must have been begun with the same settings and data.

    ConfigError before anything is written; TrainError where training fails, and what was reached can be resumed.
    """
    data = CuratedSet(settings.data)
    _whole(settings.model)
    begun = _begun(settings, data) if settings.resume else None
    if begun and (begun.folder / "README.md").is_file():
        return begun.folder
    trainer: Trainer = plugins.load("trainers", settings.trainer)()
    train = trainer.prepare(settings)
    run = begun or _new(settings, data)
    with run.locked():
        return _trained(run, train, settings, data, on_log)


def _trained(run: Run, train: Training, settings: Finetune, data: CuratedSet, on_log: Log) -> Path:
    """The folder, whole; it is gone again where training failed before there was anything to go on from."""
    try:
        with Rows(run, on_log) as rows:
            figures = train(run.folder, rows)
            rows.plot()
    except SimenvError:
        if not any((run.folder / CHECKPOINTS).glob("*")):
            shutil.rmtree(run.folder)
        raise
    run.write("README.md", card(settings, data, figures, rows.kept))
    shutil.rmtree(run.folder / CHECKPOINTS, ignore_errors=True)
    return run.folder


def _whole(model: str) -> None:
    """ConfigError for an adapter as base: transformers would take its base, and leave out what it learnt."""
    if Path(model, "adapter_config.json").is_file():
        raise ConfigError(f"model: {model} is an adapter; expected a whole model, such as its base or the two merged")


def _shaping(settings: Finetune, data: CuratedSet) -> dict[str, Any]:
    """All that a model depends on."""
    return settings.model_dump(mode="json", exclude=MAY_CHANGE) | {"digest": data.digest()}


def _new(settings: Finetune, data: CuratedSet) -> Run:
    text = yaml.safe_dump(_shaping(settings, data), sort_keys=False, allow_unicode=True)
    return Run.create(Path(settings.out), settings.name or data.name, text, "finetune.yaml")


def _begun(settings: Finetune, data: CuratedSet) -> Run:
    """The folder that is there, if it was begun with the same settings and data."""
    run = Run.open(Path(settings.out, settings.name or data.name), "finetune.yaml")
    shaping, before = _shaping(settings, data), yaml_file(run.folder / "finetune.yaml")
    if changed := [k for k in shaping if shaping[k] != before.get(k)]:
        raise ConfigError(
            f"resume: {run.folder} was begun otherwise: {', '.join(f'{k}={before.get(k)!r}' for k in changed)}"
        )
    return run
