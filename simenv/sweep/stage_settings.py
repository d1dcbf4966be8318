"""The settings of each kind of stage. Their class is imported only if a sweep has a stage of that kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module

from pydantic import BaseModel

from simenv.data import tokenizers
from simenv.errors import ConfigError
from simenv.options import read
from simenv.sweep.config import Kind
from simenv.sweep.plan import REFERENCE, Stage

_SETTINGS: dict[Kind, tuple[str, str]] = {
    "rollout": ("simenv.config", "Experiment"),
    "tiny": ("simenv.tiny", "Tiny"),
    "curate": ("simenv.curate.config", "Curation"),
    "finetune": ("simenv.finetune.trainers", "Finetune"),
    "evaluate": ("simenv.evaluate.config", "Evaluation"),
}


def settings_class(kind: Kind) -> type[BaseModel]:
    """The settings of a kind of stage."""
    module, name = _SETTINGS[kind]
    settings: type[BaseModel] = getattr(import_module(module), name)
    return settings


def validate(stages: Iterable[Stage]) -> None:
    """ConfigError for a stage with settings that its kind does not allow, or with weights that are not there."""
    for stage in {s.key: s for s in stages}.values():
        read(settings_class(stage.kind), stage.config, f"stages.{stage.name}")
        for place, name in _weights(stage):
            try:
                tokenizers.check(name)
            except ConfigError as e:
                raise ConfigError(f"stages.{stage.name}.{place}: {e}") from e


def _weights(stage: Stage) -> Iterator[tuple[str, str]]:
    """The options of a stage that name weights which no stage makes."""
    model = stage.config.get("model")
    if stage.kind == "finetune" and stage.config.get("trainer", "peft") == "peft":
        found = ("model", model)
    elif isinstance(model, dict) and model.get("name") == "transformers":
        found = ("model.model", model.get("model"))
    else:
        return
    if isinstance(found[1], str) and not REFERENCE.match(found[1]):
        yield found[0], found[1]
