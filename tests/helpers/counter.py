"""A task of the counter, and turns of an agent in it."""

from simenv.types import Task

TASK = Task(
    id="t",
    environment="counter",
    instruction="Bring the counter to 12, then report it.",
    spec={"start": 5},
    goal={"value": 12},
)


def react(name, value):
    """The text of a turn in the ReAct dialect."""
    return f"Thought: so.\nAction: {name}\nAction Input: {value}"
