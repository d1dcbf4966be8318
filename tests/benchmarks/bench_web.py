"""Measures the web alone: `python tests/benchmarks/bench_web.py [TASKS]`. Takes a minute or two; prints Markdown.

Steps are those of the expert and random clicks; TASKS (default 40) is how many made-up tasks they are spread over. Of the
engine that is all Python the processor's time is given, of Chromium the wall time, which swings with the machine. Without a
Chromium its rows are left out.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from numpy.random import SeedSequence, default_rng

from simenv.errors import ConfigError
from simenv.plugins import environment
from simenv.types import Action, Task

ENVIRONMENT = environment("web")
Web: Any = ENVIRONMENT.world
Teacher: Any = ENVIRONMENT.procedural


def tasks(count: int) -> list[Task]:
    """Of all kinds and difficulties."""
    made = []
    for n in range(count):
        teacher = Teacher(Teacher.Options(difficulty=1 + n % 5))
        made.append(teacher.make(f"bench-{n}", default_rng(SeedSequence(n))))
    return made


def micros(work: Callable[[], Any], repeat: int = 100, clock: Callable[[], float] = time.process_time) -> float:
    """Median microseconds of a call."""
    times = []
    for _ in range(repeat):
        began = clock()
        work()
        times.append(clock() - began)
    return median(times) * 1e6


async def solve(world: Any, given: list[Task], clock: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Seconds of each reset and of each step of the solutions."""
    resets, steps = [], []
    for task in given:
        began = clock()
        await world.reset(task)
        resets.append(clock() - began)
        for move in task.solution:
            began = clock()
            await world.step(move.action)
            steps.append(clock() - began)
    return resets, steps


async def wander(world: Any, given: list[Task], count: int, clock: Callable[[], float]) -> list[float]:
    """Seconds of random clicks."""
    rng, steps = default_rng(0), []
    for task in given:
        await world.reset(task)
        for _ in range(count):
            number = int(rng.integers(max(1, len(world.choices()))))
            began = clock()
            await world.step(Action(name="click", arguments={"element": number}))
            steps.append(clock() - began)
    return steps


def rows(name: str, world: Any, given: list[Task], clicks: int) -> Iterator[tuple[str, str]]:
    clock = time.perf_counter if world.blocking else time.process_time
    resets, steps = asyncio.run(solve(world, given, clock))
    yield f"{name}: reset", f"{median(resets) * 1e3:.2f} ms"
    yield f"{name}: step of the expert", f"{sum(steps) / len(steps) * 1e3:.3f} ms, {len(steps) / sum(steps):,.0f} /s"
    wandered = asyncio.run(wander(world, given, clicks, clock))
    yield f"{name}: random click", f"{median(wandered) * 1e3:.3f} ms, {len(wandered) / sum(wandered):,.0f} /s"
    asyncio.run(world.reset(given[0]))
    blob = world.save()
    yield f"{name}: snapshot", f"{micros(world.save, 30, clock):.0f} µs, {len(blob)} bytes"
    yield f"{name}: restore", f"{micros(lambda: world.load(blob), 30, clock):.0f} µs"
    asyncio.run(world.close())


def made(levels: tuple[int, ...] = (1, 2, 3, 5)) -> Iterator[tuple[str, str]]:
    for level in levels:
        teacher, numbers = Teacher(Teacher.Options(difficulty=level)), iter(range(10_000))
        teacher.make("warm", default_rng(0))
        figure = micros(lambda: teacher.make("t", default_rng(next(numbers))))  # noqa: B023
        yield f"make a task, difficulty {level}", f"{figure / 1e3:.1f} ms"


def main(count: int) -> None:
    given = tasks(count)
    print("| web | figure |\n|---|---|")
    for what, figure in made():
        print(f"| {what} | {figure} |", flush=True)
    world, expert = Web(), ENVIRONMENT.expert()
    asyncio.run(world.reset(given[0]))
    print(f"| plan | {micros(lambda: expert.plan(world, given[0]), 20) / 1e3:.1f} ms |")
    print(f"| check a spec | {micros(lambda: Web.check(given[0].spec), 20) / 1e3:.1f} ms |")
    for what, figure in rows("dom", world, given, 50):
        print(f"| {what} | {figure} |", flush=True)
    try:
        for what, figure in rows("chromium", Web(Web.Options(engine="chromium")), given[: max(4, count // 4)], 5):
            print(f"| {what} | {figure} |", flush=True)
    except ConfigError as e:
        print(f"| chromium | {e} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
