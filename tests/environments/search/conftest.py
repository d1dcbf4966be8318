import asyncio

import pytest

from simenv.plugins.environments.search.world import Search
from simenv.types import Action, Task

PASSAGES = [
    {"id": "p1", "title": "Kest Labs", "text": "Kest Labs is a firm. It was founded in 1901. Its founder is Ann Lee."},
    {"id": "p2", "title": "Ann Lee", "text": "Ann Lee is a chemist. She was born on 3 May 1870. She wrote 40 papers. "
     "She lives in Rome. She rides. She was born to sail."},
    {"id": "p3", "title": "Ann Lee Award", "text": "The Ann Lee Award is given each year. It was founded in 1950."},
    {"id": "p4", "title": "Twin", "text": "One of two."},
    {"id": "p5", "title": "Twin", "text": "The other of two."},
]  # fmt: skip
GOAL = {
    "answers": ["3 May 1870", "1870-05-03"],
    "support": [
        {"page": "p1", "start": 46, "end": 66, "query": "Kest Labs founder", "keyword": "founder"},
        {"page": "p2", "start": 22, "end": 48, "query": "Ann Lee born", "keyword": "born"},
    ],
}
TASK = Task(
    id="t",
    environment="search",
    instruction="When was the founder of Kest Labs born?",
    spec={"passages": PASSAGES},
    goal=GOAL,
)


@pytest.fixture
def play():
    """Plays actions in a new world of the task: `play(("search", "Ann"), …)` gives the world and the observations."""

    def played(*steps, task=TASK, **options):
        world = Search(Search.Options(**options))
        asyncio.run(world.reset(task))
        parameters = {name: spec.parameters for name, spec in world.actions.items()}
        actions = [Action(name=n, arguments=dict(zip(parameters[n], values, strict=False))) for n, *values in steps]
        return world, [asyncio.run(world.step(a)) for a in actions]

    return played
