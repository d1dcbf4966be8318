"""Evidence: what the steps of a gold solution prove of the answer it gives. An environment has its own rules in evidence.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from simenv.types import Action, Observation, Stop, Task
from simenv.world import Engine


class PlayedStep(NamedTuple):
    """An action of a solution, and what the world answered."""

    action: Action
    observation: Observation


class Playthrough(NamedTuple):
    """A solution that was played to its end: the first observation, the steps, the answer (None where none was given)."""

    opening: Observation
    steps: tuple[PlayedStep, ...]
    answer: Any = None

    @property
    def looks(self) -> tuple[PlayedStep, ...]:
        """The steps before the answer."""
        return tuple(step for step in self.steps if step.observation.stop is not Stop.submitted)

    @property
    def last_text(self) -> str:
        """What the world showed last before the answer."""
        return self.looks[-1].observation.text if self.looks else self.opening.text


class Evidence:
    """Judges a solution that was played. Stateless. This one is for an environment without an evidence.py."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        """Whether the task is graded by the answer that was given; then the steps must show it."""
        return False

    def failure(self, step: PlayedStep) -> str:
        """What the world said where a step did not do its work; '' where it did."""
        return step.observation.text if step.observation.invalid else ""

    def doubt(self, task: Task, played: Playthrough) -> str:
        """Why the answer, or the goal itself, does not follow from what task and steps show; '' if it does."""
        return ""

    def volatile(self, played: Playthrough) -> str:
        """Why the answer is another one at another time or on another host, as the steps tell; '' if nothing says so."""
        return ""

    def difference(self, world: Engine, task: Task, answer: Any) -> str:
        """What the state and the answer lack beside the goal, by name; '' where the grader's reasons name it."""
        return ""
