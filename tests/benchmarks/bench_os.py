"""Measures the operating system alone: `python tests/benchmarks/bench_os.py`. Takes a minute; prints Markdown.

Wall times swing with the machine; the fastest of many is nearest to what the work costs, the median to what is felt.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from numpy.random import default_rng

from simenv.plugins.environments.os.engine.sandbox import Script
from simenv.plugins.environments.os.teacher import Teacher
from simenv.plugins.environments.os.world import OS

EPISODES = 64


def measure(what: str, work: Callable[[], Any], repeat: int = 30, undo: Callable[[], Any] = lambda: None) -> None:
    """Prints the fastest and the median of some calls in milliseconds."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1e3)
        undo()
    print(f"| {what} | {min(times):.1f} ms | {median(times):.1f} ms |", flush=True)


async def together(count: int) -> tuple[float, int]:
    """Seconds for that many whole episodes at once, and how many succeeded."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(count))
    tasks = [Teacher().make(f"t{n}", default_rng(n)) for n in range(count)]
    began = time.perf_counter()
    all_there = asyncio.Barrier(count)

    async def episode(number: int) -> bool:
        world, task = OS(), tasks[number]
        await world.reset(task)
        await all_there.wait()
        for move in task.solution:
            seen = await world.step(move.action)
        grade = await world.grade(seen.answer)
        await world.close()
        return grade.success

    done = await asyncio.gather(*map(episode, range(count)))
    return time.perf_counter() - began, sum(done)


def main() -> None:
    task, world, other = Teacher().make("bench", default_rng(1)), OS(), OS()
    rng = default_rng(0)
    print("| operating system (bubblewrap) | fastest | median |\n|---|---|---|")
    measure("cold start: machine, files, shell", lambda: world.begin(task.spec, rng), undo=world.end)
    world.begin(task.spec, rng)
    other.begin(task.spec, rng)
    measure("command in the warm shell: true", lambda: world.sandbox.run("true"), 300)
    measure("command in the warm shell: /bin/true", lambda: world.sandbox.run("/bin/true"), 300)
    measure("snapshot", world.save)
    blob = world.save()
    measure("restore", lambda: world.load(blob))
    measure("fork: snapshot, and restore in a running sibling", lambda: other.load(world.save()))
    world.bash("mkdir /root/many; for i in {1..200}; do echo $i > /root/many/$i; done")
    measure("snapshot with 200 files more", world.save)
    measure("fork with 200 files more", lambda: other.load(world.save()))
    measure("facts", world.facts)
    measure("check by bash", lambda: world.sandbox.check([Script(code="true")], []))
    measure("check by python", lambda: world.sandbox.check([Script(language="python", code="")], []))
    measure("end", world.end, 1)
    other.end()
    seconds, right = asyncio.run(together(EPISODES))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\n{EPISODES} episodes at once on {os.cpu_count()} cores: {seconds:.1f} s, {right} right; {peak} MiB in this process"
    )


if __name__ == "__main__":
    main()
