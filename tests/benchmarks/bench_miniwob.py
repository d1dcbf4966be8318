"""Plays every page of MiniWoB++ in Chromium and prints a table: python tests/benchmarks/bench_miniwob.py [--seeds N] [PAGE …]

elements: numbered on the first page; acts: whether a click changes the page or ends the episode; expert: reward of the
written solver, '-' without one; idle: reward of doing nothing; wrong: the best reward of one click on any of the elements
that the solver does not begin with (two are tried, each in an episode of its own).
"""

from __future__ import annotations

import argparse
import asyncio
import time

from simenv.plugins import environment
from simenv.plugins.environments.web.tasks.miniwob_solvers import SOLVERS
from simenv.plugins.environments.web.tasks.miniwob_tasks import LEFT_OUT, miniwob_task, playable_pages
from simenv.types import Action, Task

WEB = environment("web")
CLICKS = 2
"""Elements that are tried beside the one that the solver begins with."""


async def reward(world, task: Task, moves) -> tuple[float, str, bool]:
    """Reward, text at the end, and whether the episode is over."""
    observation = await world.reset(task)
    for action in moves:
        observation = await world.step(action)
        if observation.stop or observation.invalid:
            break
    return (await world.grade()).metrics["reward"], observation.text, observation.stop is not None


async def row(world, page: str, seed: int) -> dict[str, object]:
    """What there is to say of one page."""
    task = miniwob_task(f"{page}-{seed}", page, seed)
    first = await world.reset(task)
    idle, elements = (await world.grade()).metrics["reward"], len(world.tab.document.elements)
    plan = WEB.expert().plan(world, task) if page in SOLVERS else None
    expert = (await reward(world, task, [m.action for m in plan]))[0] if plan else None
    begun = plan[0].action.arguments.get("element") if plan else None
    others = [n for n in range(elements) if n != begun]
    tried = others[:: max(1, len(others) // CLICKS)][:CLICKS]
    clicks = [await reward(world, task, [Action(name="click", arguments={"element": n})]) for n in tried]
    played = [*clicks, await reward(world, task, [plan[0].action])] if plan else clicks
    acts = any(text != first.text or over for _, text, over in played)
    wrong = max((r for r, _, _ in clicks), default=0.0)
    return {
        "elements": elements,
        "acts": acts,
        "expert": expert,
        "idle": idle,
        "wrong": wrong,
        "asks": task.instruction,
    }


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--solved", action="store_true", help="only pages with a solver")
    options.add_argument("pages", nargs="*")
    given = options.parse_args()
    world = WEB.world(WEB.world.Options(engine="chromium", deadline=60))
    loaded = acting = solved = tried = 0
    for page in given.pages or [p for p in playable_pages() if not given.solved or p in SOLVERS]:
        for seed in range(given.seeds):
            began = time.monotonic()
            try:
                r = await row(world, page, seed)
            except Exception as e:  # noqa: BLE001  # one page shall not end the table
                print(f"{page:28} {seed:3} fails: {type(e).__name__}: {e}"[:200], flush=True)
                continue
            loaded, acting = loaded + 1, acting + bool(r["acts"])
            tried, solved = tried + (page in SOLVERS), solved + (r["expert"] == 1.0)
            expert = "-" if page not in SOLVERS else "none" if r["expert"] is None else f"{r['expert']:g}"
            print(
                f"{page:28} {seed:3} {r['elements']:4} {'acts' if r['acts'] else '    '} expert {expert:>5} "
                f"idle {r['idle']:g} wrong {r['wrong']:g} {time.monotonic() - began:5.1f} s  {r['asks']!r:.70}",
                flush=True,
            )
    await world.close()
    print(f"{loaded} loaded, {acting} act; the solvers get reward 1 in {solved} of {tried}")
    for reason, names in LEFT_OUT.items():
        print(f"left out, {reason}: {names}")


if __name__ == "__main__":
    asyncio.run(main())
