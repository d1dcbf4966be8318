"""Settings of a fidelity measurement."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.config import EnvironmentsConfig, Experiment, Ref
from simenv.options import FolderName
from simenv.trust import DataName

ActorName = Literal["expert", "random", "adversarial"]
QuestionMode = Literal["one_step", "free"]


class Fidelity(EnvironmentsConfig):
    """One measurement of one simulator."""

    name: FolderName = "fidelity"
    """name of the folder"""
    simulator: Ref = Ref(name="flawed")
    """the simulator to measure: naive, few_shot, grounded, critic, or flawed, a stand-in that needs no model"""
    policies: tuple[ActorName, ...] = Field(default=("expert", "random", "adversarial"), min_length=1)
    """the actors, each of which plays every task: expert, random, or adversarial (malformed actions, near-miss names,
    requests that must be refused)"""
    ways: tuple[QuestionMode, ...] = Field(default=("one_step", "free"), min_length=1)
    """one_step: the simulator gets the true state before each step; free: it continues from its own state"""
    steps: int = Field(default=12, ge=1, le=100)
    """most actions of one episode"""
    questions: DataName | None = None
    """the questions.jsonl of an earlier measurement; None: questions are made from the tasks and the seed"""
    pairs: bool = True
    """also write the true answers as training data for a simulator"""
    out: str = "fidelity"
    """parent folder of the measurements"""

    def tasks(self) -> Experiment:
        """The experiment that finds and admits the tasks."""
        fields = set(EnvironmentsConfig.model_fields) - {"name", "simulator", "model"}
        return Experiment(**{k: v for k, v in dict(self).items() if k in fields})
