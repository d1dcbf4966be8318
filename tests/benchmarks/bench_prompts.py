"""Measures simulator prompts: `python tests/benchmarks/bench_prompts.py [ENVIRONMENT …] [--steps 100] [--seed 0]`.

Of steps of procedural tasks it prints the length of what a grounded simulator is told, and the prefix that the prompt shares
with that of the step before in its episode: what a provider's prefix cache saves. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.helpers.prompt_moments import PromptMoment, prompt_moments


def shared_prefix(one: str, other: str) -> int:
    """The number of characters that two texts begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


async def measure(name: str, steps: int, seed: int) -> str:
    """One line of the table."""
    moments: list[PromptMoment] = [m async for m in prompt_moments(name, steps, seed)]
    lengths = [len(m.prompt) for m in moments]
    pairs = [(a, b) for a, b in pairwise(moments) if a.episode == b.episode]
    shared = [shared_prefix(a.prompt, b.prompt) for a, b in pairs]
    share = sum(shared) / sum(len(b.prompt) for _, b in pairs)
    return f"| {name} | {len(moments)} | {median(lengths):.0f} | {max(lengths)} | {median(shared):.0f} | {share:.0%} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", nargs="*", default=["db", "household", "kg", "os", "search", "web"])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    print(
        "| environment | steps | characters, median | most | shared prefix, median | share |\n|---|---|---|---|---|---|"
    )
    for name in chosen.environments:
        print(asyncio.run(measure(name, chosen.steps, chosen.seed)))


if __name__ == "__main__":
    main()
