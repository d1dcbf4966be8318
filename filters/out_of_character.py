"""Drops trajectories in which the environment speaks like an assistant."""

from __future__ import annotations

from typing import ClassVar

from simenv.chat_detection import chat_phrases
from simenv.filter import Filter, FilterOptions
from simenv.types import Observation, Trajectory, Verdict


class OutOfCharacterOptions(FilterOptions):
    engines: bool = False
    """also read the texts of engines, for runs whose origin is unknown"""


class OutOfCharacter(Filter):
    """Reads the verdict of the check, and the texts that a model wrote as the environment and the agent saw.

    Words of the opening and of the agent may be repeated by the environment, so they do not count.
    """

    Options: ClassVar[type[FilterOptions]] = OutOfCharacterOptions
    options: OutOfCharacterOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        quotable = _quotable(trajectory)
        for observation in (s.observation for s in trajectory.steps):
            if not self._read(observation):
                continue
            if observation.check is not None and observation.check.error == "out_of_character":
                return self.drop(trajectory, "out of character by its check")
            if chat_phrases(observation.text, quotable):
                return self.drop(trajectory, "environment chats")
        return self.keep(trajectory)

    def _read(self, observation: Observation) -> bool:
        by_model = observation.check.shown == "model" if observation.check else observation.source == "model"
        return by_model or self.options.engines


def _quotable(trajectory: Trajectory) -> str:
    """The opening of the chat and all that the agent said."""
    first = next((i for i, m in enumerate(trajectory.messages) if m.role == "assistant"), len(trajectory.messages))
    agent = (m for m in trajectory.messages[first:] if m.role == "assistant")
    return "\n".join(m.content for m in (*trajectory.messages[:first], *agent))
