"""What a measurement is made from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.config import EnvironmentsConfig, Experiment, Ref

ActorName = Literal["expert", "random", "adversarial"]
QuestionMode = Literal["one_step", "free"]


class Fidelity(EnvironmentsConfig):
    """One measurement of one simulator."""

    name: str = Field(default="fidelity", pattern=r"^[\w][\w.-]*$")
    """name of the folder"""
    simulator: Ref = Ref(name="flawed")
    """who is measured: naive, few_shot, grounded, critic, or flawed, a stand-in that needs no model"""
    policies: tuple[ActorName, ...] = Field(default=("expert", "random", "adversarial"), min_length=1)
    """who acts, each in every task: expert, random, or adversarial (malformed actions, near-miss names, requests that
    must be refused)"""
    ways: tuple[QuestionMode, ...] = Field(default=("one_step", "free"), min_length=1)
    """one_step: the true state is given before each step; free: the simulator goes on from its own"""
    steps: int = Field(default=12, ge=1, le=100)
    """actions of one episode at most"""
    questions: str | None = None
    """a questions.jsonl of an earlier measurement; None: made from tasks and seed"""
    pairs: bool = True
    """whether the true answers are also written as training data for a simulator"""
    out: str = "fidelity"
    """where folders go"""

    def tasks(self) -> Experiment:
        """The experiment that finds and admits the tasks."""
        shared = set(EnvironmentsConfig.model_fields) - {"name", "simulator", "model"}
        return Experiment(**{k: v for k, v in dict(self).items() if k in shared})
