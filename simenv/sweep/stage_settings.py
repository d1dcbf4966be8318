"""The settings of each kind of stage. Their class is imported only if a sweep has a stage of that kind."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from pydantic import BaseModel

from simenv.options import read
from simenv.sweep.config import Kind
from simenv.sweep.plan import Stage

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
    """ConfigError for a stage with settings that its kind does not allow."""
    for stage in {s.key: s for s in stages}.values():
        read(settings_class(stage.kind), stage.config, f"stages.{stage.name}")
