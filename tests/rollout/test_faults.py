"""Real SDKs against a real local server that fails in every way: no episode is lost, none is held against the agent."""

import asyncio
import json
import re

import pytest

from simenv.config import Experiment
from simenv.errors import BudgetSpent
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.types import Stop
from tests.helpers.model_server import Faults, Reply, serve

EPISODES = 60
EVERY = ("429", "500", "503", "truncated", "cut", "reset", "html", "slow")


def solve(messages, tools):
    """Plays the counter, in text or by tool calls."""
    target = int(re.search(r"counter to (\d+)", str(messages))[1])
    shown = [m["content"] for m in messages if m["role"] in ("user", "tool")]
    value = int(re.findall(r"shows (\d+)", " ".join(map(str, shown)))[-1])
    name, key, number = ("report", "value", value) if value == target else ("add", "amount", min(10, target - value))
    if tools:
        return Reply(text="On I go.", calls=[(name, {key: number})])
    return f"Thought: On I go.\nAction: {name}\nAction Input: {number}"


def options(server, client, **more):
    url = server.openai_url if client == "openai" else server.anthropic_url
    return {"model": "m", "base_url": url, "backoff": 0.01, "retries": 12, "timeout": 5, "concurrency": 64, **more}


def rolled(folder, model, **changes):
    e = Experiment.model_validate(
        {
            "environments": ["counter"],
            "episodes": EPISODES,
            "agent": "react",
            "concurrency": 200,
            "name": "r",
            **changes,
        }
    )

    async def go():
        run = Run.create(folder, "r", "")
        live = Rollout(e, model)
        await live.prepare(run)
        try:
            await live.run(run)
        finally:
            await model.close()
        return run

    return asyncio.run(go())


@pytest.mark.parametrize("dialect", ["react", "tools"])
@pytest.mark.parametrize("client", ["openai", "anthropic"])
def test_all_episodes_over_a_failing_server_all_succeed(tmp_path, client, dialect, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-secret")
    monkeypatch.setenv("OPENAI_API_KEY", "k-secret")
    with serve(solve, faults=Faults(rate=0.25, seed=3, kinds=EVERY, slow=0.2)) as server:
        model = connect(client, options(server, client))
        run = rolled(tmp_path, model, dialect=dialect)
    faults = {r.fault for r in server.requests if r.fault}
    assert faults == set(EVERY)
    trajectories = list(run.trajectories())
    assert len({t.id for t in trajectories}) == EPISODES and not list(run.raw("errors"))
    assert all(t.grade.success and t.stop is Stop.submitted for t in trajectories)
    assert not any(s.observation.invalid for t in trajectories for s in t.steps)
    assert all(t.usage.calls == len(t.steps) and t.usage.input_tokens > 0 for t in trajectories)
    assert b"k-secret" not in b"".join(p.read_bytes() for p in run.folder.rglob("*") if p.is_file())


def test_a_prompt_that_does_not_fit_ends_its_episode_as_context_limit(tmp_path):
    with serve(solve, faults=Faults(rate=0.1, seed=1, kinds=("context",))) as server:
        run = rolled(tmp_path, connect("openai", options(server, "openai", api_key_env="NO_SUCH_KEY")))
    trajectories = list(run.trajectories())
    stops = {t.stop for t in trajectories}
    assert len(trajectories) == EPISODES and stops == {Stop.submitted, Stop.context_limit}
    assert all(t.grade is not None for t in trajectories)


def test_a_server_that_never_answers_makes_errors_that_a_resumed_run_tries_again(tmp_path):
    with serve(solve, faults=Faults(rate=1.0, kinds=("500",))) as server:
        model = connect("openai", options(server, "openai", retries=1))
        run = rolled(tmp_path, model, episodes=5)
        assert not list(run.raw("trajectories"))
        errors = list(run.errors())
        assert len(errors) == 5 and all(t.grade is None and "HTTP 500" in t.error for t in errors)
    with serve(solve) as server:

        async def again():
            live = Rollout(
                Experiment.model_validate({"environments": ["counter"], "episodes": 5, "agent": "react"}),
                connect("openai", options(server, "openai")),
            )
            await live.prepare(run)
            await live.run(run)

        asyncio.run(again())
    assert sorted(t["id"] for t in run.raw("trajectories")) == [f"counter-0-{n:05d}.0" for n in range(5)]


def test_a_spend_cap_ends_the_run_and_what_was_finished_is_kept(tmp_path):
    with serve(solve) as server:
        budget = Budget(0.01)
        prices = {"usd_per_million_in": 10.0, "usd_per_million_out": 10.0, "max_tokens": 64, "concurrency": 2}
        model = connect("openai", options(server, "openai", **prices), budget=budget)
        with pytest.raises(BudgetSpent, match="spend cap"):
            rolled(tmp_path, model, concurrency=2)
    run = Run(tmp_path / "r")
    kept = list(run.trajectories())
    assert 0 < len(kept) < EPISODES and all(t.grade.success for t in kept)
    assert 0.005 < budget.spent <= 0.01
    assert json.dumps([t.usage.cost for t in kept]) and sum(t.usage.cost for t in kept) <= budget.spent + 1e-9
