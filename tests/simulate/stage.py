"""The counter, played by whoever a test likes."""

import asyncio
import json

from simenv import plugins
from simenv.agent import Agent, AgentContext
from simenv.env import Env, Limits
from simenv.episode import Episode
from simenv.models.clients.scripted import scripted
from simenv.options import Options
from simenv.simulate import SimulatorSetup
from simenv.simulate.checked import Checked
from simenv.simulate.simulated import Simulated
from simenv.types import Action, Turn
from tests.counting import TASK, say


def actor(name, *replies, model=None, **options):
    """A simulator of the counter; with replies, a model says them."""
    counter = plugins.environment("counter")
    kind = plugins.load("simulators", name)
    played_by = model or scripted(*replies) if replies or model else None
    return kind(kind.Options(**options), SimulatorSetup.of(counter, None, played_by))


def checked(simulator, policy="correct", resamples=5):
    return Checked(simulator, plugins.environment("counter").world(), policy, resamples)


def simulated(simulator):
    return Simulated(simulator, plugins.environment("counter").world())


def line(observation, changes=None, **more):
    return json.dumps({"observation": observation, **more} | ({} if changes is None else {"changes": changes}))


def add(amount):
    return Action(name="add", arguments={"amount": amount})


def report(value):
    return Action(name="report", arguments={"value": value})


async def lived(world, *actions, seed=1):
    """Reset, act, and what was seen."""
    await world.reset(TASK, seed)
    return [await world.step(a) for a in actions]


class Says(Agent):
    def __init__(self, *said):
        self.said = list(said)
        super().__init__(Options(), AgentContext(dialect=None, rng=None))

    async def act(self, view):
        name, value = self.said.pop(0)
        return Turn(text=say(name, value))


def episode(world, *said, hooks=(), **limits):
    env = Env(world, plugins.environment("counter").dialect("react"), Limits(**limits))
    return asyncio.run(Episode(env, Says(*said), list(hooks), TASK).run("t.0", 0, 0, 1))
