"""Scenes that the tests of the comparisons share: one action in a real engine, and what is claimed of it."""

import asyncio

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.types import Action, Observation, Task


def scene(name, spec, action, before=(), goal=None, **options):
    """What a real engine makes of an action, after some others."""
    return asyncio.run(_scene(name, spec, action, before, goal, options))


async def _scene(name, spec, action, before, goal, options):
    world = environment(name).world
    engine = world(world.Options(**options))
    await engine.reset(Task(id="t", environment=name, instruction="Do it.", spec=spec, goal=goal or {}))
    for earlier in before:
        await engine.step(Action(name=earlier[0], arguments=earlier[1]))
    start = await engine.state()
    truth = await engine.step(Action(name=action[0], arguments=action[1]))
    after = await engine.state()
    await engine.close()
    return Transition(
        spec=spec, action=Action(name=action[0], arguments=action[1]), before=start, after=after, truth=truth
    )


def verdict(name, made, text):
    """match, unverifiable, or the class of the drift."""
    finding = environment(name).comparison().observation(made, Observation(text=text))
    assert finding.label != "drift" or finding.reason, "a drift without a reason"
    return finding.error or finding.label


HOSTILE = (
    "", "\0", "\ud800", "[" * 5000, "(" * 5000, "-" * 5000, "a " * 200_000, "[(" + "1," * 100_000 + ")]", "'" * 4000,
    "| " * 3000, "\t" * 3000, "[('" + "\\" * 3001, "{" * 4000, "Decimal(" * 800, "9" * 6000, "[1e999999999, -1e-99999]",
    "you see " * 900, "You put " * 800, "In " * 2000 + "it, you see a mug 1.", "variable #" + "9" * 3000, "#1 " * 1500,
    "[(datetime.date(0, 0, 0),)]", "[(datetime.timedelta(days=999999999999),)]", "[('\\U99999999',)]", "+" + "-" * 4000 + "+",
    "ERROR 1064 " * 500, "Query OK, " * 600, "nan", "[(nan, inf)]", "there is " * 800 + "on the desk 1",
)  # fmt: skip


def deep(levels=4000):
    value = []
    for _ in range(levels):
        value = [value]
    return value
