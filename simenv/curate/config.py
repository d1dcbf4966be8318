"""Settings of a curation: its filters, gold, mix and formats."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.config import PluginFolders, Ref
from simenv.containment import MAX_EQUAL_BUGS
from simenv.curate.gold import MatchLevel
from simenv.curate.mix import Mix
from simenv.data.records import DatasetRef
from simenv.network import Reach
from simenv.options import FolderName, Options
from simenv.trust import DataName, PluginName, WeightsName


class GoldOptions(Options):
    """What replaces trajectories that were dropped."""

    sources: tuple[DatasetRef, ...] = ()
    """files in any known format, run folders (their successes, which must pass the filters too), curated sets"""
    expert: bool = False
    """let the environment's expert, which makes no errors here, play the tasks of what was dropped"""
    replace: tuple[MatchLevel, ...] = ("task", "kind")
    """in this order: task, gold of the same task; kind, of the same environment and kind; environment. None: all left out"""
    reuse: bool = False
    """whether one sample of gold may replace several trajectories"""
    add: bool = False
    """also take the gold that replaced nothing"""


class Curation(Reach):
    """How runs become a training set."""

    name: FolderName = "default"
    """name of the curated folder"""
    runs: tuple[DataName, ...] = ()
    """run folders; those of the command line come after them"""
    evaluations: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """names of runs that are evaluations and are taken all the same; others are refused, as data and as gold"""
    filters: dict[PluginName, Any] = {}
    """filters in their order, each with its options, or false to leave one out"""
    reviews: Literal["honour", "ignore"] = "honour"
    """reviews made in the viewer: rejected is dropped, approved is never dropped by a filter, edits and masks hold"""
    tokenizer: WeightsName | None = None
    """folder or name of a Hugging Face tokenizer with a chat template, or `estimate` (4 characters a token)"""
    reasoning: Literal["keep", "drop"] = Field(default="keep", exclude_if=lambda value: value == "keep")
    """whether samples keep what the models thought; where it is kept, the export says what becomes of it"""
    gold: GoldOptions = GoldOptions()
    mix: Mix = Mix()
    export: tuple[Ref, ...] = ()
    """formats to write beside the set, by name or with options"""
    licences: dict[str, str] = {}
    """licences by source, for the card"""
    out: str = "curated"
    """where curated folders go"""
    plugins: PluginFolders = ()
    """more folders with filters/ in them"""
    on_bug: Literal["continue", "stop"] = "continue"
    """continue: an exception that a filter did not foresee drops the trajectory; stop: it is raised, for developers"""
    max_equal_bugs: int = Field(default=MAX_EQUAL_BUGS, ge=1)
    """trajectories in a row that one filter's bug may drop before the curation ends"""

    @field_validator("filters", mode="before")
    @classmethod
    def _as_mapping(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value or {}
        if wrong := [v for v in value if not isinstance(v, str)]:
            raise ValueError(f"expected names, or a mapping of name to options; got {wrong[0]!r:.80}")
        return {name: {} for name in value}
