"""Drops trajectories that do not end in an answer, or not in one of the form asked for."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import regex
from pydantic import Field

from simenv.errors import ConfigError
from simenv.filter import Filter, FilterOptions
from simenv.types import Stop, Trajectory, Verdict, canonical

SECONDS = 10.0
"""Time that a form may take on one answer."""


class FinalAnswerOptions(FilterOptions):
    forms: dict[str, str] = {}
    """by environment, a regular expression that the answer, as text or compact JSON, must match as a whole"""
    longest: int = Field(default=300, ge=1)
    """characters of one value of an answer"""
    empty: bool = False
    """whether an empty answer is kept"""


class FinalAnswer(Filter):
    """The episode must have ended by the agent's answer, or by the world seeing the goal reached."""

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
