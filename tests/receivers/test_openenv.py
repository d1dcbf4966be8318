"""OpenEnv's own client and validator against our server."""

import asyncio
import json

import pytest

from simenv.serve.config import OpenEnvConfig
from simenv.serve.guard import Access
from simenv.serve.openenv import app
from simenv.serve.task_catalog import Reset, TaskCatalog
from tests.helpers import receivers
from tests.serve.conftest import TOKEN, running


def catalog(name, **settings):
    shelf = TaskCatalog(name, OpenEnvConfig(**settings))
    asyncio.run(shelf.load())
    return shelf


def gold(shelf, seeds):
    """Episodes that the gold solutions solve."""
    return [
        {
            "reset": {"seed": seed, "episode_id": f"episode {seed}"},
            "actions": [m.action.model_dump(include={"name", "arguments"}) for m in shelf.task(Reset(seed=seed)).solution],
        }
        for seed in seeds
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ["household", "db"])
def test_openenvs_client_solves_tasks_in_sessions_of_its_own(name, tmp_path):
    shelf = catalog(name)
    episodes = gold(shelf, range(12))
    (tmp_path / "episodes.json").write_text(json.dumps(episodes))
    with running(app(shelf, OpenEnvConfig(), Access(TOKEN))) as port:
        told = receivers.answers(
            "openenv", "openenv_episodes.py", f"http://127.0.0.1:{port}/{TOKEN}", tmp_path / "episodes.json", 4
        )
    assert [t["task"] for t in told] == [f"{name}-{seed}" for seed in range(12)]
    for episode, seen in zip(episodes, told, strict=True):
        assert seen["done"] and seen["grade"]["success"] and seen["name"] == episode["reset"]["episode_id"]
        assert seen["rewards"] == [0.0] * (len(episode["actions"]) - 1) + [1.0]
        assert (
            seen["steps"] == len(episode["actions"])
            and shelf.task(Reset(seed=int(seen["task"].rpartition("-")[2]))).instruction in seen["first"]
        )


def test_openenvs_validator_passes_the_running_server():
    shelf = catalog("household")
    with running(app(shelf, OpenEnvConfig(), Access(TOKEN))) as port:
        report = json.loads(
            receivers.run("openenv", "openenv", "validate", "--url", f"http://127.0.0.1:{port}/{TOKEN}", "--json")
        )
    assert report["passed"] and report["mode"] == "simulation" and not report["summary"]["failed_criteria"]
