"""The states that a stored episode went through, got by doing its actions again in the engine; no model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from simenv.errors import ConfigError, SimenvError, Untrusted
from simenv.panel import Panel
from simenv.plugins.viewer.episodes import episode_engine
from simenv.types import Trajectory
from simenv.world import Engine

MAX_STEPS = 200
"""Steps that are done again; of a longer episode the rest is left out."""


class StateHistory(NamedTuple):
    """The panels of the state before the first step and after each; `note` says why they end early or are not what the agent
    saw, '' where there is nothing to say."""

    panels: list[tuple[Panel, ...]]
    note: str


def replay_states(folder: Path, t: Trajectory, trust: Collection[str] = ()) -> StateHistory:
    """Do an episode's actions again and keep the panels of every state. `folder` is the run's.

    Where the engine cannot be started here, or a step fails, the panels end there and the note says why. Untrusted where the
    run's config does more than choose among what is installed, and `trust` does not name that.
    """
    panels: list[tuple[Panel, ...]] = []
    try:
        asyncio.run(_replay(folder, t, panels, trust))
    except Untrusted:
        raise
    except SimenvError as e:
        return StateHistory(panels, str(e))
    notes = [f"only the first {MAX_STEPS} steps are shown"] if len(t.steps) > MAX_STEPS else []
    if t.simulator:
        notes.append("a model played this environment: these are the engine's states after the same actions")
    return StateHistory(panels, "; ".join(notes))


async def _replay(folder: Path, t: Trajectory, panels: list[tuple[Panel, ...]], trust: Collection[str]) -> None:
    if not issubclass(episode_engine.environment(t.environment).world, Engine):
        raise ConfigError(
            f"{t.environment}: a model played this environment alone, so there is no state but what it said"
        )
    live = episode_engine.rollout(folder, t, "human", trust=trust)
    site, given = live.sites[t.environment], episode_engine.task(folder, t.task)
    episode, seed = live.new_episode(given, t.attempt)
    world = episode.env.world
    try:
        await world.reset(given, seed)
        panels.append(site.environment.panels(given.spec, await world.state()))
        for step in t.steps[:MAX_STEPS]:
            if step.action is not None:
                await world.step(step.action)
            panels.append(site.environment.panels(given.spec, await world.state()))
    finally:
        await world.close()
