"""Settings of a fine-tune, which all trainers and axolotl's YAML share."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.models.text_calls import CallStyle
from simenv.options import Options
from simenv.trust import Program, ProgramOptions

ReasoningUse = Literal["train", "keep", "drop"]
"""train: loss falls on it as on words, where the chat template shows it. keep: the template shows it, without loss on it.
drop: left out. Most templates show the reasoning of the last answers alone, whatever is chosen."""


class Lora(Options):
    """Low-rank adaptation (Hu et al., arXiv 2106.09685)."""

    r: int = Field(default=16, ge=1)
    """rank"""
    alpha: float = Field(default=32, gt=0)
    """scale; the update is multiplied by alpha / r"""
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """share of the adapters' inputs that is dropped while it trains"""
    targets: str | tuple[str, ...] = "all-linear"
    """names of the layers that get adapters; all-linear: every linear layer but the head"""


class Axolotl(Options):
    """The Python of axolotl, and further keys of its YAML."""

    python: Program | None = None
    """the Python that axolotl is installed for; by default this one, or the one in simenv's cache"""
    merge: bool = True
    """write the merged model beside the adapter"""
    options: ProgramOptions = {}
    """further keys of axolotl's own config; they go before what simenv would write"""


class Recipe(Options):
    """Settings of a fine-tune."""

    method: Literal["lora", "qlora", "full"] = "lora"
    """qlora: 4-bit base under the adapters (GPU, bitsandbytes); full: every weight, for small models"""
    lora: Lora = Lora()
    epochs: float = Field(default=1, gt=0)
    """passes over the set"""
    steps: int | None = Field(default=None, ge=1)
    """optimizer steps; goes before epochs"""
    learning_rate: float = Field(default=2e-4, gt=0)
    """at its highest; for adapters about ten times that for every weight"""
    schedule: Literal["constant", "linear", "cosine"] = "cosine"
    """how the learning rate goes down after the warmup"""
    warmup: float = Field(default=0.03, ge=0, lt=1)
    """share of the steps"""
    weight_decay: float = Field(default=0.0, ge=0)
    """AdamW's, on all that is trained"""
    batch_size: int = Field(default=4, ge=1)
    """rows at once; with packing a row holds several samples"""
    accumulate: int = Field(default=1, ge=1)
    """batches for one optimizer step"""
    sequence_length: int = Field(default=2048, ge=8)
    """tokens of a row; longer samples are left out, by the trainer peft also those longer than the model's context"""
    calls: CallStyle = "template"
    """tool calls as the chat template writes them, refused where it writes none; text: as text, for templates without tools"""
    reasoning: ReasoningUse = "train"
    """what becomes of the model's reasoning: train; keep: shown without loss, by the trainer peft alone; drop"""
    packing: bool = False
    """put several samples into one row, each blind to the others"""
    checkpointing: bool = False
    """recompute activations in the backward pass: less memory, about a third slower"""
    save_every: int = Field(default=200, ge=1)
    """optimizer steps between two checkpoints; a run that died goes on from the last"""
    log_every: int = Field(default=10, ge=1)
    """optimizer steps between two lines of the log"""
    seed: int = Field(default=0, ge=0)
    """of new adapters, dropout and the order of the rows"""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto takes the GPU where there is one"""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """auto: bfloat16 on a GPU, float32 on a CPU"""
    axolotl: Axolotl = Axolotl()
