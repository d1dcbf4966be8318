"""An agent has the actions that a run gives it: it is told of no others, and the world knows no others."""

import asyncio
import json

import pytest
from numpy.random import default_rng

import simenv
from simenv.config import EnvironmentConfig, Experiment
from simenv.errors import ConfigError
from simenv.models.clients.scripted import scripted
from simenv.plugins import environment
from simenv.rollout.run import Rollout
from simenv.runtime import EnvironmentRuntime
from tests.environments.search.test_frameworks import said


def runtime(*actions: str, dialect: str = "react") -> EnvironmentRuntime:
    return EnvironmentRuntime.of("search", EnvironmentConfig(actions=actions), dialect=dialect, episodes=1)


@pytest.mark.parametrize("dialect", ["react", "tools", "short", "brackets"])
def test_those_that_end_a_task_are_always_there(dialect):
    site = runtime("search", "open", dialect=dialect)
    assert list(site.dialect.actions) == list(site.world().actions) == ["search", "open", "finish"]
    assert list(runtime(dialect=dialect).world().actions) == ["search", "open", "lookup", "finish"]


def test_a_name_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match=r"search\.actions: unknown action 'serach'.*did you mean 'search'"):
        runtime("serach")


def test_the_expert_does_without_what_was_taken_away(tmp_path):
    """Tasks that cannot be solved so are rejected; a mistake on purpose uses no action that is gone either."""
    given = {"environments": {"search": {"actions": ["search", "open"]}}, "episodes": 30}
    run = simenv.run(out=str(tmp_path), agent={"name": "expert", "error_rate": 0.3, "kinds": ["action"]}, **given)
    told = [json.loads(line) for line in (run.folder / "rejected.jsonl").open()]
    used = {s.action.name for t in run.trajectories() for s in t.steps if s.action}
    assert told and used == {"search", "open", "finish"}
    assert all("lookup" in r["reason"] for r in told)


def test_a_model_that_uses_one_all_the_same_is_told_which_there_are():
    site = environment("search")
    task = site.procedural(site.procedural.Options(difficulty=1)).make("t", default_rng(18))
    given = {"environments": {"search": {"actions": ["search"]}}, "agent": "react", "dialect": "brackets"}
    settings = Experiment.model_validate(given | {"limits": {"max_turns": 2}})
    rollout = Rollout(settings, model=scripted(lambda request: said("lookup", "word")))
    [t] = asyncio.run(rollout.run_with_forks(task))
    assert {s.observation.text for s in t.steps} == {"There is no action Lookup; there are Search and Finish."}
