"""Fine-tunes of a workspace: which there are, the commands that make and evaluate one, and how far one is by its log."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any, NamedTuple

from simenv.config import yaml_file
from simenv.documents import object_file
from simenv.errors import ConfigError, Unreadable, Untrusted
from simenv.files import free_name
from simenv.finetune.cli import settings_of
from simenv.options import read
from simenv.plugins.viewer.forms.option_fields import arguments
from simenv.plugins.viewer.jobs import Jobs, shell_command
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Recipe
from simenv.runs.store import objects
from simenv.trust import Refusal

TRAINERS = ("peft", "axolotl")
SETTINGS_FILE = "finetune.yaml"
MACHINE_KEYS = {"axolotl", "device"}
"""Keys of a recipe that concern the machine rather than the model."""


class FinetuneProgress(NamedTuple):
    """How far a fine-tune is: the rows of its log, the last step of how many (None: not known), the last losses."""

    rows: list[dict[str, Any]]
    step: int
    steps: int | None
    loss: float | None
    eval_loss: float | None


def finetune_names(workspace: Workspace, jobs: Jobs) -> list[str]:
    """Names of the fine-tunes, the newest first: before those with a folder the ones whose job has made none."""
    started_names = [Path(j.product).name for j in jobs.all() if j.title == "finetune"]
    folder_names = workspace.names(workspace.models, SETTINGS_FILE)
    return [*dict.fromkeys(n for n in started_names if n not in folder_names), *folder_names]


def free_model_name(workspace: Workspace, data: str) -> str:
    """A name for a model that no folder has: that of its data, numbered from 2 where it is taken."""
    return free_name(data, lambda name: (workspace.models / name).exists())


def changed_settings(recipe: Recipe) -> dict[str, Any]:
    """The values of a recipe that differ from their defaults, by dotted keys; those of MACHINE_KEYS are left out."""
    values, defaults = (
        recipe.model_dump(mode="json", exclude=MACHINE_KEYS),
        Recipe().model_dump(mode="json", exclude=MACHINE_KEYS),
    )
    lora_values = {f"lora.{k}": v for k, v in values.pop("lora").items() if v != defaults["lora"][k]}
    if recipe.method == "full":
        lora_values = {}
    return {k: v for k, v in values.items() if v != defaults[k]} | lora_values


def finetune_command(data: str, base: str, name: str, trainer: str, recipe: Recipe) -> list[str]:
    """The words of the command `finetune`. `data` and `base` are paths inside the workspace."""
    named_trainer = trainer if trainer != "peft" else None
    settings = {"model": base, "name": name, "trainer": named_trainer, **changed_settings(recipe)}
    return ["finetune", data, *arguments(settings)]


def model_name(command: list[str]) -> str:
    """The name of the model that the words of a command `finetune` give."""
    return next(w.removeprefix("name=") for w in command if w.startswith("name="))


def export_command(data: str, base: str, recipe: Recipe) -> list[str]:
    """The words of the command `export` that write the set and a complete YAML for axolotl."""
    return ["export", data, "to=axolotl", *arguments({"model": base, **changed_settings(recipe)})]


def script(data: str, base: str, name: str, recipe: Recipe) -> str:
    """A shell script that makes the fine-tune without a viewer: by simenv, or by axolotl from the exported YAML."""
    folder = shlex.quote(f"{data}/export/axolotl")

    def command(words: list[str]) -> str:
        return shell_command([f"simenv.{words[0]}", *words[1:]])

    return f"""#!/bin/sh
# Run it in the workspace, the folder that holds {data.partition("/")[0]}/.
set -e

# By simenv:
{command(finetune_command(data, base, name, "peft", recipe))}

