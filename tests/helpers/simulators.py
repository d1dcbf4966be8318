"""The counter as a model simulates it, and scripted agents in it."""

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
from tests.helpers.counter import TASK, react


def simulator(name, *replies, model=None, **options):
    """A simulator of the counter. Its model is `model`, or a scripted one that gives the replies in this order."""
    counter = plugins.environment("counter")
    kind = plugins.load("simulators", name)
    model = model or scripted(*replies) if replies or model else None
    return kind(kind.Options(**options), SimulatorSetup.of(counter, None, model))


def checked_world(simulator, policy="correct", resamples=5):
    return Checked(simulator, plugins.environment("counter").world(), policy, resamples)


def simulated_world(simulator):
    return Simulated(simulator, plugins.environment("counter").world())


def reply(observation, changes=None, **more):
    """What a simulator's model writes for one step."""
    return json.dumps({"observation": observation, **more} | ({} if changes is None else {"changes": changes}))


def add(amount):
    return Action(name="add", arguments={"amount": amount})


def report(value):
    return Action(name="report", arguments={"value": value})


async def observations(world, *actions, seed=1):
    """Resets the world and takes the actions; returns their observations."""
    await world.reset(TASK, seed)
    return [await world.step(a) for a in actions]


class ScriptedAgent(Agent):
    """Takes (action, value) turns in this order."""

    def __init__(self, *turns):
        self.turns = list(turns)
        super().__init__(Options(), AgentContext(dialect=None, rng=None))

    async def act(self, view):
        name, value = self.turns.pop(0)
        return Turn(text=react(name, value))


def run_episode(world, *turns, hooks=(), **limits):
    """The trajectory of an episode of these (action, value) turns."""
    env = Env(world, plugins.environment("counter").dialect("react"), Limits(**limits))
    return asyncio.run(Episode(env, ScriptedAgent(*turns), list(hooks), TASK).run("t.0", 0, 0, 1))
