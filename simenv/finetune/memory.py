"""How much memory a fine-tune needs, reckoned from the model and the longest row, and how much there is.

Reckoned are weights, gradients, Adam's moments, activations and logits: an estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simenv.finetune.device import gpu_memory

GIB = 1 << 30
MOMENTS = 8
"""Bytes of Adam's two moments of a parameter (Kingma & Ba, arXiv 1412.6980), in 32 bits."""
LOGIT_COPIES = 4
"""Copies of the logits in 32 bits that are alive at once: themselves, as floats, their log-softmax, its gradient."""
LIBRARIES = GIB // 2
"""Bytes that Python, PyTorch and transformers take before there is a model."""
SHARE = 0.8
"""Of the memory that there is, how much a fine-tune may be reckoned to need."""


@dataclass(frozen=True)
class Need:
    """Bytes of a fine-tune: `fixed` whatever the batch, `row` for each row of a batch."""

    fixed: float
    row: float

    def of(self, rows: int) -> float:
        """Bytes with so many rows at once."""
        return self.fixed + rows * self.row

    def rows(self, available: float, most: int) -> int:
        """The largest of most, most / 2, most / 4 … rows that fits; 1 where none does."""
        rows = most
        while rows > 1 and self.of(rows) > SHARE * available:
            rows //= 2
        return rows

    @classmethod
    def reckoned(cls, model: Any, tokens: int, trained: int, *, checkpointing: bool) -> Need:
        """Of a model as it is trained, with rows of at most `tokens`, of which `trained` are under loss.

        Activations as Korthikanti et al. count them (arXiv 2205.05198, section 4), without attention's own square.
        """
        config = model.config.get_text_config()
        hidden, layers = config.hidden_size, config.num_hidden_layers
        inner = getattr(config, "intermediate_size", None) or 4 * hidden
        weights = sum(p.numel() * p.element_size() for p in model.parameters())
        learnt = sum(p.numel() * (p.element_size() + MOMENTS) for p in model.parameters() if p.requires_grad)
        width = next(model.parameters()).element_size()
        kept = hidden if checkpointing else 9 * hidden + 3 * inner
        activations = tokens * layers * kept * width
        return cls(LIBRARIES + weights + learnt, activations + trained * config.vocab_size * 4 * LOGIT_COPIES)


def available(on_gpu: bool) -> float:
    """Bytes that this process may still take: of the GPU, else of this machine and of the control group it is in."""
    if on_gpu:
        return gpu_memory()
    lines = Path("/proc/meminfo").read_text().splitlines() if Path("/proc/meminfo").is_file() else []
    free = next((float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")), float("inf"))
    return min(free, _of_group())


def _of_group() -> float:
    """Bytes that the control group leaves; infinite where it sets no bound."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            most, now = (Path("/sys/fs/cgroup", name).read_text().strip() for name in (limit, used))
        except OSError:
            continue
        return float(most) - float(now) if most.isdigit() and int(most) < 1 << 60 else float("inf")
    return float("inf")


def shown(amount: float) -> str:
    """Bytes for people."""
    return f"{amount / GIB:,.1f} GiB" if amount < float("inf") else "unknown"
