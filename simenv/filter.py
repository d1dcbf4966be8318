"""What a filter is: it judges one trajectory. The filters themselves are files in filters/."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from simenv.options import Options
from simenv.types import Trajectory, Verdict


class Filter(ABC):
    """Keeps, edits, masks or drops; the reason of everything but a keep is one that can be counted."""

    Options: ClassVar[type[Options]] = Options
    name: ClassVar[str]

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or self.Options()

    @abstractmethod
    def judge(self, trajectory: Trajectory) -> Verdict:
        """A verdict that depends on nothing but the trajectory and the options."""
