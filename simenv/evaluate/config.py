"""Settings of an evaluation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveFloat

from simenv.config import Experiment
from simenv.evaluate.aggregate import DIVISORS
from simenv.options import FolderName
from simenv.trust import DataName


class Evaluation(Experiment):
    """A rollout, and how its outcomes are measured. `attempts` is the n of pass@k."""

    name: FolderName = "evaluation"
    """name of the run folder"""
    k: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """the ks of pass@k and pass^k; default: 1 and the number of attempts"""
    trained_on: tuple[DataName, ...] = ()
    """runs and curated sets that the agent was trained on; tasks that occur in them are an error"""
    held_out: bool = False
    """leave out the tasks that were trained on, and ask the others; those left out are in rejected.jsonl"""
    force: bool = False
    """evaluate although tasks were trained on; the report names them"""
    against: DataName | None = None
    """the run folder of another agent on the same tasks, to compare with"""
    divisors: dict[str, PositiveFloat] = DIVISORS
    """per cent by which AgentBench's overall score weighs each environment"""

    @property
    def ks(self) -> tuple[int, ...]:
        """The ks to report."""
        return self.k or tuple(sorted({1, self.attempts}))
