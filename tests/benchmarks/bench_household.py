"""Measures the household alone: `python tests/benchmarks/bench_household.py`. Takes seconds; prints Markdown.

Wall times swing with the machine; the ratios of one run are what to compare.
"""

from __future__ import annotations

import asyncio
import time

from numpy.random import default_rng
from timing import micros

from simenv.plugins.environments.household.engine.admissible_commands import admissible
from simenv.plugins.environments.household.teacher import Planner, Teacher
from simenv.plugins.environments.household.world import Household
from simenv.types import Action, Task

STEPS = 20_000


async def steps_per_second(task: Task, choices: bool) -> float:
    """Random choices through the async face; the time to draw them is left out."""
    world, rng, spent = Household(Household.Options(choices=choices)), default_rng(0), 0.0
    await world.reset(task)
    for _ in range(STEPS):
        options = admissible(world.house)
        action = Action(name="take_action", arguments={"action": options[rng.integers(len(options))]})
        began = time.perf_counter()
        seen = await world.step(action)
        spent += time.perf_counter() - began
        if seen.stop:
            await world.reset(task)
    return STEPS / spent


def row(what: str, difficulty: int, figure: str) -> None:
    print(f"| {what} | difficulty {difficulty} | {figure} |", flush=True)


def main() -> None:
    print("| household | task | figure |\n|---|---|---|")
    for difficulty in (1, 3, 5):
        teacher = Teacher(Teacher.Options(difficulty=difficulty))
        made = iter(range(1_000_000))
        row("make a task", difficulty, f"{micros(lambda: teacher.make('t', default_rng(next(made)))):.0f} µs")  # noqa: B023
        task, world = teacher.make("bench", default_rng(0)), Household()
        asyncio.run(world.reset(task))
        row("check a spec", difficulty, f"{micros(lambda: Household.check(task.spec)):.0f} µs")  # noqa: B023
        row("reset", difficulty, f"{micros(lambda: world.begin(task.spec, default_rng(0))):.0f} µs")  # noqa: B023
        row("save", difficulty, f"{micros(world.save):.0f} µs")
        blob = world.save()
        row("load", difficulty, f"{micros(lambda: world.load(blob)):.0f} µs, {len(blob)} bytes")  # noqa: B023
        row("facts", difficulty, f"{micros(world.facts):.0f} µs")
        row("plan", difficulty, f"{micros(lambda: Planner().plan(world, task)):.0f} µs")  # noqa: B023
        slip = lambda: Planner().perturb(world, task, task.solution[0], default_rng(0))  # noqa: B023, E731
        row("slip", difficulty, f"{micros(slip):.0f} µs")
        for choices in (True, False):
            what = f"steps, {'with' if choices else 'without'} choices"
            row(what, difficulty, f"{asyncio.run(steps_per_second(task, choices)):,.0f} /s")


if __name__ == "__main__":
    main()
