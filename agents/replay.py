"""Repeats the turns of an earlier run, task by task: to grade them again, or to try them on another engine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from simenv.agent import Agent, AgentContext
from simenv.errors import ConfigError, ModelError
from simenv.options import Options
from simenv.runs.store import Run, json_object, trajectory_at
from simenv.trust import DataName
from simenv.types import Turn, View


class ReplayOptions(Options):
    """Which run is repeated."""

    run: DataName
    """the run folder to replay"""


class Replay(Agent):
    """Says the assistant messages of the first trajectory of the same task, one a turn. ModelError where they run out."""

    Options: ClassVar[type[Options]] = ReplayOptions
    needs_oracle: ClassVar[bool] = True
    options: ReplayOptions

    def __init__(self, options: ReplayOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        if context.oracle is None:
            raise ConfigError("agent 'replay' acts only where the rollout tells it the task")
        place = _places(Path(options.run)).get(context.oracle.task.id)
        self._turns = [] if place is None else [m for m in trajectory_at(*place).messages if m.role == "assistant"]

    async def act(self, view: View) -> Turn:
        if view.turn >= len(self._turns):
            raise ModelError(f"replay: {self.options.run} holds no turn {view.turn + 1} for this task")
        message = self._turns[view.turn]
        return Turn(
            text=message.content,
            reasoning=message.reasoning,
            calls=message.calls,
            finish=message.finish or "stop",
            author=message.author,
            train=message.train,
        )


@lru_cache(maxsize=4)
def _places(folder: Path) -> dict[str, tuple[Path, int]]:
    """Task id to the part and byte offset of its first trajectory."""
    places: dict[str, tuple[Path, int]] = {}
    for line in Run.open(folder).lines("trajectories"):
        item = json_object(line.data) if line.whole else None
        if item is not None and (task := item.get("task")):
            places.setdefault(str(task), (line.part, line.offset))
    return places
