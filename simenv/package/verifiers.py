"""simenv's environments for verifiers (v1): the taskset yields tasks, the environment plays the world's part host-side.

A package (`simenv package db to=verifiers`) subclasses `SimenvTaskset` with its names and exports it beside `SimenvEnv`.
Rewards: success, and progress with weight 0; metrics: format and turns. An episode whose world fails is an error of the
rollout, as verifiers counts them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import verifiers.v1 as vf

from simenv.package.tasks import Shelf
from simenv.types import Message


class SimenvData(vf.TaskData):
    """What a trace holds of a task: where it is found again, and neither its goal nor its solution."""

    environment: str
    dialect: str
    source: str
    seed: int
    number: int


class SimenvTask(vf.Task[SimenvData]):
    """Judged by `SimenvEnv`, which holds the world."""


class SimenvConfig(vf.TasksetConfig):
    """Settings of the taskset: `--env.taskset.episodes 100`."""

    episodes: int = 0
    """tasks of the procedural teacher; 0: the package's own number"""
    seed: int = 0
    """of the procedural teacher: another seed, other tasks"""


class SimenvTaskset(vf.Taskset[SimenvTask, SimenvConfig]):
    """The tasks of one environment; a package says which."""

    ENVIRONMENT: ClassVar[str] = ""
    DIALECT: ClassVar[str] = "react"
    EPISODES: ClassVar[int] = 50
    SOURCE: ClassVar[Path | None] = None

    def load(self) -> Iterator[SimenvTask]:
        shelf = Shelf(self.ENVIRONMENT, self.DIALECT, self.SOURCE, self.config.seed)
        for number in range(shelf.count(self.config.episodes or self.EPISODES)):
            task, opening = shelf.task(number), _ran(shelf.opening(number))
            system = "\n\n".join(m.content for m in opening if m.role == "system")
            data = SimenvData(
                id=task.id,
                name=task.id,
                prompt="\n\n".join(m.content for m in opening if m.role != "system"),
                system_prompt=system or None,
                environment=self.ENVIRONMENT,
                dialect=self.DIALECT,
                source=str(self.SOURCE or ""),
                seed=self.config.seed,
                number=number,
            )
            yield SimenvTask(data, self.config.task)


class SimenvEnvConfig(vf.EnvConfig):
    """The agent that plays: `--env.player.harness.id null` for a model that only talks."""

    player: vf.AgentConfig = vf.AgentConfig()


class SimenvEnv(vf.Env[SimenvEnvConfig]):
    """One episode a rollout: the agent's replies are turns, what the world says comes back as the user's."""

    async def run(self, task: SimenvTask, agents: Any) -> None:
        data = task.data
        shelf = Shelf(data.environment, data.dialect, data.source, data.seed)
        episode = await shelf.begin(data.number)
        try:
            async with agents.player.interaction(task) as interaction:
                segment = await interaction.turn()
                while not segment.terminated:
                    said = await episode.hear(segment.last_reply)
                    if episode.over:
                        break
                    segment = await interaction.turn(said)
            judged = await episode.judge()
        finally:
            await episode.close()
        trace = interaction.trace
        trace.record_reward("success", float(judged.grade.success), 1.0)
        trace.record_reward("progress", judged.grade.progress, 0.0)
        trace.record_metric("format", judged.format)
        trace.record_metric("turns", float(episode.env.turn))
        trace.info["stop"] = judged.stop.value if judged.stop else "agent"


def _ran(work: Any) -> tuple[Message, ...]:
    """The result of a coroutine, also where a loop runs already, as in an eval."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
