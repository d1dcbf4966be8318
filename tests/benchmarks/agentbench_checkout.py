"""A checkout of AgentBench served and judged: `python -m tests.benchmarks.agentbench_checkout [every=N]`.

It lays the files that lie beside this repository out as AgentBench's repository does, prints every name that is served, and
for every OS record whether the expert's answer, none, and a wrong one pass; what the expert does not pass, with the reason.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from simenv.errors import WorldError
from simenv.plugins.environments.os.sources import AgentBench
from simenv.plugins.environments.os.teacher import OSExpert
from simenv.plugins.environments.os.world import OS
from simenv.serve import cli
from simenv.serve.config import load
from simenv.source import Rejected
from simenv.types import Task
from tests import DATA
from tests.helpers.agentbench_checkout import write_checkout

PLACES = {
    "os_interaction/dev.json": "os_interaction/data/dev.json",
    "os_interaction/train300.json": "os_interaction/train_0317/training.json",
    "dbbench/dev.jsonl": "dbbench/dev.jsonl",
    "knowledgegraph/dev.json": "knowledgegraph/dev.json",
    "alfworld/dev.json": "alfworld/dev.json",
}
"""Where a file beside this repository lies in AgentBench's `data/`. The others are small ones in the same forms."""


def lay_out(folder: Path) -> Path:
    """A checkout's `data/` in a folder, with all that lies beside this repository."""
    data = write_checkout(folder)
    for name, place in PLACES.items():
        source, target = DATA / "agentbench" / name, data / place
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    for games in sorted((DATA / "alfworld").glob("*.jsonl*")):
        (data / "alfworld" / games.name).write_bytes(games.read_bytes())
    return data


async def judge(task: Task) -> tuple[bool, bool, bool, str]:
    """Whether the expert's answer, none, and a wrong one pass; and why the expert's does not."""
    world = OS()
    try:
        await world.reset(task)
        nothing = (await world.grade(None)).success
        moves = OSExpert().plan(world, task) or ()
        answer = str(moves[-1].action.arguments.get("answer", "")) if moves else ""
        wrong = (await world.grade(str(int(answer) + 1) if answer.isdigit() else f"{answer}x")).success
        last = [await world.step(move.action) for move in moves][-1:]
        grade = await world.grade(last[0].answer if last else None)
        return grade.success, nothing, wrong, "; ".join(grade.reasons) if last else "no expert"
    except WorldError as e:
        return False, False, False, str(e)
    finally:
        await world.close()


async def judged(items: Iterable[Task | Rejected]) -> list[tuple[str, tuple[bool, bool, bool, str]]]:
    gate = asyncio.Semaphore(2)

    async def one(item: Task | Rejected) -> tuple[str, tuple[bool, bool, bool, str]]:
        if isinstance(item, Rejected):
            return item.where, (False, False, False, item.reason)
        async with gate:
            return item.id, await judge(item)

    return await asyncio.gather(*map(one, items))


def main(every: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = lay_out(Path(folder))
        benches = asyncio.run(cli.gather(load(None, [f"data={data}"])))
        print("\n".join(f"{name:20} {bench.told.replace(folder, '')}" for name, bench in benches.items()))
        print(f"\n{'OS records':28} {'records':>7} {'gold':>5} {'none':>5} {'wrong':>5}")
        for place in ("data", "data/dev.json", "train_0317/training.json"):
            verdicts = asyncio.run(judged(list(AgentBench().tasks(data / "os_interaction" / place))[::every]))
            counts = [sum(verdict[n] for _, verdict in verdicts) for n in range(3)]
            print(f"{place:28} {len(verdicts):7} {counts[0]:5} {counts[1]:5} {counts[2]:5}")
            for id, (gold, *_, reason) in verdicts:
                if not gold:
                    print(f"    {id}: {reason[:150]}")


if __name__ == "__main__":
    main(next((int(word.partition("=")[2]) for word in sys.argv[1:] if word.startswith("every=")), 1))
