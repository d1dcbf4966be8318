"""Agents, filters and hooks are checked by what they do in an episode of an environment that needs nothing: a household."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from simenv import plugins
from simenv.config import Experiment
from simenv.errors import ConfigError
from simenv.filter import Filter
from simenv.options import Options, explain, read
from simenv.rollout.run import Rollout
from simenv.types import Task, Trajectory, Verdict

ENVIRONMENT, EPISODES = "household", 3


def conform_plugin(kind: str, name: str, say: Callable[[str], None] = print) -> None:
    """Check an agent, a filter or a hook by name (`kind` is agents, filters or hooks) and say of each check what came of it.

    AssertionError names the first that fails; ConfigError says what it lacks.
    """
    plugin = plugins.load(kind, name)
    say(f"{plugins.KINDS[kind].noun} {name}: {plugin.__module__}")
    say("  has every method, async where it must be   ok")
    _explained(plugin)
    say("  every option has a meaning                 ok")
    _CHECKS[kind](plugin, name)
    say(f"  {_MEANING[kind]:42} ok")


def _explained(plugin: Any) -> None:
    assert issubclass(plugin.Options, Options), f"{plugin.__name__}.Options is no simenv.options.Options"
    for key, _, text in explain(plugin.Options):
        assert text, f"option {key} has no meaning: write a docstring below it"


def _episodes(**options: Any) -> list[Trajectory]:
    """Episodes of the household, with a slip here and there unless `options` name another agent."""
    fields = {"agent": {"name": "expert", "error_rate": 0.3}, **options}
    fields |= {"environments": {ENVIRONMENT: {"episodes": EPISODES}}, "on_bug": "continue"}
    rollout = Rollout(read(Experiment, fields, ""))
    site = rollout.sites[ENVIRONMENT]

    async def play() -> list[Trajectory]:
        tasks = [task for task in site.propose(0) if isinstance(task, Task)]
        return [t for task in tasks for t in await rollout.run_with_forks(task, 0)]

    return asyncio.run(play())


def _sound(trajectories: list[Trajectory]) -> None:
    for t in trajectories:
        assert not t.error, f"{t.id} ended in an error: {t.error}"
        assert t.turns, f"{t.id} has no turn"
        Trajectory.model_validate(t.model_dump(mode="json"))


def _agent(plugin: Any, name: str) -> None:
    if plugin.needs_model:
        raise ConfigError(f"agent {name!r} needs a model; play it: simenv rollout agent={name} model=…")
    _sound(_episodes(agent=name))


def _hook(plugin: Any, name: str) -> None:
    _sound(_episodes(hooks=[name]))


def _filter(plugin: type[Filter], name: str) -> None:
    for t in _episodes():
        before = t.model_dump_json()
        verdict, again = plugin().judge(t), plugin().judge(t)
        assert isinstance(verdict, Verdict), (
            f"judge gave {verdict!r:.80}; expected a Verdict: self.keep(…), self.drop(…)"
        )
        assert verdict == again, f"two verdicts on {t.id} differ"
        assert t.model_dump_json() == before, f"judging {t.id} changed it"
        assert verdict.decision == "keep" or verdict.reason, f"the verdict on {t.id} has no reason"


_CHECKS = {"agents": _agent, "filters": _filter, "hooks": _hook}
_MEANING = {
    "agents": f"plays {EPISODES} episodes to their end",
    "hooks": f"watches {EPISODES} episodes to their end",
    "filters": f"judges {EPISODES} trajectories, twice alike",
}
