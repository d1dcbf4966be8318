"""A trajectory's gold twin: how its task is done well."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from simenv.agent import Agent, AgentContext
from simenv.errors import ModelError
from simenv.options import Options
from simenv.plugins.viewer.episodes import episode_engine
from simenv.types import Move, Trajectory, Turn, View


class _SolutionReader(Agent):
    """Says a solution, move by move."""

    def __init__(self, context: AgentContext, moves: tuple[Move, ...]) -> None:
        super().__init__(Options(), context)
        self._moves = moves

    async def act(self, view: View) -> Turn:
        if view.turn >= len(self._moves):
            raise ModelError("the task's solution ends before its episode does")
        return Turn(**dict(self.context.dialect.render(self._moves[view.turn], view.turn)), author="teacher")


def solution(folder: Path, t: Trajectory, trust: Collection[str] = ()) -> Trajectory:
    """The task's own solution, played in the engine. ConfigError, WorldError where it cannot be."""
    return asyncio.run(_play(folder, t, trust))


async def _play(folder: Path, t: Trajectory, trust: Collection[str]) -> Trajectory:
    task = episode_engine.task(folder, t.task)
    rollout = episode_engine.rollout(folder, t, "human", trust=trust)
    episode, seed = rollout.new_episode(task, t.attempt, lambda context: _SolutionReader(context, task.solution))
    try:
        return await episode.run(f"{t.task}: its solution", t.seed, t.attempt, seed)
    finally:
        await episode.env.close()
