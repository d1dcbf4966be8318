"""Drops, masks or repairs what a trajectory claims against the user's own sources. Off by default: it needs a pool."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from simenv.errors import ConfigError
from simenv.filter import Filter, FilterOptions
from simenv.trust import DataName
from simenv.types import Trajectory, Verdict
from simenv.verify.actions import that_count
from simenv.verify.judge import Finding
from simenv.verify.offline import Offline, mended


class SupportedOptions(FilterOptions):
    pool: DataName = ""
    """the pool whose passages are the evidence"""
    action: Literal["drop", "mask", "repair"] = "drop"
    """drop: the trajectory; mask: no loss on the round; repair: what the sources say takes the claim's place, and a claim that
    they do not know is taken out"""
    counts: tuple[Finding, ...] = ("contradicted",)
    """the findings that the action answers: contradicted, not found"""
    turns: tuple[int, ...] = ()
    """the rounds that are judged, from 1; none named: all"""
    passages: int = Field(default=5, ge=1, le=50)
    """most passages that are read for one claim"""


class Supported(Filter):
    """Judges claims as `simenv verify` does offline (docs/verify.md says how well); a model's judgement needs that command."""

    Options: ClassVar[type[FilterOptions]] = SupportedOptions
    options: SupportedOptions

    def __init__(self, options: FilterOptions | None = None) -> None:
        super().__init__(options)
        if not self.options.pool:
            raise ConfigError("filters.supported.pool: none given; expected a folder that `simenv knowledge add` makes")

    @cached_property
    def _sources(self) -> Offline:
        return Offline(self.options.pool, self.options.passages)

    def judge(self, trajectory: Trajectory) -> Verdict:
        bad = that_count(self._sources.rounds(trajectory, self.options.turns), self.options.counts)
        if not bad:
            return self.keep(trajectory)
        worst = {c.finding for r in bad for c in r.claims}
        reason = "contradicted by a source" if "contradicted" in worst else "not found in the sources"
        if self.options.action == "drop":
            return self.drop(trajectory, reason)
        if self.options.action == "mask":
            return self.mask(trajectory, (r.message for r in bad), reason)
        return self.edit(trajectory, mended(trajectory, bad), reason)
