"""Drops trajectories that do not end in an answer, or in one of the wrong form."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import regex
from pydantic import Field

from simenv.errors import ConfigError
from simenv.filter import Filter, FilterOptions
from simenv.types import Stop, Trajectory, Verdict, canonical

SECONDS = 10.0
"""Longest time that matching one answer may take."""


class FinalAnswerOptions(FilterOptions):
    forms: dict[str, str] = {}
    """regular expressions, by environment, that the whole answer (text or compact JSON) must match"""
    longest: int = Field(default=300, ge=1)
    """most characters of one value of an answer"""
    empty: bool = False
    """whether an empty answer is kept"""


class FinalAnswer(Filter):
    """Keeps episodes that the agent's answer ended, or the world when it saw the goal reached."""

    Options: ClassVar[type[FilterOptions]] = FinalAnswerOptions
    options: FinalAnswerOptions

    @cached_property
    def _forms(self) -> dict[str, regex.Pattern[str]]:
        try:
            return {name: regex.compile(form) for name, form in self.options.forms.items()}
        except regex.error as e:
            raise ConfigError(f"filters.final_answer.forms: no regular expression: {e}") from e

    def judge(self, trajectory: Trajectory) -> Verdict:
        if not trajectory.stop.terminal:
            return self.drop(trajectory, "no final answer")
        if trajectory.stop is Stop.done or not trajectory.steps:
            return self.keep(trajectory)
        last = trajectory.steps[-1]
        if last.action is not None and not last.action.arguments:
            return self.keep(trajectory)  # finished without an answer, where the state is what counts
        answer = last.observation.answer
        values = answer if isinstance(answer, list) else [answer]
        if not self.options.empty and not any(_text(v).strip() for v in values):
            return self.drop(trajectory, "empty answer")
        if any(len(_text(v)) > self.options.longest for v in values):
            return self.drop(trajectory, "answer too long")
        if not self._fits(trajectory.environment, _text(answer)):
            return self.drop(trajectory, "answer of another form")
        return self.keep(trajectory)

    def _fits(self, environment: str, answer: str) -> bool:
        form = self._forms.get(environment)
        try:
            return form is None or form.fullmatch(answer, timeout=SECONDS) is not None
        except TimeoutError as e:
            raise ConfigError(
                f"filters.final_answer.forms.{environment}: takes more than {SECONDS:g} s on one answer"
            ) from e


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else canonical(value)
