"""Draws from a generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from numpy.random import Generator

T = TypeVar("T")


def pick(rng: Generator, values: Sequence[T]) -> T:
    """One of some values, each equally likely."""
    return values[int(rng.integers(len(values)))]
