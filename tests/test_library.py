"""The face of the library: an agent as a function, a run as an iterator and a table, environments that are copied."""

import asyncio
import copy
import pickle

import gymnasium
import pytest

import simenv
import simenv.gym
from simenv.errors import ConfigError
from tests.test_gym import STEP, TASK


def counting(view):
    """The ten-line agent: reads the counter off the last message and goes to 12."""
    value = int(view.messages[-1].content.rsplit("shows ", 1)[1].split(".")[0])
    if value == 12:
        return "Thought: there.\nAction: report\nAction Input: 12"
    return f"Thought: on.\nAction: add\nAction Input: {12 - value}"


async def counting_async(view):
    await asyncio.sleep(0)
    return simenv.Turn(text=counting(view))


class Counting(simenv.Agent):
    async def act(self, view):
        return simenv.Turn(text=counting(view))


@pytest.mark.parametrize("agent", [counting, counting_async, Counting])
def test_a_function_or_class_of_ones_own_ends_in_a_trajectory(agent):
    trajectory = simenv.run_episode("counter", agent, TASK)
    assert isinstance(trajectory, simenv.Trajectory) and trajectory.grade.success
    assert (trajectory.agent, trajectory.stop, len(trajectory.turns)) == (agent.__name__, "submitted", 2)


async def test_it_runs_where_a_loop_runs_already_as_in_a_notebook():
    assert simenv.run_episode("counter", counting, TASK).grade.success
    assert (await simenv.run_episode_async("counter", "expert", seed=3)).grade.success


def test_an_agent_by_name_plays_a_task_of_the_teacher():
    [task] = simenv.tasks("counter", 1, seed=5)
    assert task == simenv.tasks("counter", 2, seed=5)[0]
    assert simenv.run_episode(simenv.environment("counter"), {"name": "expert", "error_rate": 0}, task).task == task.id


def test_what_an_agent_raises_comes_out_or_is_kept():
    def broken(view):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        simenv.run_episode("counter", broken, TASK)
    kept = simenv.run_episode("counter", broken, TASK, on_bug="continue")
    assert kept.stop == "error" and "KeyError" in kept.error


class Plain(simenv.Agent):
    def act(self, view):
        return simenv.Turn(text="")


class Texts(simenv.Agent):
    async def act(self, view):
        return "a text"


@pytest.mark.parametrize(
    ("agent", "task", "message"),
    [
        (Plain, TASK, "Plain.act is a plain function; write `async def act`"),
        (Texts, TASK, r"act gave 'a text'; expected a Turn: Turn\(text=…\)"),
        (lambda view: 7, TASK, "gave 7; expected a text or a Turn"),
        (7, TASK, "expected a name, a function from a View"),
        ("exprt", TASK, "did you mean 'expert'"),
        (
            counting,
            "counter-0-00000",
            "task: expected a Task or its JSON, got 'counter-0-00000'; a run folder's tasks are",
        ),
        (counting, {"id": "t"}, "task: environment: Field required"),
        (counting, TASK.model_copy(update={"environment": "db"}), "t is a task of 'db', not of 'counter'"),
    ],
)
def test_what_is_wrong_is_one_clear_line(agent, task, message):
    with pytest.raises((ConfigError, TypeError), match=message) as caught:
        simenv.run_episode("counter", agent, task)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tsk": TASK}, r"reset\(options=…\): unknown option 'tsk'; available: task; did you mean 'task'"),
        ({"task": "counter-0-00000"}, "expected a Task or its JSON, got 'counter-0-00000'"),
    ],
)
def test_a_wrong_reset_is_one_clear_line(options, message):
    with pytest.raises(ConfigError, match=message):
        simenv.gym.SimEnv("counter").reset(options=options)


def test_a_run_is_an_iterator_and_a_table(tmp_path):
    pytest.importorskip("pandas")
    run = simenv.run(environments=["counter"], agent="expert", episodes=3, out=str(tmp_path))
    again = simenv.open_run(run.folder)
    assert [t.id for t in again.trajectories()] == list(simenv.dataframe(run.folder)["id"])
    table = simenv.dataframe(t for t in again.trajectories() if t.grade.success)
    assert len(table) == 3 and table["success"].all() and table["turns"].min() >= 2
    with pytest.raises(ConfigError, match="no run here"):
        simenv.open_run(tmp_path)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))], ids=["copy", "pickle"])
@pytest.mark.parametrize("name", ["counter", "db", "household", "kg", "web", "search"])
def test_an_environment_is_copied_in_the_middle_of_an_episode(name, copied):
    simenv.gym.register()
    env = gymnasium.make(simenv.gym.env_id(name), reward="progress")
    fresh = copied(env)
    first, _ = fresh.reset(seed=4)
    assert env.reset(seed=4)[0] == first
    env.step(STEP)
    other = copied(env)
    assert other.unwrapped.messages == env.unwrapped.messages
    assert other.step(STEP) == env.step(STEP)
    other.step(STEP)
    assert len(other.unwrapped.messages) > len(env.unwrapped.messages)
    for each in (env, fresh, other):
        each.close()


def test_what_an_environment_holds_is_copied_by_name():
    db = simenv.environment("db")
    assert copy.deepcopy(db) is db and pickle.loads(pickle.dumps(db)) is db


def test_every_public_name_is_there_and_listed():
    for name in simenv.__all__:
        assert getattr(simenv, name) is not None and name in dir(simenv)
    with pytest.raises(AttributeError, match="no attribute 'rn'"):
        _ = simenv.rn
