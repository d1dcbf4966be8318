# %% [markdown]
# # Reading a run
# A run is a folder: an iterator of trajectories, and a table of pandas.

# %%
import tempfile

import simenv

# %% An expert that slips in a fifth of its turns, in two environments.
run = simenv.run(
    environments=["db", "kg"],
    agent={"name": "expert", "error_rate": 0.2},
    episodes=10,
    out=tempfile.mkdtemp(),
)

# %% As an iterator: one line of the folder at a time.
failed = [t for t in run.trajectories() if not t.grade.success]
for trajectory in failed:
    print(trajectory.id, trajectory.stop, trajectory.grade.reasons)

# %% As a table.
table = simenv.dataframe(run)
print(table.groupby("environment")[["success", "turns", "invalid"]].mean())
assert len(table) == 20 and len(failed) == (~table["success"]).sum()

# %% The same folder, opened again by its path.
again = simenv.open_run(run.folder)
print([task.instruction for task in again.tasks()][:2])
