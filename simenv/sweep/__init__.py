"""Sweeps: a grid over anything, as stages of which each is run once for all cells that share it.

A stage is one call of rollout, tiny, curate, finetune or evaluate with its settings. It takes what another stage made by that
stage's name, `$name`. Its key is a hash of its settings, the keys of what it takes, and the code; what lies there under this
key is complete, or is gone on with, and never made twice.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from simenv.options import Options

Kind = Literal["rollout", "tiny", "curate", "finetune", "evaluate"]
Levels = list[Any] | dict[str, dict[str, Any]]


class Sweep(Options):
    """Stages, and the grid over their settings."""

    name: str = Field(default="sweep", pattern=r"^[\w][\w.-]*$")
    """name of the sweep's folder; the same name goes on with what is there"""
    stages: dict[str, dict[str, Any]] = Field(min_length=1)
    """settings by the stage's name; `does` says which command it is, by default the one of that name; a text `$name`
    stands for the folder that stage makes, and `$name/file` for something in it"""
    grid: dict[str, Levels] = {}
    """axes: a dotted key (rollout.agent.error_rate) with its values, or a name with levels, each of which sets dotted keys"""
    measure: str = "evaluate"
    """the stage whose success is tabulated; stages that it does not depend on are not run"""
    over: tuple[str, ...] = ()
    """axes whose cells are repetitions of one another, such as seeds: they become one row"""
    jobs: int = Field(default=2, ge=1)
    """stages at once, each a process of its own"""
    threads: int = Field(default=1, ge=1)
    """threads of the arithmetic in each"""
    code: Literal["sources", "version"] = "sources"
    """what of the code counts: sources: every change of simenv or a plugin makes all stages new; version: simenv's number"""
    most: int = Field(default=200, ge=1)
    """cells that are run without asking"""
    out: str = "sweeps"
    """where the sweep's folder goes"""
    plugins: tuple[str, ...] = ()
    """more folders with environments/, agents/ or filters/ in them"""

    @field_validator("grid", mode="before")
    @classmethod
    def _texts(cls, grid: Any) -> Any:
        """Names of levels as texts, whatever YAML takes them for: numbers, or on and off, which it takes for truth values."""
        if not isinstance(grid, dict):
            return grid
        return {
            axis: {TRUTH.get(str(name), str(name)): v for name, v in levels.items()}
            if isinstance(levels, dict)
            else levels
            for axis, levels in grid.items()
        }


TRUTH = {"True": "on", "False": "off"}
