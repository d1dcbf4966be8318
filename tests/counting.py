"""The counter's task, and how an agent writes its turns."""

from simenv.types import Task

TASK = Task(
    id="t",
    environment="counter",
    instruction="Bring the counter to 12, then report it.",
    spec={"start": 5},
    goal={"value": 12},
)


def say(name, value):
    return f"Thought: so.\nAction: {name}\nAction Input: {value}"
