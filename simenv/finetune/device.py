"""The device that training runs on."""

from __future__ import annotations

import torch

from simenv.errors import ConfigError


def use_gpu(device: str) -> bool:
    """Whether training runs on a GPU; `device` is auto, cuda or cpu. ConfigError for cuda if PyTorch finds no GPU."""
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise ConfigError("device: cuda was requested, but PyTorch finds no GPU; set device=auto or device=cpu")
    return available and device != "cpu"


def gpu_memory() -> float:
    """Bytes of the GPU that are free."""
    return float(torch.cuda.mem_get_info()[0])
