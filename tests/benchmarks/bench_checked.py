"""What checking costs: `python tests/benchmarks/bench_checked.py [ENVIRONMENT …] [--episodes 8] [--latency 1]`.

A grounded simulator, a scripted model that answers the truth after LATENCY seconds, the engine in its shadow, gold solutions.
One episode at a time gives the cost of a step: its wall time less the latency, which is prompt, JSON and comparison, and of
engine and states what outlasts the model. All at once gives the wall time of the steps over the ideal, nothing but latency.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

from numpy.random import default_rng

from simenv.compare import Transition
from simenv.models.clients.scripted import scripted
from simenv.plugins import Environment, environment
from simenv.simulate import SimulatorSetup
from simenv.simulate.checked import Checked
from simenv.simulate.prompted import line_text
from simenv.simulate.simulators.grounded import Grounded
from simenv.types import Action, Observation, Task


class Truthful(Checked):
    """A checked world whose model is told what to say as soon as the engine knows it."""

    async def step(self, action: Action) -> Observation:
        self.known: asyncio.Future[Transition | None] = asyncio.get_running_loop().create_future()
        return await super().step(action)

    async def _live(self, action: Action) -> Transition | None:
        scene = await super()._live(action)
        self.known.set_result(scene)
        return scene


@dataclass
class Timed:
    """Seconds of checked steps, and what became of them."""

    steps: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def world(env: Environment, latency: float) -> Truthful:
    held: list[Truthful] = []

    async def answer(request: Any) -> str:
        scene = await held[0].known
        assert scene is not None
        return line_text(scene.truth.text, scene.truth.invalid, scene.before, scene.after)

    setting = SimulatorSetup.of(env, None, scripted(answer, latency=latency))
    held.append(Truthful(Grounded(Grounded.Options(), setting), env.world()))  # type: ignore[arg-type]
    return held[0]


async def play(env: Environment, task: Task, latency: float, timed: Timed) -> int:
    """One episode of the gold solution; the number of steps that the model was asked."""
    live, asked = world(env, latency), 0
    await live.reset(task)
    try:
        for move in task.solution:
            began = time.perf_counter()
            seen = await live.step(move.action)
            if seen.check and seen.check.tries:
                asked += 1
                timed.steps.append(time.perf_counter() - began - latency)
                timed.labels.append(seen.check.label)
            if seen.stop is not None:
                break
        return asked
    finally:
        await live.close()


async def measure(name: str, episodes: int, latency: float) -> None:
    env = environment(name)
    assert env.procedural is not None
    tasks = [env.procedural().make(f"{name}-{n}", default_rng(n)) for n in range(episodes)]
    await play(env, tasks[0], 0, Timed())
    one = Timed()
    for task in tasks[: max(1, episodes // 4)]:
        await play(env, task, latency, one)
    many = Timed()
    asked = await asyncio.gather(*(play(env, t, latency, many) for t in tasks))
    ideal = sum(asked) * latency
    wall = ideal + sum(many.steps)
    print(
        f"| {name} | {len(one.steps)} | {median(one.steps) * 1000:.1f} ms | {mean(one.steps) * 1000:.1f} ms "
        f"| {mean(one.steps) / latency:.2%} | {sum(asked)} | {wall:.2f} s / {ideal:.0f} s = {wall / ideal:.3f} "
        f"| {many.labels.count('match') / len(many.labels):.1%} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", nargs="*", default=["db", "household", "kg", "os", "search", "web"])
    parser.add_argument("--episodes", type=int, default=8)
    parser.add_argument("--latency", type=float, default=1.0)
    chosen = parser.parse_args()
    print("| environment | steps | median | mean | of the latency | steps, all at once | wall / ideal | match |")
    print("|---|---|---|---|---|---|---|---|")
    for name in chosen.environments:
        asyncio.run(measure(name, chosen.episodes, chosen.latency))


if __name__ == "__main__":
    main()
