"""What each kind of stage is set up with; those of a kind are imported only where a sweep has such a stage."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from pydantic import BaseModel

from simenv.options import read
from simenv.sweep import Kind
from simenv.sweep.plan import Stage

_SHAPES: dict[Kind, tuple[str, str]] = {
    "rollout": ("simenv.config", "Experiment"),
    "tiny": ("simenv.tiny", "Tiny"),
    "curate": ("simenv.curate.config", "Curation"),
    "finetune": ("simenv.finetune.trainers", "Finetune"),
    "evaluate": ("simenv.evaluate.run", "Evaluation"),
}


def shape(kind: Kind) -> type[BaseModel]:
    module, name = _SHAPES[kind]
    found: type[BaseModel] = getattr(import_module(module), name)
    return found


def check(stages: Iterable[Stage]) -> None:
    """ConfigError for a stage whose settings are not those of its kind, before anything is run."""
    for stage in {s.key: s for s in stages}.values():
        read(shape(stage.kind), stage.config, f"stages.{stage.name}")
