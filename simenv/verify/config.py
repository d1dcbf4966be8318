"""Settings of a verification."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.config import Ref
from simenv.options import FolderName, Options
from simenv.trust import DataName
from simenv.verify.judge import Finding

Action = Literal["flag", "mask", "drop", "repair"]


class Verification(Options):
    """One verification of one run or curated set against one pool."""

    name: FolderName = "verification"
    """name of the folder"""
    folder: DataName = ""
    """the run or the curated set; the word without = on the command line"""
    pool: DataName = ""
    """the pool whose passages are the evidence"""
    judge: Literal["offline", "model"] = "offline"
    """offline: rules over words, numbers, names and denials; model: a model reads the passages"""
    model: Ref | None = None
    """the model client of judge=model; its options follow as model.KEY"""
    roles: tuple[Literal["assistant", "user"], ...] = Field(default=("assistant",), min_length=1)
    """whose messages are verified"""
    turns: tuple[int, ...] = ()
    """the rounds that are verified, from 1; none named: all"""
    action: Action = "flag"
    """what happens to a round with a claim that counts. flag: a label; mask: no loss on the round; drop: the sample is
    rejected; repair: what the sources say takes the claim's place, and a claim that they do not know is taken out"""
    counts: tuple[Finding, ...] = ("contradicted",)
    """the findings that the action answers: contradicted, not found"""
    passages: int = Field(default=5, ge=1, le=50)
    """most passages that are read for one claim"""
    concurrency: int = Field(default=8, ge=1)
    """samples at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars after which it ends cleanly; resume continues it"""
    out: str = "verified"
    """parent folder of the verifications"""

    @field_validator("roles", "counts", "turns", mode="before")
    @classmethod
    def _many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str | int) else value
