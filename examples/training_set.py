# %% [markdown]
# # From episodes to a training set
# Roll out with interventions, curate, and look at where loss falls. Offline; nothing is trained here.

# %%
import json
import tempfile
from pathlib import Path

import simenv
from simenv.__main__ import main

folder = Path(tempfile.mkdtemp())

# %% A student that slips, and a teacher that takes over from before its first mistake.
run = simenv.run(
    environments=["household"],
    agent={"name": "expert", "error_rate": 0.3},
    hooks=["first_mistake", "takeover"],
    episodes=12,
    out=str(folder / "runs"),
)
print(sum(bool(t.interventions) for t in run.trajectories()), "of 12 episodes were taken over")

# %% Filters drop and mask; the expert's gold takes the place of what is dropped.
assert main(["curate", str(run.folder), "gold.expert=true", f"out={folder / 'curated'}", "name=set"]) == 0

# %% One sample: loss falls on the messages that say `train`.
sample = json.loads((folder / "curated" / "set" / "train.jsonl").open().readline())
for message in sample["messages"]:
    print("TRAINED" if message.get("train") else "       ", message["role"], message["content"][:60].replace("\n", " "))
assert any(message.get("train") for message in sample["messages"])
