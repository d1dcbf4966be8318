"""Estimates from few trials: Wilson's interval, pass@k and pass^k, bootstrap intervals, paired tests of two agents."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
"""Bootstrap samples; the interval's ends then wander by well under a percentage point."""
_CHUNK = 2_000_000
"""Indices drawn at once."""


def pass_at_k(n: int, successes: int, k: int) -> float:
    """Probability that at least one of k attempts succeeds, unbiased from n attempts (Chen et al. 2021, eq. 1).

    ValueError where k > n: that cannot be estimated.
    """
    _enough(n, k)
    return 1.0 - comb(n - successes, k) / comb(n, k)


def pass_hat_k(n: int, successes: int, k: int) -> float:
    """pass^k: probability that all of k attempts succeed, unbiased (tau-bench, Yao et al. 2024, section 3).

    ValueError where k > n.
    """
    _enough(n, k)
    return comb(successes, k) / comb(n, k)


def _enough(n: int, k: int) -> None:
    if not 1 <= k <= n:
        raise ValueError(f"k={k} of n={n} attempts: expected 1 <= k <= n")


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score interval of a rate, low and high in 0..1 (Wilson 1927, JASA 22, p. 209); (0, 1) for no trials."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    rate = successes / trials
    middle = rate + z * z / (2 * trials)
    spread = z * sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


class Interval(NamedTuple):
    """A mean with its interval, all in the unit of the values."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], confidence: float = 0.95, seed: int = 0) -> Interval:
    """Mean of one value a task, with the percentile interval over tasks (Efron 1979). (0, 0, 0) of nothing.

    Give one value for each task, the mean of its attempts: attempts of one task are not independent trials.
    """
    data = np.asarray(values, dtype=float)
    if data.size == 0:
        return Interval(0.0, 0.0, 0.0)
    means = _resample_means(data, seed)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(data.mean()), float(low), float(high))


def _resample_means(data: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    rng, rows = np.random.default_rng(seed), max(1, _CHUNK // data.size)
    parts, remaining = [], RESAMPLES
    while remaining:
        size = min(rows, remaining)
        parts.append(data[rng.integers(data.size, size=(size, data.size))].mean(axis=1))
        remaining -= size
    return np.concatenate(parts)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value that two agents differ, from the tasks that one alone solved (McNemar 1947, binomial)."""
    n = only_first + only_second
    if n == 0:
        return 1.0
    tail = float(sum(comb(n, i) for i in range(min(only_first, only_second) + 1)) / 2**n)
    return min(1.0, 2 * tail)


class Paired(NamedTuple):
    """Two agents on the same tasks: mean of first minus second with its interval, who won where, and p-values."""

    tasks: int
    difference: Interval
    only_first: int
    only_second: int
    p_mcnemar: float | None
    """None where a task has several attempts: the test is for single ones"""
    p_bootstrap: float


def paired(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Paired:
    """Compare success rates task by task: `first[i]` and `second[i]` are of the same task, 0..1.

    `p_bootstrap` is twice the smaller share of resampled differences on one side of 0.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.size == 0:
        raise ValueError(f"{a.size} and {b.size} values: expected as many, and at least one")
    gap = a - b
    means = _resample_means(gap, seed)
    one_sided = min(float((means <= 0).mean()), float((means >= 0).mean()))
    wins, losses = int((gap > 0).sum()), int((gap < 0).sum())
    single = bool(np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all())
    return Paired(
        tasks=int(a.size),
        difference=bootstrap(gap.tolist(), seed=seed),
        only_first=wins,
        only_second=losses,
        p_mcnemar=mcnemar(wins, losses) if single else None,
        p_bootstrap=min(1.0, 2 * one_sided),
    )
