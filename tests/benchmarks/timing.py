"""How long a call takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any


def timed(work: Callable[[], Any], repeat: int) -> float:
    """Median seconds of a call."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return median(times)


def ratio(work: Callable[[], Any], other: Callable[[], Any], repeat: int) -> float:
    """How much longer a call takes than another; they are called in turn, so that other load falls on both."""
    pairs = [(timed(work, 1), timed(other, 1)) for _ in range(repeat)]
    ours, theirs = zip(*pairs, strict=True)
    return median(ours) / median(theirs)


def micros(work: Callable[[], Any], repeat: int = 300) -> float:
    """Median microseconds of a call."""
    return timed(work, repeat) * 1e6
