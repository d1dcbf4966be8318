"""Measures what the table of docs/measurements.md holds: `python tests/benchmarks/bench.py`. It prints Markdown.

Wall times swing with the machine; the ratios of one run are what to compare.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import gymnasium
from numpy.random import SeedSequence, default_rng

import simenv.gym
from simenv import plugins
from simenv.config import Experiment
from simenv.env import Env
from simenv.model import Model, Request
from simenv.plugins import Environment
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Reply, Task, Turn


def row(what: str, where: str, figure: str) -> None:
    print(f"| {what} | {where} | {figure} |", flush=True)


def tasks(environment: Environment, count: int) -> list[Task]:
    assert environment.procedural is not None
    teacher = environment.procedural()
    return [teacher.make(f"bench-{n}", default_rng(SeedSequence([1, n]))) for n in range(count)]


async def engine(environment: Environment, made: list[Task]) -> None:
    """Replays gold solutions in the bare engine."""
    name, resets, points, steps = environment.name, [], [], 0
    spent = 0.0
    for task in made:
        world = environment.world()  # type: ignore[call-arg]
        began = time.perf_counter()
        await world.reset(task)
        resets.append(time.perf_counter() - began)
        began = time.perf_counter()
        for move in task.solution:
            await world.step(move.action)
        spent += time.perf_counter() - began
        steps += len(task.solution)
        began = time.perf_counter()
        await world.restore(await world.snapshot())
        points.append(time.perf_counter() - began)
        await world.close()
    row("engine, gold solutions of procedural tasks", name, f"{steps / spent:,.0f} steps/s")
    row("reset", name, f"{median(resets) * 1e3:.2f} ms")
    row("snapshot + restore", name, f"{median(points) * 1e3:.3f} ms")


def face(environment: Environment, made: list[Task]) -> None:
    """The same moves through Env and through gymnasium."""
    kind: Any = environment.world
    spoken = environment.dialect("react")
    said = [[Turn(**dict(spoken.render(m, i))) for i, m in enumerate(t.solution)] for t in made]

    async def inside() -> float:
        spent = 0.0
        for task, turns in zip(made, said, strict=True):
            env = Env(kind(), spoken)
            await env.reset(task)
            began = time.perf_counter()
            for turn in turns:
                await env.step(turn, env.view())
            spent += time.perf_counter() - began
            await env.close()
        return spent

    asyncio.run(inside())  # both are measured warm
    env = gymnasium.make(simenv.gym.env_id(environment.name), disable_env_checker=True)
    through = 0.0
    for task, turns in zip(made, said, strict=True):
        env.reset(options={"task": task})
        began = time.perf_counter()
        for turn in turns:
            env.step(turn.text)
        through += time.perf_counter() - began
    env.close()
    steps = sum(map(len, said))
    within = asyncio.run(inside())
    row("Env (chat, parsing, limits)", environment.name, f"{within / steps * 1e6:.0f} µs a step")
    row("gymnasium face, on top of Env", environment.name, f"{(through - within) / steps * 1e3:.3f} ms a step")


async def memory(name: str) -> None:
    """Resident growth over 200 live episodes; run in a process of its own, where nothing freed is used again."""
    environment = plugins.environment(name)
    kind: Any = environment.world
    spoken = environment.dialect("react")
    made = tasks(environment, 60)
    warm = Env(kind(), spoken)
    await warm.reset(made[0])
    gc.collect()
    before = _resident()
    live = [warm]
    for n in range(200):
        env = Env(kind(), spoken)
        task = made[n % len(made)]
        await env.reset(task.model_copy(update={"spec": json.loads(json.dumps(task.spec))}))
        for i, move in enumerate(task.solution[:-1]):
            await env.step(Turn(**dict(spoken.render(move, i))), env.view())
        live.append(env)
    row("memory", name, f"{(_resident() - before) / 200 / 2**20:.2f} MB a live episode")


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def rolled(experiment: Experiment, model: Model | None = None) -> tuple[float, float, int]:
    """Seconds for tasks and for episodes, and how many episodes."""
    with tempfile.TemporaryDirectory() as folder:
        live = Rollout(experiment, model)
        run = Run.create(Path(folder), "bench", "")
        began = time.perf_counter()
        await live.prepare(run)
        middle = time.perf_counter()
        await live.run(run)
        return middle - began, time.perf_counter() - middle, sum(1 for _ in run.raw("trajectories"))


class Waiting(Model):
    """Answers after a second with a command that changes nothing."""

    async def complete(self, request: Request) -> Reply:
        await asyncio.sleep(1.0)
        return Reply(text="Thought: I look around.\nAction: take_action\nAction Input: look")


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "memory":
        asyncio.run(memory(sys.argv[2]))
        return
    print("| what | where | figure |\n|---|---|---|", flush=True)
    for name in plugins.names("environments"):
        environment = plugins.environment(name)
        made = tasks(environment, 60)
        asyncio.run(engine(environment, made))
        face(environment, made)
        if not environment.world().blocking:  # type: ignore[attr-defined,call-arg]  # its memory is another process's
            subprocess.run([sys.executable, __file__, "memory", name], check=True)
    for name in plugins.names("environments"):
        e = Experiment.model_validate({"environments": [name], "episodes": 200, "agent": "expert"})
        admission, episodes, count = asyncio.run(rolled(e))
        row("making and admitting tasks", name, f"{200 / admission:.0f} tasks/s")
        row("whole rollout, no model latency", name, f"{count / episodes:.0f} episodes/s")
    waiting = {"environments": ["household"], "agent": "react", "limits": {"max_turns": 8}}
    e = Experiment.model_validate({**waiting, "episodes": 256, "concurrency": 256})
    _, seconds, count = asyncio.run(rolled(e, Waiting()))
    row(
        "256 episodes × 8 turns at 1 s model latency (ideal 8 s)",
        "household",
        f"{seconds:.2f} s = {seconds / 8:.2f} × ideal",
    )
    e = Experiment.model_validate({**waiting, "episodes": 1000, "concurrency": 1000})
    _, seconds, count = asyncio.run(rolled(e, Waiting()))
    row("1,000 concurrent episodes × 8 turns at 1 s (ideal 8 s)", "household", f"{count} finished, {seconds:.2f} s")


if __name__ == "__main__":
    main()
