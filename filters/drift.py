"""Drops trajectories in which a model that played the environment showed the agent something false."""

from __future__ import annotations

from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import StepCheck, Trajectory, Verdict


class DriftOptions(FilterOptions):
    corrected: bool = False
    """also drop where the engine corrected the drift before the agent saw it"""
    unverifiable: bool = False
    """also drop where the agent saw a model's text that the engine can neither confirm nor refute"""
    unchecked: bool = False
    """also drop where a model played the environment unchecked"""


class Drift(Filter):
    """Reads the check of every step. A corrected drift is harmless: the agent saw the engine's text."""

    Options: ClassVar[type[FilterOptions]] = DriftOptions
    options: DriftOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        options = self.options
        for step in trajectory.steps:
            check = step.observation.check
            if check is None:
                if options.unchecked and step.observation.source == "model":
                    return self.drop(trajectory, "unchecked simulation")
            elif _is_shown_drift(check):
                return self.drop(trajectory, "drift")
            elif options.unverifiable and check.shown == "model" and check.label == "unverifiable":
                return self.drop(trajectory, "unverifiable simulation")
            elif options.corrected and check.label == "drift":
                return self.drop(trajectory, "corrected drift")
        return self.keep(trajectory)


def _is_shown_drift(check: StepCheck) -> bool:
    return check.shown == "model" and "drift" in (check.label, check.state)
