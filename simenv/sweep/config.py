"""Settings of a sweep."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.config import PluginFolders
from simenv.network import Reach
from simenv.options import FolderName

Kind = Literal["rollout", "tiny", "curate", "finetune", "evaluate"]
Levels = list[Any] | dict[str, dict[str, Any]]
"""The values on an axis, or settings by the name of a level."""


class Sweep(Reach):
    """Stages, and a grid over their settings."""

    name: FolderName = "sweep"
    """name of the sweep's folder; a sweep of the same name uses again what is in it"""
    stages: dict[str, dict[str, Any]] = Field(min_length=1)
    """settings by the name of the stage; `does` is its command, by default the one of that name; the text `$name` stands
    for the folder that another stage makes, `$name/file` for a file in it"""
    grid: dict[str, Levels] = {}
    """axes: a dotted key (rollout.agent.error_rate) with its values, or a name with levels, each of which sets dotted keys"""
    measure: str = "evaluate"
    """the stage whose success is in the table; stages it does not depend on are not run"""
    over: tuple[str, ...] = ()
    """axes of repetitions, such as seeds: cells that differ only on these become one row"""
    jobs: int = Field(default=2, ge=1)
    """stages that run at once, each in a process of its own"""
    threads: int = Field(default=1, ge=1)
    """threads of numerical libraries in each process"""
    code: Literal["sources", "version"] = "sources"
    """the code in a stage's key: sources: every change of simenv or a plugin makes all stages new; version: simenv's number"""
    most: int = Field(default=200, ge=1)
    """most cells that are run without --yes"""
    out: str = "sweeps"
    """parent folder of the sweeps"""
    plugins: PluginFolders = ()
    """more folders with environments/, agents/ or filters/ in them"""

    @field_validator("grid", mode="before")
    @classmethod
    def _level_names(cls, grid: Any) -> Any:
        """Names of levels as texts, though YAML reads some as numbers, and on and off as booleans."""
        if not isinstance(grid, dict):
            return grid
        return {
            axis: {BOOLEANS.get(str(name), str(name)): v for name, v in levels.items()}
            if isinstance(levels, dict)
            else levels
            for axis, levels in grid.items()
        }


BOOLEANS = {"True": "on", "False": "off"}
"""The level names that YAML reads as booleans."""
