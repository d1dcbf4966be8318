"""Drops trajectories that do not fit the context of the model that will be trained."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from pydantic import Field

from simenv.data.tokens import Tokens, tokens
from simenv.filter import Filter, FilterOptions
from simenv.trust import WeightsName
from simenv.types import Trajectory, Verdict


class TooLongOptions(FilterOptions):
    tokens: int = Field(default=4096, ge=1)
    """most tokens of a chat, template and tools included"""
    tokenizer: WeightsName | None = None
    """folder or name of a Hugging Face tokenizer with a chat template, or `estimate`; none: the curation's"""


class TooLong(Filter):
    """Counts the tokens of the whole chat. The tokenizer is loaded with the first trajectory."""

    Options: ClassVar[type[FilterOptions]] = TooLongOptions
    options: TooLongOptions

    @cached_property
    def _tokens(self) -> Tokens:
        return tokens(self.options.tokenizer, "filters.too_long")

    def judge(self, trajectory: Trajectory) -> Verdict:
        if self._tokens.chat(trajectory.messages, trajectory.tools) <= self.options.tokens:
            return self.keep(trajectory)
        return self.drop(trajectory, "longer than the context")
