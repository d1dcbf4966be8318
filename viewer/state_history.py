"""The states that an episode went through, found by doing its actions again in the engine; no model is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

from simenv.errors import ConfigError, SimenvError
from simenv.panel import Panel
from simenv.plugins.viewer import episode_engine
from simenv.types import Trajectory
from simenv.world import Engine

MOST = 200
"""Steps that are done again; a longer episode is shown up to there."""


class States(NamedTuple):
    """The panels before the first step and after each; `why` they end early, '' where they do not."""

    panels: list[tuple[Panel, ...]]
    why: str


def states(folder: Path, t: Trajectory) -> States:
    """Panels of every state. Where the engine cannot be had here, or a step fails, they end there and `why` says it."""
    found: list[tuple[Panel, ...]] = []
    try:
        asyncio.run(_replay(folder, t, found))
    except SimenvError as e:
        return States(found, str(e))
    said = [f"only the first {MOST} steps are shown"] if len(t.steps) > MOST else []
    if t.simulator:
        said.append("a model played this environment: these are the engine's states after the same actions")
    return States(found, "; ".join(said))


async def _replay(folder: Path, t: Trajectory, found: list[tuple[Panel, ...]]) -> None:
    if not issubclass(episode_engine.environment(t.environment).world, Engine):
        raise ConfigError(
            f"{t.environment}: a model played this environment alone, so there is no state but what it said"
        )
    live = episode_engine.rollout(folder, t, "human")
    site, given = live.sites[t.environment], episode_engine.task(folder, t.task)
    episode, seed = live.new_episode(given, t.attempt)
    world = episode.env.world
    try:
        await world.reset(given, seed)
        found.append(site.environment.panels(given.spec, await world.state()))
        for step in t.steps[:MOST]:
            if step.action is not None:
                await world.step(step.action)
            found.append(site.environment.panels(given.spec, await world.state()))
    finally:
        await world.close()
