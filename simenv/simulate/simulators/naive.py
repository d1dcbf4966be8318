"""A model that knows the overview and the episode so far, and no more."""

from __future__ import annotations

from simenv.simulate.prompted import PromptedSimulator


class Naive(PromptedSimulator):
    """Overview, actions, transcript: what it says of the world it has to make up, and to remember."""
