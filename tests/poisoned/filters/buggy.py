"""A filter that cannot judge every trajectory."""

from __future__ import annotations

from typing import ClassVar

from simenv.filter import Filter, FilterOptions
from simenv.types import Trajectory, Verdict


class BuggyOptions(FilterOptions):
    every: int = 4
    """it fails at one trajectory of so many"""
    none: bool = False
    """it gives no verdict there, instead of an exception"""


class Buggy(Filter):
    Options: ClassVar[type[FilterOptions]] = BuggyOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        if int(trajectory.task.rpartition("-")[2]) % self.options.every:
            return self.keep(trajectory)
        if self.options.none:
            return None
        return self.drop(trajectory, {}["reason"])
