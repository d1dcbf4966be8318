"""Measures the search: `python tests/benchmarks/bench_search.py [--tasks 300] [--passages 100000]`.

Procedural tasks of all difficulties: made, admitted, solved by the expert, passed by cheats and by doing nothing.
A corpus of passages with word frequencies as in natural text (Zipf): time to open it first and again, and of one search.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.random import SeedSequence, default_rng

from simenv.plugins import environment
from simenv.plugins.environments.search.engine import corpora
from simenv.source import Rejected
from simenv.teach.admission import admit
from simenv.types import Stop, Task

_VOCABULARY = 60_000
_WORDS = 120
"""Words of a passage."""
_QUERIES = 300
_BLOCK = 1000
"""Passages drawn at once."""


async def solved(task: Task) -> tuple[bool, int]:
    """Whether the expert, planning anew before each move, succeeds, and how many moves it takes."""
    found = environment("search")
    assert found.expert is not None
    world, expert = found.world(), found.expert()
    await world.reset(task)
    for moves in range(1, 60):
        plan = expert.plan(world, task)
        assert plan
        observation = await world.step(plan[0].action)
        if observation.stop is Stop.submitted:
            return (await world.grade(observation.answer)).success, moves
    return False, 60


async def passes(task: Task) -> Counter[str]:
    """What passes in the untouched world."""
    world = environment("search").world()
    await world.reset(task)
    return Counter([name for name, answer in world.cheats().items() if (await world.grade(answer)).success])


def tasks(number: int) -> None:
    found = environment("search")
    assert found.procedural is not None
    counts: Counter[str] = Counter()
    kinds: dict[int, list[int]] = {}
    spent = admission = 0.0
    for n in range(number):
        level = n % 5 + 1
        began = time.perf_counter()
        task = found.procedural(found.procedural.Options(difficulty=level)).make(
            f"s{n}", default_rng(SeedSequence([3, n]))
        )
        spent += time.perf_counter() - began
        began = time.perf_counter()
        verdict = asyncio.run(admit(found.world(), found, task))
        admission += time.perf_counter() - began
        success, moves = asyncio.run(solved(task))
        counts += Counter(admitted=not isinstance(verdict, Rejected), solved=success)
        counts += Counter({f"cheat {name}": c for name, c in asyncio.run(passes(task)).items()})
        counts[f"kind {task.kind}"] += 1
        kinds.setdefault(level, []).append(moves)
    print(f"{number} tasks: {dict(counts)}")
    print(f"made {number / spent:.1f} a second, admitted {number / admission:.1f} a second")
    print("moves by difficulty:", {level: round(statistics.mean(m), 1) for level, m in sorted(kinds.items())})


def latency(number: int) -> None:
    rng = default_rng(1)
    words = np.array([f"w{n:x}" for n in range(_VOCABULARY)])
    chance = 1 / np.arange(2, _VOCABULARY + 2)
    rare = np.where(np.arange(_VOCABULARY) < 50, 0, chance)  # what is more frequent is left out of an index
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SIMENV_CACHE"] = folder
        path = Path(folder) / "corpus.jsonl"
        with path.open("w") as file:
            for n in range(number):
                if n % _BLOCK == 0:
                    drawn = rng.choice(words, (_BLOCK, _WORDS), p=chance / chance.sum())
                text = " ".join(drawn[n % _BLOCK])
                file.write(json.dumps({"id": f"p{n}", "title": f"Page {n}", "text": text}) + "\n")
        for what in ("first", "again"):
            corpora._opened.cache_clear()
            began = time.perf_counter()
            searcher = corpora.corpus(path)
            print(f"{number} passages opened ({what}): {time.perf_counter() - began:.1f} s")
        times = []
        for _ in range(_QUERIES):
            query = " ".join(rng.choice(words, int(rng.integers(2, 8)), p=rare / rare.sum()))
            began = time.perf_counter()
            searcher.search(query, 5)
            times.append((time.perf_counter() - began) * 1000)
    print(
        f"a search: median {statistics.median(times):.2f} ms, 95 % below {statistics.quantiles(times, n=20)[-1]:.2f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--passages", type=int, default=100_000)
    chosen = parser.parse_args()
    tasks(chosen.tasks)
    latency(chosen.passages)


if __name__ == "__main__":
    main()
