"""Settings of a comparison."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.config import Ref
from simenv.options import FolderName, Options
from simenv.trust import DataName

StyleName = Literal["record", "self_instruct", "baize", "agentinstruct", "fireact"]


class Comparison(Options):
    """One comparison of styles on the same records."""

    name: FolderName = "comparison"
    """name of the folder"""
    sets: tuple[DataName, ...] = ()
    """files of questions with answers (JSON, JSON lines, Parquet)"""
    pool: DataName = ""
    """a pool: its records count as one more set, and its passages are what fireact searches"""
    items: int = Field(default=25, ge=1)
    """records of each set, drawn by the seed"""
    seed: int = 0
    """draws the records, and the order in which a person sees two examples"""
    styles: tuple[StyleName, ...] = Field(
        default=("record", "self_instruct", "baize", "agentinstruct", "fireact"), min_length=2
    )
    """how examples are made from a record"""
    against: StyleName | None = None
    """the style that each other is compared with; None: every pair"""
    model: Ref | None = None
    """the model client that generates; its options follow as model.KEY"""
    judge: Ref | None = None
    """the model client that prefers; None: the generating one"""
    rounds: int = Field(default=3, ge=1, le=20)
    """most rounds of a self-chat"""
    steps: int = Field(default=6, ge=1, le=50)
    """most steps of an agent"""
    concurrency: int = Field(default=8, ge=1)
    """examples, or preferences, at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars of both models after which it ends cleanly; resume continues it"""
    out: str = "comparisons"
    """parent folder of the comparisons"""

    @field_validator("sets", "styles", mode="before")
    @classmethod
    def _many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("styles")
    @classmethod
    def _different(cls, value: tuple[StyleName, ...]) -> tuple[StyleName, ...]:
        if len(set(value)) < len(value):
            raise ValueError("expected each style once")
        return value

    @property
    def pairs(self) -> list[tuple[StyleName, StyleName]]:
        """The pairs that are compared."""
        if self.against is not None:
            return [(style, self.against) for style in self.styles if style != self.against]
        return [(a, b) for n, a in enumerate(self.styles) for b in self.styles[n + 1 :]]
