"""Random draws from a task's own generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

T = TypeVar("T")


def choose(rng: Generator, options: Sequence[T]) -> T:
    """One of the options, each with the same probability."""
    return options[int(rng.integers(len(options)))]


def bernoulli(rng: Generator, probability: float) -> bool:
    """True with this probability, 0 to 1."""
    return bool(rng.random() < probability)
