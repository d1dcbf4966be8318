"""What the programs of others do with our worlds, and what a step costs through OpenEnv: `make doors`. Prints Markdown.

`python -m tests.benchmarks.doors [openenv|inside …]`; without a word, all.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from simenv.serve.config import OpenEnvConfig
from simenv.serve.guard import Access, Guard
from simenv.serve.openenv import Doors, application
from simenv.serve.task_catalog import Reset, TaskCatalog
from tests.helpers import receivers
from tests.serve.conftest import TOKEN, running

EPISODES, SESSIONS = 100, 8


def row(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def catalog(name: str) -> TaskCatalog:
    shelf = TaskCatalog(name, OpenEnvConfig())
    asyncio.run(shelf.load())
    return shelf


async def inside(shelf: TaskCatalog) -> float:
    """Seconds a step of the gold solutions in this process."""
    spent, steps, world = 0.0, 0, shelf.world()
    for seed in range(EPISODES):
        task = shelf.task(Reset(seed=seed))
        await world.reset(task, seed)
        began = time.perf_counter()
        for move in task.solution:
            await world.step(move.action)
        spent += time.perf_counter() - began
        steps += len(task.solution)
    await world.close()
    return spent / steps


def openenv(name: str) -> None:
    """Gold solutions by OpenEnv's client, SESSIONS at once for the count, alone for the time of a step."""
    shelf = catalog(name)
    bare = asyncio.run(inside(shelf))
    episodes = [
        {
            "reset": {"seed": seed},
            "actions": [
                m.action.model_dump(include={"name", "arguments"}) for m in shelf.task(Reset(seed=seed)).solution
            ],
        }
        for seed in range(EPISODES)
    ]
    doors = Doors(shelf, OpenEnvConfig())
    with tempfile.TemporaryDirectory() as folder, running(Guard(application(doors), Access(TOKEN))) as port:
        file, address = Path(folder, "episodes.json"), f"http://127.0.0.1:{port}/{TOKEN}"
        file.write_text(json.dumps(episodes))
        told = receivers.answers("openenv", "openenv_episodes.py", address, file, SESSIONS)
        alone = receivers.answers("openenv", "openenv_episodes.py", address, file, 1)
        time.sleep(1)
        left = len(doors.live)
    solved = sum(t["grade"]["success"] for t in told)
    step = sum(t["seconds"] for t in alone) / sum(t["steps"] for t in alone)
    row("OpenEnv", receivers.VERSIONS["openenv"], name, f"{len(told)} episodes in {SESSIONS} sessions, {solved} solved",
        f"{bare * 1e3:.2f} ms", f"{step * 1e3:.2f} ms", f"{left} worlds left")  # fmt: skip


if __name__ == "__main__":
    row("door", "receiver", "environment", "run", "a step inside", "a step through it", "afterwards")
    row(*["---"] * 7)
    for chosen in sys.argv[1:] or ["household", "db"]:
        openenv(chosen)
