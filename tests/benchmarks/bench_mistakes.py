"""How well `first_mistake` and `takeover` do: false alarms, slips found, rescues. Prints one line an environment.

python tests/benchmarks/bench_mistakes.py [episodes an environment: 125] [environments …]
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from numpy.random import default_rng

from simenv.hooks.first_mistake import FirstMistake, FirstMistakeOptions
from simenv.hooks.takeover import Takeover, TakeoverOptions
from tests.helpers.mistakes import finish, matters, new_episode, task_of

HOOKS = ((FirstMistake, FirstMistakeOptions()), (Takeover, TakeoverOptions()))


async def main(episodes: int, environments: list[str]) -> None:
    for name in environments:
        count: Counter[str] = Counter()
        for number in range(episodes):
            task = task_of(name, number)
            at = int(default_rng([number, 7]).integers(len(task.solution)))
            pure = await finish(new_episode(name, task, seed=number))
            count["false alarms"] += pure.mistake is not None
            for blind in (False, True):
                kind = "blind" if blind else "mending"
                slip = {"at": at, "blind": blind, "format": number % 5 == 0}
                t = await finish(new_episode(name, task, seed=number, **slip))
                if not matters(t, at, len(pure.steps)):
                    count[f"{kind} harmless"] += 1
                    count[f"{kind} harmless blamed"] += t.mistake is not None
                    continue
                count[f"{kind} matter"] += 1
                hit = t.mistake is not None and t.mistake.step == at
                count[f"{kind} found"] += hit
                if not hit:
                    print(f"  {task.id} {kind}: slipped at {at}, found {t.mistake}", file=sys.stderr)
                rescued = await finish(new_episode(name, task, HOOKS, seed=number, **slip))
                count[f"{kind} rescued"] += rescued.grade.success
        print(name, f"{episodes} pure", dict(sorted(count.items())), flush=True)


if __name__ == "__main__":
    words = sys.argv[1:]
    chosen = [w for w in words if not w.isdigit()] or ["db", "household", "kg", "os", "search", "web"]
    asyncio.run(main(int(next((w for w in words if w.isdigit()), "125")), chosen))
