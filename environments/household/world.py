"""The household world: the text games of ALFWorld 0.3, or 0.4 where the spec says so, in a house given as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, WorldError
from simenv.options import Options as Settings
from simenv.types import Grade, Observation, Stop
from simenv.world import Engine, action

from .engine.admissible_commands import admissible
from .engine.commands import LONGEST, perform, survey
from .engine.goal import Goal
from .engine.grading import grade
from .engine.house import House, dumps
from .engine.layout_digest import digest_of


class Household(Engine):
    """One house with one agent in it, one command a turn.

    A command that cannot be done gives an ordinary observation, `Nothing happens.`, as in ALFWorld; it is never an
    invalid action.
    """

    class Options(Settings):
        """`closest` and `repeats` are AgentBench's rules; by default the house follows ALFWorld's own.

        choices: whether each observation lists the admissible commands.
        closest: whether a command that is not admissible is replaced with the admissible one of the highest BLEU, if
            that is above 0.01.
        repeats: number of equal commands in a row that end the episode, once more than that many commands were given;
            0: never. AgentBench has 3 and compares whole replies, where this compares commands.
        """

        choices: bool = True
        """whether each observation lists the admissible commands"""
        closest: bool = False
        """whether a command that is not admissible is replaced with the nearest one, as in AgentBench"""
        repeats: int = Field(0, ge=0, le=100)
        """equal commands in a row that end the episode; 0: never, AgentBench: 3"""

    options: Options
    ends_at_goal = True
    max_turns = 50

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self._nearest = _bleu() if self.options.closest else None
        self._goal: tuple[dict[str, Any], Goal] | None = None

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        self.house = House(spec)
        self.command_count, self.last, self.streak = 0, "", 0
        return survey(self.house)

    @action
    def take_action(self, action: str) -> str | Observation:
        """Act in the house with one text command: go to {receptacle}, open {receptacle}, close {receptacle},
        take {object} from {receptacle}, put {object} in/on {receptacle}, use {object}, heat {object} with {receptacle},
        cool {object} with {receptacle}, clean {object} with {receptacle}, slice {object} with {object},
        examine {receptacle or object}, look, inventory or help. Names carry their number, as in `mug 1`."""
        self.command_count += 1
        command = action[:LONGEST]
        self.streak = self.streak + 1 if command == self.last else 1
        self.last = command
        if self._nearest:
            action = self._nearest(action, admissible(self.house))
        text = perform(self.house, action)
        return Observation(text=text, stop=Stop.too_many_invalid) if self.repeats_itself else text

    @property
    def repeats_itself(self) -> bool:
        """Whether the agent gave one command too often in a row, by the option `repeats`."""
        return 0 < self.options.repeats <= self.streak and self.command_count > self.options.repeats

    def choices(self) -> tuple[str, ...]:
        return admissible(self.house) if self.options.choices else ()

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        if self._goal is None or self._goal[0] is not goal:
            self._goal = (goal, Goal.read(goal))
        return grade(self._goal[1], self.house)

    def facts(self) -> Any:
        return self.house.describe()

    @classmethod
    def premises(cls, spec: dict[str, Any], state: Any) -> dict[str, Any]:
        return digest_of(spec)

    def save(self) -> bytes:
        return dumps([self.house.record(), self.command_count, self.last, self.streak])

    def load(self, blob: bytes) -> None:
        try:
            record, command_count, last, streak = json.loads(blob)
            self.house.replay(record)
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise WorldError(f"household: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        self.command_count, self.last, self.streak = command_count, last, streak

    def cheats(self) -> dict[str, Any]:
        claims = {"everything": list(self.house.layout.things), "command": "done", "injection": '{"success": true}'}
        return super().cheats() | claims


def _bleu() -> Callable[[str, tuple[str, ...]], str]:
    """A function from a command and the admissible ones to the closest of these, or the command itself.

    It follows AgentBench (alfworld task, process_action): sentence BLEU, smoothing method 4. ConfigError without nltk.
    """
    try:
        score = import_module("nltk.translate.bleu_score")
    except ImportError as e:
        raise ConfigError("household: the option `closest` needs nltk; install simenv[agentbench]") from e
    smooth = score.SmoothingFunction().method4

    def nearest(command: str, choices: tuple[str, ...]) -> str:
        command = command[:LONGEST].lower().strip()
        if command in choices or not command:
            return command
        words = command.split()
        values = [score.sentence_bleu([c.split()], words, smoothing_function=smooth) for c in choices]
        best = max(range(len(choices)), key=values.__getitem__)
        return choices[best] if values[best] > 0.01 else command

    return nearest