# Or by axolotl, here or on another machine: the set and a complete YAML, then its own commands.
# {command(export_command(data, base, recipe))}
# cd {folder}
# axolotl preprocess axolotl.yaml
# axolotl train axolotl.yaml
"""


def progress(folder: Path) -> FinetuneProgress:
    """How far a fine-tune is, by its log.jsonl; lines without a step are skipped."""
    rows = [row for row in objects(folder / "log.jsonl") if isinstance(row.get("step"), int)]
    last = rows[-1] if rows else {}
    return FinetuneProgress(rows, last.get("step", 0), last.get("steps"), _last(rows, "loss"), _last(rows, "eval_loss"))


def _last(rows: list[dict[str, Any]], key: str) -> float | None:
    return next((row[key] for row in reversed(rows) if key in row), None)


def read_settings(folder: Path) -> dict[str, Any]:
    """The settings that a fine-tune was started with; ConfigError where they cannot be read."""
    return yaml_file(folder / SETTINGS_FILE)


def read_recipe(settings: dict[str, Any]) -> Recipe:
    """The recipe in the settings of a fine-tune; ConfigError where it is none."""
    return read(Recipe, {k: v for k, v in settings.items() if k in Recipe.model_fields}, "")


def sample_count(data: Path) -> int:
    """How many samples a curated set has to learn from, by its report; 0 where that cannot be read."""
    try:
        count = object_file(data / "funnel.json").get("train")
    except Unreadable:
        return 0
    return count if isinstance(count, int) else 0


def search_settings(workspace: Workspace, data: str) -> dict[str, Any]:
    """The settings of `search` with the pool on which the runs of a curated set were made; {} where they name none."""
    try:
        runs = object_file(workspace.root / data / "funnel.json").get("runs", [])
        config = yaml_file(workspace.run_folder(Path(str(runs[0])).name) / "config.yaml")
        path = config["environments"]["search"]["teacher"]["corpus"]
    except (ConfigError, KeyError, TypeError, IndexError):
        return {}
    pool = workspace.root / str(path)
    if not pool.resolve().is_relative_to(workspace.pools.resolve()) or not pool.is_file():
        return {}
    return {"search.teacher.corpus": path, "search.world.corpora": [path]}


def training_dialect(workspace: Workspace, data: str) -> str:
    """The dialect of the runs that a curated set was made of; that of most runs where it cannot be read."""
    try:
        runs = object_file(workspace.root / data / "funnel.json").get("runs", [])
        return str(yaml_file(workspace.run_folder(Path(str(runs[0])).name) / "config.yaml").get("dialect", "react"))
    except (ConfigError, KeyError, TypeError, IndexError, AttributeError):
        return "react"


def training_environments(workspace: Workspace, data: str) -> list[str]:
    """The environments of a curated set's training samples, general chat left out; none where its report cannot be read."""
    try:
        composition = object_file(workspace.root / data / "funnel.json")["composition"]
        return sorted({c["environment"] for c in composition if c["split"] == "train"} - {"chat"})
    except (Unreadable, KeyError, TypeError):
        return []


class EvaluationPlan(NamedTuple):
    """How a tuned model is to be evaluated. `model` and `data`, the set it was trained on, are paths inside the
    workspace; `tokens` bounds one turn, `turns` an episode; `settings` are further settings of the command."""

    name: str
    model: str
    data: str
    environments: tuple[str, ...]
    episodes: int
    seed: int
    turns: int
    tokens: int
    dialect: str = "react"
    settings: dict[str, Any] = {}

    def command(self) -> list[str]:
        """The words of the command `evaluate`; ConfigError without an environment."""
        if not self.environments:
            raise ConfigError("environments: choose at least one")
        settings = {
            "name": self.name,
            "environments": list(self.environments),
            "episodes": self.episodes,
            "seed": self.seed,
            "agent": "react",
            "dialect": self.dialect if self.dialect != "react" else None,
            **self.settings,
            "model": "transformers",
            "model.model": self.model,
            "model.max_tokens": self.tokens,
            "limits.max_turns": self.turns,
            "trained_on": [self.data],
        }
        return ["evaluate", *arguments(settings)]


def refusals(folder: Path) -> tuple[Refusal, ...]:
    """What the settings of a fine-tune name that is only acted on if a person allows it."""
    try:
        settings_of(str(folder / SETTINGS_FILE), [])
    except Untrusted as e:
        return e.refusals
    except ConfigError:
        return ()
    return ()
