"""What a fine-tune is set up with. The trainers are the modules beside this one, each imported only when it is asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from simenv.config import PluginFolders, plugin_name
from simenv.models.keys import Address, Variable
from simenv.options import Options
from simenv.recipe import Recipe

Row = dict[str, float | int | str]
"""One entry of log.jsonl: `step` and `steps` (of how many), `loss`, `learning_rate`, `eval_loss` …, or a `line` of a log."""
Log = Callable[[Row], None]
Training = Callable[[Path, Log], dict[str, Any]]
"""Trains into a folder and returns figures for the model card."""
CHECKPOINTS = "checkpoints"
"""Where, in a fine-tune's folder, lies what it can go on from."""
HEARD = {"epochs", "seed"}
"""What of a recipe a hosted service is told; its own hyperparameters are `openai.options`."""


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
    """seconds between two looks at the job"""


class Finetune(Recipe):
    """One fine-tune: a curated set, a base model, and how the one is put into the other."""

    data: str
    """folder of a curated set"""
    model: str
    """base model: a folder, a name on the Hugging Face hub, or the service's name for it"""
    plugins: PluginFolders = ()
    """more folders with trainers/ in them"""
    trainer: Annotated[str, plugin_name("trainers")] = "peft"
    """peft, axolotl, openai, or a trainer of one's own"""
    name: str | None = Field(default=None, pattern=r"^[\w][\w.-]*$")
    """name of the folder it goes to; by default that of the set"""
    out: str = "models"
    """where those folders go"""
    tokens: int | None = Field(default=None, ge=1)
    """of the peft trainer: tokens under loss to be seen, repetitions counted; goes before steps and epochs, and makes sets
    of unequal length comparable"""
    validate_samples: int = Field(default=200, ge=0)
    """samples of validation.jsonl on which the peft trainer measures loss after each epoch; 0: none"""
    resume: bool = False
    """go on with the fine-tune of this name where it ended"""
    openai: Hosted = Hosted()

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.tokens is not None and self.trainer != "peft":
            raise ValueError(f"tokens: the trainer {self.trainer} does not count them; set epochs or steps")
        usual = {name: field.default for name, field in Recipe.model_fields.items() if name not in HEARD}
        if self.trainer == "openai" and (unheard := [k for k, v in usual.items() if getattr(self, k) != v]):
            raise ValueError(f"{unheard[0]}: the service is not told of it; its hyperparameters are openai.options")
        return self


class Trainer(ABC):
    """Puts the data of a fine-tune into its base model. One instance serves one fine-tune."""

    @abstractmethod
    def prepare(self, settings: Finetune) -> Training:
        """Check all that can be wrong, then return what trains. ConfigError if base, data or settings cannot be used.

        The training writes into the folder it is called with, keeps what it can be resumed from in its subfolder
        CHECKPOINTS, and goes on from there if that exists. It reports rows to the log; TrainError if it ends without a model.
        """
