"""Reinforcement learning in simenv's worlds, by the trainers of others: TRL's GRPO through one adapter, `rl/trl.py`.

There is no trainer of ours here: settings, tasks, and the way between TRL's rollouts and an episode.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.config import EnvironmentsConfig
from simenv.env import Limits
from simenv.options import Options
from simenv.trust import PluginName, ProgramOptions, WeightsName


class Rewards(Options):
    """Weights of the reward functions, whose sum is the reward."""

    success: float = 1.0
    """1 where the task is solved"""
    progress: float = 0.0
    """from 0 to 1: how much of the task is done"""
    format: float = 0.0
    """share of the turns that held an action which could be carried out"""


class Reinforcement(EnvironmentsConfig):
    """Settings of a training by TRL's GRPO: `episodes` is the number of tasks of each environment."""

    base: WeightsName
    """the model that is trained: a folder, or a name on the Hugging Face hub"""
    dialect: PluginName = "react"
    """how actions are written; with tools, TRL itself calls them"""
    steps: int = Field(default=50, ge=1)
    """of the optimizer"""
    group: int = Field(default=8, ge=2)
    """attempts at the same task in the same world, which are compared with each other"""
    groups: int = Field(default=2, ge=1)
    """tasks of one step"""
    learning_rate: float = Field(default=1e-5, gt=0)
    """of AdamW, at its highest"""
    temperature: float = Field(default=1.0, gt=0)
    """with which turns are drawn"""
    tokens: int = Field(default=256, ge=1)
    """most tokens of a turn; with dialect=tools of all turns and results of an episode together"""
    context: int | None = Field(default=None, ge=2)
    """tokens after which an episode ends; None: what the model's config says"""
    limits: Limits = Limits()
    rewards: Rewards = Rewards()
    device: Literal["auto", "cpu"] = "auto"
    """auto: a GPU where there is one"""
    trainer: ProgramOptions = {}
    """further settings of TRL's GRPOConfig, as they are: {beta: 0.02}"""
