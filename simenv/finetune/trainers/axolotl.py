"""Trains with axolotl: writes data and YAML by the exporter, runs axolotl's stages, and passes its log on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.data import masks
from simenv.data.dataset import CuratedSet
from simenv.data.masks import Template
from simenv.documents import object_file
from simenv.errors import TrainError
from simenv.export import Export, Exported, export
from simenv.export.axolotl import required, run
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Row, Trainer, Training
from simenv.recipe import Recipe

FOLDER = "axolotl"
"""The subfolder of a fine-tune's folder for axolotl's YAML, data and log."""
LOGGED = ("step", "epoch", "loss", "eval_loss", "learning_rate", "grad_norm", "train_loss")
STEP = re.compile(r"(\d+)/(\d+) \[")
STARTED = "Starting trainer"
WEIGHTS = (
    "adapter_config.json",
    "adapter_model*",
    "model*.safetensors*",
    "generation_config.json",
    "token*",
    "*.jinja",
)


class Axolotl(Trainer):
    """Runs axolotl's stages on an exported set."""

    def prepare(self, settings: Finetune) -> Training:
        """ConfigError where axolotl, the base or the set is missing. Returns what trains into a folder."""
        python = required(settings.axolotl.python)
        CuratedSet(settings.data)
        Template(masks.load(settings.model, settings.calls), settings.reasoning)

        def train(folder: Path, on_log: Log) -> dict[str, Any]:
            written = write(settings, folder)
            with (written.folder / "axolotl.log").open("a", encoding="utf-8") as log:
                lines = run(python, stages(settings, written.folder / "axolotl.yaml"))
                for row in rows(lines):
                    if "line" in row:
                        log.write(f"{row['line']}\n")
                    on_log(row)
            for row in history(folder):
                on_log(row)
            collect(folder)
            left_out = ", ".join(f"{n} {cause}" for cause, n in written.left_out.items()) or "none"
            return {"samples": written.lines["train"], "left out": f"{left_out}; what is too long, axolotl leaves out"}

        return train


def write(settings: Finetune, folder: Path) -> Exported:
    """Write data and YAML; axolotl's output folder is CHECKPOINTS, where a resumed run finds it."""
    recipe = {name: getattr(settings, name) for name in Recipe.model_fields}
    out = folder / FOLDER
    return export(
        Export(
            data=settings.data, model=settings.model, out=str(out), output=f"../{CHECKPOINTS}", check=False, **recipe
        )
    )


def stages(settings: Finetune, config: Path) -> list[tuple[str, Path]]:
    """The stages to run on a config, in this order; the first checks it against axolotl's schema."""
    merge = settings.axolotl.merge and settings.method != "full"
    return [(stage, config) for stage in ("check", "preprocess", "train", *(["merge"] if merge else []))]


def rows(lines: Iterator[str]) -> Iterator[Row]:
    """axolotl's log as rows: its lines, and steps in place of progress bars once training has started."""
    training = False
    for line in lines:
        training = training or STARTED in line
        if training and (step := STEP.search(line)):
            yield {"step": int(step[1]), "steps": int(step[2])}
        elif line:
            yield {"line": line}


def history(folder: Path) -> list[Row]:
    """The rows of all logged steps, from the last checkpoint."""
    states = list((folder / CHECKPOINTS).glob("checkpoint-*/trainer_state.json"))
    if not states:
        return []
    last = max((object_file(p) for p in states), key=lambda state: state["global_step"])
    return [{k: row[k] for k in LOGGED if k in row} | {"steps": last["max_steps"]} for row in last["log_history"]]


def collect(folder: Path) -> None:
    """Move the trained weights into the folder, and delete checkpoints and caches. TrainError if there are no weights."""
    output = folder / CHECKPOINTS
    files = sorted({p for pattern in WEIGHTS for p in output.glob(pattern)})
    if not any(p.suffix == ".safetensors" for p in files):
        raise TrainError(f"axolotl ended well but left no weights in {output}")
    adapter = (output / "adapter_config.json").is_file()
    for path in [*files, *([] if adapter else [output / "config.json"])]:
        path.replace(folder / path.name)
    if (output / "merged").is_dir():
        (output / "merged").replace(folder / "merged")
    shutil.rmtree(output)
    shutil.rmtree(folder / FOLDER / "prepared", ignore_errors=True)
