"""The gymnasium face: its checker, vector environments, notebooks, and a clean exit."""

import asyncio
import os
import subprocess
import sys
import warnings

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import simenv.gym
from simenv import plugins
from simenv.errors import ConfigError, WorldError
from simenv.types import Task

IDS = [simenv.gym.env_id(n) for n in plugins.names("environments")]
STEP = "Thought: so.\nAction: add\nAction Input: 7"
TASK = Task(
    id="t", environment="counter", instruction="Bring the counter to 12.", spec={"start": 5}, goal={"value": 12}
)


@pytest.fixture(autouse=True, scope="module")
def registered():
    simenv.gym.register()


@pytest.mark.parametrize("id", IDS)
def test_gymnasiums_own_checker_accepts_it(id):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(id, disable_env_checker=True).unwrapped)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("id", IDS)
def test_vector_environments(id, mode):
    envs = gymnasium.make_vec(id, num_envs=3, vectorization_mode=mode)
    first, _ = envs.reset(seed=5)
    single, _ = gymnasium.make(id).reset(seed=6)
    assert len(first) == 3 and first[1] == single and first[0] != first[1]
    seen, rewards, terminated, truncated, _ = envs.step(("a", "Action: look", "ü"))
    assert len(seen) == 3 and all("no action found" in seen[i] for i in (0, 2))
    assert not rewards.any() and not terminated.any() and not truncated.any()
    envs.close()


def test_an_episode_with_a_given_task():
    env = gymnasium.make("simenv/Counter-v0")
    seen, info = env.reset(options={"task": TASK})
    assert "The counter shows 5." in seen and (info["task"], info["stop"], info["grade"]) == ("t", None, None)
    seen, reward, terminated, truncated, info = env.step(STEP)
    assert (seen, reward, terminated, truncated) == ("Observation: The counter shows 12.", 0.0, False, False)
    assert info["source"] == "engine"
    *_, reward, terminated, truncated, info = env.step("Thought: so.\nAction: report\nAction Input: 12")
    assert (reward, terminated, truncated, info["stop"]) == (1.0, True, False, "submitted")
    assert info["grade"]["success"] is True
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.unwrapped.step(STEP)


def test_limits_truncate_and_progress_can_be_the_reward():
    env = gymnasium.make("simenv/Counter-v0", reward="progress", limits={"max_turns": 2})
    env.reset(options={"task": TASK.model_dump()})
    assert env.step(STEP)[1] == 0.5
    _, reward, terminated, truncated, info = env.step(STEP)
    assert (reward, terminated, truncated, info["stop"]) == (-0.5, False, True, "max_steps")


def test_a_snapshot_brings_the_episode_back_even_after_its_end():
    env = gymnasium.make("simenv/Counter-v0").unwrapped
    env.reset(options={"task": TASK})
    point = env.snapshot()
    env.step("Thought: so.\nAction: report\nAction Input: 1")
    env.restore(point)
    assert env.step(STEP)[0] == "Observation: The counter shows 12."


def test_progress_is_rewarded_anew_after_a_restore():
    env = gymnasium.make("simenv/Counter-v0", reward="progress").unwrapped
    env.reset(options={"task": TASK})
    point = env.snapshot()
    rewards = [env.step(STEP)[1]]
    env.restore(point)
    assert rewards == [env.step(STEP)[1]] == [0.5]


def test_time_runs_out():
    env = gymnasium.make("simenv/Counter-v0", limits={"seconds": 1e-9}).unwrapped
    env.reset(options={"task": TASK})
    *_, terminated, truncated, info = env.step(STEP)
    assert (terminated, truncated, info["stop"]) == (False, True, "timeout")


def test_a_step_is_cut_where_the_time_runs_out():
    env = gymnasium.make("simenv/Counter-v0", limits={"seconds": 0.1}, world={"delay": 0.4}).unwrapped
    env.reset(options={"task": TASK})
    *_, terminated, truncated, info = env.step(STEP)
    assert (terminated, truncated, info["stop"]) == (False, True, "timeout")


def test_wrong_arguments_are_told():
    with pytest.raises(ConfigError, match="did you mean 'max_turns'"):
        gymnasium.make("simenv/Counter-v0", limits={"max_turn": 2})
    with pytest.raises(ConfigError, match="needs function calls"):
        gymnasium.make("simenv/Counter-v0", dialect="tools")
    with pytest.raises(ConfigError, match="expected 'success' or 'progress'"):
        gymnasium.make("simenv/Counter-v0", reward="wealth")
    with pytest.raises(WorldError, match=r"\$.start"):
        gymnasium.make("simenv/Counter-v0").reset(options={"task": TASK.model_copy(update={"spec": {"start": "x"}})})


def test_it_works_inside_a_running_event_loop():
    async def notebook():
        env = gymnasium.make("simenv/Counter-v0")
        env.reset(seed=1)
        return env.step(STEP)[0]

    assert "The counter shows" in asyncio.run(notebook())


def test_python_exits_although_nobody_calls_close():
    code = "import gymnasium, simenv.gym; e = gymnasium.make('simenv/Counter-v0'); e.reset(seed=1); e.step('x'); print('end')"
    folder = os.path.join(os.path.dirname(__file__), "plugins")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SIMENV_PLUGINS": folder},
    )
    assert done.stdout == "end\n" and done.returncode == 0, done.stderr


def test_a_simulator_may_play_checked_or_on_its_own():
    task = {
        "id": "t", "environment": "counter", "instruction": "Bring it to 12.", "spec": {"start": 5}, "goal": {"value": 12},
    }  # fmt: skip
    add = "Thought: so.\nAction: add\nAction Input: 7"
    wrong = {"name": "flawed", "rate": 1.0, "errors": ["wrong_result"]}
    for policy, source, text in (("correct", "checked", "shows 12."), (None, "model", "shows 1")):
        env = gymnasium.make("simenv/Counter-v0", simulator=wrong, policy=policy)
        env.reset(seed=1, options={"task": task})
        seen, *_, info = env.step(add)
        assert info["source"] == source and text in seen and (policy is None) == ("shows 12." not in seen)
        _, reward, terminated, _, _ = env.step("Thought: so.\nAction: report\nAction Input: 12")
        assert (reward, terminated) == (1.0, True), "the engine grades"
        env.close()
    with pytest.raises(ConfigError, match="unknown simulator"):
        gymnasium.make("simenv/Counter-v0", simulator="flawd")
