"""Sizes of a state change, |Δ|, in the groups of EnvSimBench (arXiv 2605.07247) and what lies above them."""

from __future__ import annotations

from bisect import bisect_left

BUCKETS = ("0", "1-2", "3-6", "7-12", "13+")
_LAST = (0, 2, 6, 12)


def bucket(delta: int) -> str:
    """The group that a |Δ| falls in."""
    return BUCKETS[bisect_left(_LAST, delta)]
