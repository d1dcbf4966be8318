"""Fine-tunes a model on a curated set: `finetune(settings) -> Path`, with one of the trainers in `trainers/`.

    finetune(Finetune(data="curated/db", model="./base", method="full", packing=True), on_log=print) -> models/db

The folder holds the adapter or the whole model, finetune.yaml, log.jsonl, loss.png and README.md, the model card. The card is
written last: a fine-tune with a card is complete. The command is `python -m simenv.finetune`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from simenv import plugins
from simenv.config import yaml_file
from simenv.data import made_from, tokenizers
from simenv.data.dataset import CuratedSet
from simenv.errors import ConfigError, SimenvError
from simenv.finetune.model_card import model_card
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training
from simenv.finetune.training_log import TrainingLog
from simenv.runs.store import Run

__all__ = ["Finetune", "finetune"]
SETTINGS_FILE = "finetune.yaml"
"""Its settings, in the folder of a fine-tune."""
FITTED = ("batch_size", "accumulate")
"""Settings that a trainer chooses where nobody sets them."""
MAY_CHANGE = {"plugins", "resume", "out", "name", "device", "axolotl", "openai", "may_leave_out"}
"""Settings that may differ when a fine-tune is resumed."""


def finetune(settings: Finetune, on_log: Log = lambda row: None) -> Path:
    """Train; returns the folder `out/name`, numbered if that exists. `on_log` gets the row of each step and each log line.

    With `resume` the fine-tune of that name is continued from its last checkpoint, or returned if it is complete; it must
    have the same settings and data.

    ConfigError for wrong settings or data, before anything is written. TrainError if training fails; it can be resumed.
    """
    data = CuratedSet(settings.data)
    _check_base(settings)
    previous = _find(settings, data) if settings.resume else None
    if previous:
        settings = _as_before(settings, previous)
        _check_same(settings, data, previous)
        if (previous.folder / "README.md").is_file():
            return previous.folder
    on_log({"line": f"{data.count('train'):,} samples of {settings.data}, base {settings.model}"})
    trainer: Trainer = plugins.load("trainers", settings.trainer)()
    train = trainer.prepare(settings)
    for note in trainer.notes:
        on_log({"line": note})
    settings = settings.model_copy(update=trainer.fitted)
    run = previous or _create(settings, data)
    with run.locked():
        return _train(run, train, settings, data, on_log)


def _train(run: Run, train: Training, settings: Finetune, data: CuratedSet, on_log: Log) -> Path:
    """Train into the run's folder. The folder is deleted if training fails without a checkpoint."""
    try:
        with TrainingLog(run, on_log) as log:
            figures = train(run.folder, log)
            log.plot()
    except SimenvError:
        if not any((run.folder / CHECKPOINTS).glob("*")):
            shutil.rmtree(run.folder)
        raise
    record = data.folder / made_from.FILE
    if record.is_file():  # so that an evaluation can tell on what the model was trained
        shutil.copyfile(record, run.folder / made_from.FILE)
    run.write("README.md", model_card(settings, data, figures, log.rows))
    shutil.rmtree(run.folder / CHECKPOINTS, ignore_errors=True)
    return run.folder


def _check_base(settings: Finetune) -> None:
    """ConfigError for a folder without a model, before anything slow; for an adapter as base: transformers would load only
    the base of the adapter."""
    model = settings.model
    if settings.trainer == "peft":
        tokenizers.require(model)
    if Path(model, "adapter_config.json").is_file():
        raise ConfigError(
            f"model: {model} is an adapter; expected a whole model, such as its base, or adapter and base merged"
        )


def _identity(settings: Finetune, data: CuratedSet) -> dict[str, Any]:
    """Everything that the resulting model depends on."""
    return settings.model_dump(mode="json", exclude=MAY_CHANGE) | {"digest": data.digest()}


def _create(settings: Finetune, data: CuratedSet) -> Run:
    text = yaml.safe_dump(_identity(settings, data), sort_keys=False, allow_unicode=True)
    return Run.create(Path(settings.out), settings.name or data.name, text, SETTINGS_FILE)


def _find(settings: Finetune, data: CuratedSet) -> Run:
    """The existing folder of the fine-tune."""
    return Run.open(Path(settings.out, settings.name or data.name), SETTINGS_FILE)


def _as_before(settings: Finetune, run: Run) -> Finetune:
    """The settings with what they leave open as it was chosen then."""
    before = yaml_file(run.folder / SETTINGS_FILE)
    chosen = {k: before[k] for k in FITTED if k not in settings.model_fields_set and isinstance(before.get(k), int)}
    return settings.model_copy(update=chosen)


def _check_same(settings: Finetune, data: CuratedSet, run: Run) -> None:
    """ConfigError if the folder has other settings or data."""
    identity, previous = _identity(settings, data), yaml_file(run.folder / SETTINGS_FILE)
    if changes := [k for k in identity if identity[k] != previous.get(k)]:
        raise ConfigError(
            f"resume: {run.folder} has other settings: {', '.join(f'{k}={previous.get(k)!r}' for k in changes)}"
        )
