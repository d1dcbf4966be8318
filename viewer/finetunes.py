"""Fine-tunes of a workspace: their commands, their scripts, how far they are, how they are evaluated."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from simenv.config import yaml_file
from simenv.errors import ConfigError
from simenv.files import free_name
from simenv.plugins.viewer.jobs import Jobs, typed
from simenv.plugins.viewer.option_form import words as as_words
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Recipe
from simenv.runs.store import objects

TRAINERS = ("peft", "axolotl")
MARK = "finetune.yaml"
HERE = {"axolotl", "device"}
"""What of a recipe concerns the machine rather than the model."""


class Progress(NamedTuple):
    """How far a fine-tune is: its log, the last step and of how many, the last losses."""

    rows: list[dict[str, Any]]
    step: int
    steps: int | None
    loss: float | None
    eval_loss: float | None


def tunes(place: Workspace, jobs: Jobs) -> list[str]:
    """Fine-tunes, the newest first: those there are, and those whose folder is still to be made, or never was."""
    asked = [Path(j.product).name for j in jobs.all() if j.title == "finetune"]
    there = place.names(place.models, MARK)
    return [*dict.fromkeys(n for n in asked if n not in there), *there]


def free(place: Workspace, data: str) -> str:
    """A name for a model that is not taken."""
    return free_name(data, lambda name: (place.models / name).exists())


def settings(recipe: Recipe) -> dict[str, Any]:
    """What of a recipe is not its default, by dotted keys."""
    plain, default = recipe.model_dump(mode="json", exclude=HERE), Recipe().model_dump(mode="json", exclude=HERE)
    nested = {f"lora.{k}": v for k, v in plain.pop("lora").items() if v != default["lora"][k]}
    if recipe.method == "full":
        nested = {}
    return {k: v for k, v in plain.items() if v != default[k]} | nested


def words(data: str, base: str, name: str, trainer: str, recipe: Recipe) -> list[str]:
    """The words of `simenv finetune`."""
    return [
        "finetune", data,
        *as_words({"model": base, "name": name, "trainer": trainer if trainer != "peft" else None, **settings(recipe)}),
    ]  # fmt: skip


def named(typed: list[str]) -> str:
    """The name that the words of a command give."""
    return next(w.removeprefix("name=") for w in typed if w.startswith("name="))


def exported(data: str, base: str, recipe: Recipe) -> list[str]:
    """The words of `simenv export` that write the set and a complete YAML for axolotl."""
    return ["export", data, "--to", "axolotl", *as_words({"model": base, **settings(recipe)})]


def script(data: str, base: str, name: str, recipe: Recipe) -> str:
    """A shell script that does the same without a viewer: by simenv, or by axolotl from the exported YAML."""
    folder = shlex.quote(f"{data}/export/axolotl")

    def command(given: list[str]) -> str:
        return typed([f"simenv.{given[0]}", *given[1:]])

    return f"""#!/bin/sh
# Run it in the workspace, the folder that holds {data.partition("/")[0]}/.
set -e

# By simenv:
{command(words(data, base, name, "peft", recipe))}

# Or by axolotl, here or on another machine: the set and a complete YAML, then its own commands.
# {command(exported(data, base, recipe))}
# cd {folder}
# axolotl preprocess axolotl.yaml
# axolotl train axolotl.yaml
"""


def progress(folder: Path) -> Progress:
    """How far a fine-tune is, by its log.jsonl; lines that are none are passed over."""
    rows = [row for row in objects(folder / "log.jsonl") if isinstance(row.get("step"), int)]
    last = rows[-1] if rows else {}
    return Progress(rows, last.get("step", 0), last.get("steps"), _last(rows, "loss"), _last(rows, "eval_loss"))


def _last(rows: list[dict[str, Any]], key: str) -> float | None:
    return next((row[key] for row in reversed(rows) if key in row), None)


def begun(folder: Path) -> dict[str, Any]:
    """What a fine-tune was begun with; ConfigError where that cannot be read."""
    return yaml_file(folder / MARK)


def learnt(place: Workspace, data: str) -> list[str]:
    """The environments of a curated set's training samples."""
    try:
        found = json.loads((place.root / data / "funnel.json").read_bytes())["composition"]
        return sorted({c["environment"] for c in found if c["split"] == "train"} - {"chat"})
    except (OSError, ValueError, KeyError, TypeError):
        return []


class Exam(NamedTuple):
    """How a tuned model is to be evaluated. `tokens` bounds one turn, `turns` an episode."""

    name: str
    model: str
    data: str
    environments: tuple[str, ...]
    episodes: int
    seed: int
    turns: int
    tokens: int

    def words(self) -> list[str]:
        """The words of `simenv evaluate`; ConfigError without an environment."""
        if not self.environments:
            raise ConfigError("environments: choose at least one")
        return [
            "evaluate",
            *as_words(
                {
                    "name": self.name, "environments": list(self.environments), "episodes": self.episodes, "seed": self.seed,
                    "agent": "react", "model": "transformers", "model.model": self.model, "model.max_tokens": self.tokens,
                    "limits.max_turns": self.turns, "trained_on": [self.data],
                }
            ),
        ]  # fmt: skip
