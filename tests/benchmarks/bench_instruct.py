"""1,000 dialogues with a model that takes a second a call: time over the ideal, CPU, and memory as they are held.

    python -m tests.benchmarks.bench_instruct [--dialogues 1000] [--rounds 5] [--at-once 128] [--latency 1.0]

The model is a server of a process of its own that sleeps before it answers. Ideal is latency alone: calls of a dialogue, which
wait for one another, times the dialogues, over those at once. Memory is the resident set after each tenth.
"""

import argparse
import asyncio
import os
import tempfile
import time
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simenv.instruct.config import Dialogues
from simenv.instruct.plan import Plan
from simenv.instruct.run import Conversations
from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.run import Addition
from simenv.models import connect
from simenv.runs.store import Run
from simenv.types import Trajectory
from tests.helpers.model_server import serve
from tests.knowledge.library import write

SAID = "The landlord has to return the deposit within 30 days of the end of the lease. " * 3


def serving(ports: "Queue[int]", latency: float) -> None:
    """The server's process."""

    async def answer(asked: Request) -> JSONResponse:
        await asked.body()
        await asyncio.sleep(latency)
        message = {"role": "assistant", "content": SAID}
        usage = {"prompt_tokens": 100, "completion_tokens": 50}
        return JSONResponse({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage})

    with serve(
        lambda messages, tools: SAID, routes=[Route("/slow/chat/completions", answer, methods=["POST"])]
    ) as server:
        ports.put(server.port)
        time.sleep(36_000)


def resident() -> float:
    """MiB of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


async def held(settings: Dialogues, folder: Path, port: int) -> tuple[float, list[float], int]:
    """Seconds, MiB after each tenth, and how many dialogues are in the run."""
    model = connect(
        "openai", {"model": "m", "base_url": f"http://127.0.0.1:{port}/slow", "concurrency": settings.concurrency}
    )
    sizes: list[float] = []
    done = 0

    def on_dialogue(trajectory: Trajectory) -> None:
        nonlocal done
        done += 1
        if done % max(1, settings.dialogues // 10) == 0:
            sizes.append(resident())

    run = Run.create(folder, "bench", "name: bench\n")
    work = Conversations(settings, model, on_dialogue=on_dialogue)
    work.prepare(run, Plan(settings))
    began = time.perf_counter()
    await work.run(run)
    return time.perf_counter() - began, sizes, sum(1 for _ in run.trajectories())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogues", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--at-once", type=int, default=128)
    parser.add_argument("--latency", type=float, default=1.0)
    chosen = parser.parse_args()
    ports: Queue[Any] = Queue()
    process = Process(target=serving, args=(ports, chosen.latency), daemon=True)
    process.start()
    port = ports.get(timeout=60)
    os.environ.setdefault("NO_PROXY", "127.0.0.1")
    os.environ.setdefault("OPENAI_API_KEY", "none")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made, documents = folder / "pool", (str(write(folder / "library")),)
        Addition(Pool(made), Additions(out=str(made), documents=documents)).run()
        counts = {"dialogues": chosen.dialogues, "rounds": chosen.rounds, "concurrency": chosen.at_once}
        settings = Dialogues(pool=str(made), roles="law", **counts)
        clock = time.process_time()
        seconds, sizes, count = asyncio.run(held(settings, folder / "runs", port))
        spent = time.process_time() - clock
    process.kill()
    calls = 2 * chosen.rounds * chosen.dialogues
    ideal = calls * chosen.latency / chosen.at_once
    print(f"{count} dialogues of {chosen.rounds} rounds, {calls} calls, {chosen.at_once} at once")
    print(f"{seconds:.1f} s = {seconds / ideal:.3f} x ideal {ideal:.1f} s; {spent / calls * 1000:.2f} ms of CPU a call")
    print("MiB after each tenth: " + ", ".join(f"{size:.0f}" for size in sizes))


if __name__ == "__main__":
    main()
