"""The device that training runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from simenv.errors import ConfigError


def use_gpu(device: str) -> bool:
    """Whether training runs on a GPU; `device` is auto, cuda or cpu. ConfigError for cuda if PyTorch finds no GPU."""
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise ConfigError("device: cuda was requested, but PyTorch finds no GPU; set device=auto or device=cpu")
    return available and device != "cpu"


SMALL = 2_000_000
"""Parameters below which a second thread gains nothing."""


@contextmanager
def threads_for(model: Any) -> Iterator[None]:
    """As many threads as a model's training is worth: one for a SMALL model, else those that PyTorch has.

    Where other processes use the cores, the threads of a tiny model spend their time waiting for one another: 300 steps of
    practice took 283 s of CPU with two threads and 39 s with one.
    """
    before = torch.get_num_threads()
    if model.num_parameters() < SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def gpu_memory() -> float:
    """Bytes of the GPU that are free."""
    return float(torch.cuda.mem_get_info()[0])
