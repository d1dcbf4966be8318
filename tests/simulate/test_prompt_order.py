"""Of a simulator's prompt, what never changes in an episode comes first, so that a cache of prefixes can keep it."""

from itertools import takewhile

from simenv.plugins import environment
from simenv.simulate import Exchange, SimulatorContext, SimulatorSetup
from simenv.simulate.simulators.grounded import Grounded
from simenv.types import Action

STATES = {"url": "/", "fields": []}, {"url": "/cart", "fields": []}


def shared(*texts):
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False)))


async def prompt(state, past):
    simulator = Grounded.__new__(Grounded)
    simulator.setting, simulator.options = SimulatorSetup.of(environment("web")), Grounded.Options()
    context = SimulatorContext(spec={"name": "Fern Shop", "forms": {}}, opening="first", state=state, past=past)
    request = await simulator.request(context, Action(name="look", arguments={}))
    return "\n".join(message.content for message in request.messages)


async def test_a_state_of_its_own_template_comes_behind_the_transcript():
    past = (Exchange(action=Action(name="look", arguments={"at": 1}), text="one answer"),)
    first = await prompt(STATES[0], ())
    second = await prompt(STATES[1], past)
    third = await prompt(STATES[0], (*past, *past))
    assert shared(second, third).rstrip().endswith('Answer: "one answer"')
    assert "first" in shared(first, second)
