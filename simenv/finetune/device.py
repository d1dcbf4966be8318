"""Where training runs."""

from __future__ import annotations

import torch

from simenv.errors import ConfigError


def gpu(device: str) -> bool:
    """Whether on a GPU. ConfigError where one is asked for by name and PyTorch finds none."""
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise ConfigError("device: cuda is asked for, but PyTorch finds no GPU; take device=auto or device=cpu")
    return found and device != "cpu"
