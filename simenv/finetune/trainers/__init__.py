"""Settings of a fine-tune, and what its trainers share. Each module beside this one is a trainer, imported only when used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from simenv.config import PluginFolders, plugin_name
from simenv.models.keys import Address, Variable
from simenv.network import Reach
from simenv.options import FolderNameOrNone, Options
from simenv.recipe import Recipe
from simenv.trust import DataName, PluginName, WeightsName

Row = dict[str, float | int | str]
"""A row of log.jsonl: `step` and `steps` (their total), `loss`, `learning_rate`, `eval_loss` …, or a `line` of a log."""
Log = Callable[[Row], None]
Training = Callable[[Path, Log], dict[str, Any]]
"""Trains into a folder and returns figures for the model card."""
CHECKPOINTS = "checkpoints"
"""The subfolder of a fine-tune's folder from which it is resumed."""
HOSTED_SETTINGS = {"epochs", "seed"}
"""The settings of a recipe that a hosted service gets; its own hyperparameters are `openai.options`."""


class Hosted(Options):
    """A fine-tuning service that speaks OpenAI's protocol."""

    base_url: Address | None = None
    """None is OpenAI itself"""
    api_key_env: Variable = "OPENAI_API_KEY"
    """name of the environment variable with the key"""
    suffix: str = Field(default="", max_length=64)
    """put into the name of the new model"""
    options: dict[str, Any] = {}
    """hyperparameters of the service, such as {n_epochs: 2}"""
    poll: float = Field(default=20, gt=0)
    """seconds between two polls of the job"""


class Finetune(Recipe, Reach):
    """One fine-tune: a curated set, a base model, and how the model is trained on the set."""

    data: DataName
    """folder of a curated set"""
    model: WeightsName
    """base model: a folder, a name on the Hugging Face hub, or the service's name for it"""
    plugins: PluginFolders = ()
    """more folders with trainers/ in them"""
    trainer: Annotated[PluginName, plugin_name("trainers")] = "peft"
    """peft, axolotl, openai, or a trainer of one's own"""
    name: FolderNameOrNone = None
    """name of the folder of the result; by default that of the set"""
    out: DataName = "models"
    """parent folder of the results"""
    tokens: int | None = Field(default=None, ge=1)
    """of the peft trainer: tokens under loss to train on, repetitions counted; overrides steps and epochs, and makes sets
    of unequal length comparable"""
    validate_samples: int = Field(default=200, ge=0)
    """samples of validation.jsonl on which the peft trainer measures loss after each epoch; 0: none"""
    may_leave_out: float = Field(default=0.5, ge=0, le=1)
    """share of the samples that may be left out, for being too long or without an exact loss, before it is refused"""
    resume: bool = False
    """continue the fine-tune of this name"""
    openai: Hosted = Hosted()

    @model_validator(mode="after")
    def _settings_fit_trainer(self) -> Self:
        if self.tokens is not None and self.trainer != "peft":
            raise ValueError(f"tokens: the trainer {self.trainer} does not count tokens; set epochs or steps")
        usual = {name: field.default for name, field in Recipe.model_fields.items() if name not in HOSTED_SETTINGS}
        if self.trainer == "openai" and (ignored := [k for k, v in usual.items() if getattr(self, k) != v]):
            raise ValueError(f"{ignored[0]}: the service does not take it; its hyperparameters are openai.options")
        return self


class Trainer(ABC):
    """Puts the data of a fine-tune into its base model. One instance serves one fine-tune."""

    notes: tuple[str, ...] = ()
    """what is worth knowing before it trains, a line each; `prepare` sets it"""
    fitted: Mapping[str, Any] = MappingProxyType({})
    """settings that were left open and that `prepare` chose, such as the batch size"""

    @abstractmethod
    def prepare(self, settings: Finetune) -> Training:
        """Check all that can be wrong, then return what trains. ConfigError if base, data or settings cannot be used.

        The training writes into the folder it is called with, keeps what it can be resumed from in its subfolder
        CHECKPOINTS, and goes on from there if that exists. It reports rows to the log; TrainError if it ends without a model.
        """
