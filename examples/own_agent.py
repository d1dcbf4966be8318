# %% [markdown]
# # An agent of your own
# A plain function acts in a household; what it did is a graded trajectory. Run the cells in an editor, or the file.

# %%
import re

import simenv

# %% What an agent sees: the instruction, the chat, the number of its turn.
[task] = simenv.tasks("household", 1, seed=4)
print(task.instruction)


# %% An agent in ten lines: it goes from place to place, opens what is closed, and takes nothing.
def explorer(view: simenv.View) -> str:
    first = next(m.content for m in view.messages if "Looking quickly around you" in m.content)
    places = re.findall(r"\w+ \d+", first.rpartition("Looking quickly around you")[2])
    closed = re.search(r"The (\w+ \d+) is closed", view.messages[-1].content)
    command = f"open {closed[1]}" if closed else f"go to {places[view.turn % len(places)]}"
    return f"Thought: I look around.\nAction: take_action\nAction Input: {command}"


# %% Played to its end. An exception of the function would come out here.
trajectory = simenv.run_episode("household", explorer, task, limits={"max_turns": 6})
print(trajectory.stop, trajectory.grade.progress)
assert not any(step.observation.invalid for step in trajectory.steps)
for step in trajectory.steps:
    print(step.action and step.action.arguments, "→", step.observation.text[:80])

# %% The expert on the same task, for comparison.
expert = simenv.run_episode("household", "expert", task)
assert expert.grade.success
print(len(trajectory.turns), "turns of the function,", len(expert.turns), "of the expert")
