"""Drops trajectories in which the environment speaks like an assistant."""

from __future__ import annotations

import re
from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import Observation, Trajectory, Verdict

_CHAT = re.compile(
    r"\bas an ai\b|\blanguage model\b|\bi(?:'m| am) (?:sorry|afraid),? (?:but )?i (?:can(?:no|')t|am unable)"
    r"|\b(?:feel free|let me know|please let me) (?:to|if|know)\b|\bhow (?:can|may) i (?:help|assist) you\b"
    r"|\b(?:is there anything else|would you like me to|here(?:'s| is) (?:the|a) simulated|i(?:'ll| will) simulate)\b"
    r"|\b(?:great|good) (?:job|question|choice)[!,.]|\byou(?:'re| are) welcome\b|\bcertainly!|\bof course!",
    re.IGNORECASE,
)


class OutOfCharacterOptions(FilterOptions):
    engines: bool = False
    """also read the texts of engines, for runs whose origin is unknown"""


class OutOfCharacter(Filter):
    """Reads the checks, and searches the texts that a model wrote as the environment and the agent saw."""

    Options: ClassVar[type[FilterOptions]] = OutOfCharacterOptions
    options: OutOfCharacterOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        for observation in (s.observation for s in trajectory.steps):
            if not self._read(observation):
                continue
            if observation.check is not None and observation.check.error == "out_of_character":
                return self.drop(trajectory, "out of character by its check")
            if _CHAT.search(observation.text):
                return self.drop(trajectory, "environment chats")
        return self.keep(trajectory)

    def _read(self, observation: Observation) -> bool:
        by_model = observation.check.shown == "model" if observation.check else observation.source == "model"
        return by_model or self.options.engines
