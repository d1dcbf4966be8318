"""What a fine-tune is set up with. The trainers are the modules beside this one, each imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from simenv.models.keys import Address, Variable
from simenv.options import Options

Row = dict[str, float | int | str]
"""One entry of log.jsonl: `step` and `steps` (of how many), `loss`, `learning_rate`, `eval_loss` …, or a `line` of a log."""
Log = Callable[[Row], None]
Training = Callable[[Path, Log], dict[str, Any]]
"""What a trainer's `prepare(settings)` returns: it trains into a folder and gives figures for the model card."""
CHECKPOINTS = "checkpoints"
"""Where, in a fine-tune's folder, lies what it can go on from."""
Trainer = Literal["peft", "axolotl", "openai"]


class Lora(Options):
    """Low-rank adaptation (Hu et al., arXiv 2106.09685)."""

    r: int = Field(default=16, ge=1)
    """rank"""
    alpha: float = Field(default=32, gt=0)
    """scale; the update is multiplied by alpha / r"""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: str | tuple[str, ...] = "all-linear"
    """names of the layers that get adapters; all-linear: every linear layer but the head"""


class Axolotl(Options):
    """Where axolotl is, and what else goes into its YAML."""

    python: Path | None = None
    """the Python that axolotl is installed for; by default this one, or the one in simenv's cache"""
    merge: bool = True
    """write the merged model beside the adapter"""
    options: dict[str, Any] = {}
    """further keys of axolotl's own config; they go before what simenv would write"""


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


class Finetune(Options):
    """One fine-tune: a curated set, a base model, and how the one is put into the other."""

    data: str
    """folder of a curated set"""
    model: str
    """base model: a folder, a name on the Hugging Face hub, or the service's name for it"""
    trainer: Trainer = "peft"
    name: str | None = Field(default=None, pattern=r"^[\w][\w.-]*$")
    """name of the folder it goes to; by default that of the set"""
    out: str = "models"
    """where those folders go"""
    method: Literal["lora", "qlora", "full"] = "lora"
    """qlora: 4-bit base under the adapters (GPU, bitsandbytes); full: every weight, for small models"""
    lora: Lora = Lora()
    epochs: float = Field(default=1, gt=0)
    steps: int | None = Field(default=None, ge=1)
    """optimizer steps; goes before epochs"""
    learning_rate: float = Field(default=2e-4, gt=0)
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    warmup: float = Field(default=0.03, ge=0, lt=1)
    """share of the steps"""
    weight_decay: float = Field(default=0.0, ge=0)
    batch_size: int = Field(default=4, ge=1)
    """rows at once; with packing a row holds several samples"""
    accumulate: int = Field(default=1, ge=1)
    """batches for one optimizer step"""
    sequence_length: int = Field(default=2048, ge=8)
    """tokens of a row; longer samples are left out and counted"""
    packing: bool = False
    """put several samples into one row, each blind to the others"""
    checkpointing: bool = False
    """recompute activations in the backward pass: less memory, about a third slower"""
    validate_samples: int = Field(default=200, ge=0)
    """samples of validation.jsonl on which loss is measured after each epoch; 0: none"""
    save_every: int = Field(default=200, ge=1)
    """optimizer steps between two checkpoints; a run that died goes on from the last"""
    log_every: int = Field(default=10, ge=1)
    """optimizer steps between two lines of log.jsonl"""
    seed: int = Field(default=0, ge=0)
    device: str = "auto"
    """auto takes the GPU where there is one; cpu does not"""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto: bfloat16 on a GPU, float32 on a CPU"""
    resume: bool = False
    """go on with the fine-tune of this name where it ended"""
    axolotl: Axolotl = Axolotl()
    openai: Hosted = Hosted()
