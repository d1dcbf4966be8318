"""Transitions of real engines, and judgements of what is claimed about them."""

import asyncio

from simenv.compare import Transition
from simenv.plugins import environment
from simenv.types import Action, Observation, Task


def scene(name, spec, action, before=(), goal=None, **options):
    """The transition that an action makes in a real engine, after the actions `before`."""
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


def verdict(name, transition, text):
    """The judgement of an observation's text: match, unverifiable, or the class of the drift."""
    judgement = environment(name).comparison().observation(transition, Observation(text=text))
    assert judgement.label != "drift" or judgement.reason, "a drift without a reason"
    return judgement.error or judgement.label


HOSTILE = (
    "", "\0", "\ud800", "[" * 5000, "(" * 5000, "-" * 5000, "a " * 200_000, "[(" + "1," * 100_000 + ")]", "'" * 4000,
    "| " * 3000, "\t" * 3000, "[('" + "\\" * 3001, "{" * 4000, "Decimal(" * 800, "9" * 6000, "[1e999999999, -1e-99999]",
    "you see " * 900, "You put " * 800, "In " * 2000 + "it, you see a mug 1.", "variable #" + "9" * 3000, "#1 " * 1500,
    "[(datetime.date(0, 0, 0),)]", "[(datetime.timedelta(days=999999999999),)]", "[('\\U99999999',)]", "+" + "-" * 4000 + "+",
    "ERROR 1064 " * 500, "Query OK, " * 600, "nan", "[(nan, inf)]", "there is " * 800 + "on the desk 1",
)  # fmt: skip


def deep(levels=4000):
    """A list nested so deep."""
    value = []
    for _ in range(levels):
        value = [value]
    return value
