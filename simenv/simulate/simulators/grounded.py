"""A model that is told what is true, spec and present state, and that also writes the next state."""

from __future__ import annotations

from typing import ClassVar

from simenv.simulate.prompted import PromptedSimulator


class Grounded(PromptedSimulator):
    """The state stands beside the transcript. Checked puts the true one there at every step; free-running, its own."""

    grounded: ClassVar[bool] = True
