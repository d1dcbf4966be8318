"""Of a simulator's prompt, what never changes in an episode comes first, so that a cache of prefixes can keep it."""

from itertools import takewhile

import pytest

from simenv.plugins import environment
from simenv.simulate import Exchange, SimulatorContext, SimulatorSetup
from simenv.simulate.simulators.grounded import Grounded
from simenv.types import Action

STATES = {
    "os": [
        {"cwd": "/root", "files": {}, "removed": [], "users": {}},
        {"cwd": "/srv", "files": {}, "removed": [], "users": {}},
    ],
    "web": [{"url": "/", "fields": []}, {"url": "/cart", "fields": []}],
}


def shared(*texts):
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))


async def prompt(name, state, past):
    environment_setup = SimulatorSetup.of(environment(name))
    simulator = Grounded.__new__(Grounded)
    simulator.setting, simulator.options = environment_setup, Grounded.Options()
    context = SimulatorContext(spec={"name": "Fern Shop", "forms": {}}, opening="first", state=state, past=past)
    request = await simulator.request(context, Action(name="look", arguments={}))
    return "\n".join(message.content for message in request.messages)


@pytest.mark.parametrize("name", sorted(STATES))
async def test_the_state_comes_behind_the_transcript(name):
    past = (Exchange(action=Action(name="look", arguments={"at": 1}), text="one answer"),)
    first = await prompt(name, STATES[name][0], ())
    second = await prompt(name, STATES[name][1], past)
    third = await prompt(name, STATES[name][0], (*past, *past))
    assert shared(second, third).rstrip().endswith('Answer: "one answer"')
    assert "first" in shared(first, second)
