"""Says again what was said in an earlier run, task by task: to re-grade it, or to try it on another engine."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from simenv.agent import Agent, AgentContext
from simenv.errors import ConfigError, ModelError
from simenv.options import Options
from simenv.runs.store import Run, lines
from simenv.types import Trajectory, Turn, View


class ReplayOptions(Options):
    """Which run is repeated."""

    run: str
    """the run folder to replay"""


class Replay(Agent):
    """The assistant messages of the first trajectory of the same task, one a turn."""

    Options: ClassVar[type[Options]] = ReplayOptions
    needs_oracle: ClassVar[bool] = True
    options: ReplayOptions

    def __init__(self, options: ReplayOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        if context.oracle is None:
            raise ConfigError("agent 'replay' acts only where the rollout tells it the task")
        place = _places(Path(options.run)).get(context.oracle.task.id)
        self._said = [] if place is None else [m for m in _load(*place).messages if m.role == "assistant"]

    async def act(self, view: View) -> Turn:
        if view.turn >= len(self._said):
            raise ModelError(f"replay: {self.options.run} holds no turn {view.turn + 1} for this task")
        said = self._said[view.turn]
        return Turn(text=said.content, calls=said.calls, author=said.author, train=said.train)


@lru_cache(maxsize=4)
def _places(folder: Path) -> dict[str, tuple[Path, int]]:
    """Task id to the part and byte offset of its first trajectory."""
    Run.open(folder)
    places: dict[str, tuple[Path, int]] = {}
    for part in sorted((folder / "trajectories").glob("part-*.jsonl")):
        offset = 0
        for line in lines(part):
            if task := _task(line):
                places.setdefault(task, (part, offset))
            offset += len(line)
    return places


def _task(line: bytes) -> str:
    """The task of a trajectory's line; '' for a line that is none."""
    try:
        item = json.loads(line)
    except ValueError:
        return ""
    return str(item.get("task", "")) if isinstance(item, dict) else ""


def _load(part: Path, offset: int) -> Trajectory:
    with part.open("rb") as file:
        file.seek(offset)
        return Trajectory.model_validate_json(file.readline())
