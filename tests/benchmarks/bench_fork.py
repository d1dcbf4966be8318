"""What a fork costs: going back to a snapshot and branching from it, while an episode is under way.

`python tests/benchmarks/bench_fork.py` prints Markdown: milliseconds (fastest and median of many) for the checkpoint that is
kept before a turn, for going back to it, and for both, which is a fork; and how many engine calls that took. `os` twice: a
machine whose task runs processes starts them anew after going back.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.helpers.mistakes import new_episode, task_of

REPEAT = 50


async def measure(name: str, number: int = 1) -> None:
    task = task_of(name, number)
    episode = new_episode(name, task, hooks=())
    env, world = episode.env, episode.env.world
    calls = 0
    step = world.step

    async def counted(action):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        return await step(action)

    world.step = counted  # type: ignore[method-assign]
    view = await episode.begin(1)
    for _ in range(max(1, len(task.solution) // 2)):
        await env.step(await episode.agent.act(view), view)
        view = env.view()
    before, kept, back, both = calls, [], [], []
    for _ in range(REPEAT if name != "os" else 20):
        began = time.perf_counter()
        point = await env.checkpoint()
        middle = time.perf_counter()
        await env.rewind(point)
        env.view()
        ended = time.perf_counter()
        kept.append((middle - began) * 1e3)
        back.append((ended - middle) * 1e3)
        both.append((ended - began) * 1e3)
    cells = " | ".join(f"{min(x):.2f} / {median(x):.2f} ms" for x in (kept, back, both))
    print(f"| {name} ({task.kind}) | {cells} | {calls - before} |", flush=True)
    await env.close()


def main() -> None:
    print(
        "| environment | checkpoint (fastest / median) | restore and branch | fork | engine calls |\n|---|---|---|---|---|"
    )
    for name in ("db", "household", "kg", "web"):
        asyncio.run(measure(name))
    for number in (3, 1) if shutil.which("bwrap") else ():
        asyncio.run(measure("os", number))


if __name__ == "__main__":
    main()
