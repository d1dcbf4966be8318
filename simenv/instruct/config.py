"""Settings of dialogues."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from simenv.config import PluginFolders, Ref
from simenv.instruct import roles
from simenv.options import FolderName, Options
from simenv.trust import DataName, Verdict

RolesName = Annotated[
    str, Verdict("opened", "is a file of roles that would be opened", lambda name: name in roles.names())
]
"""A bundled set of roles, or a file of the user's."""


class Dialogues(Options):
    """Settings of a run of dialogues."""

    name: FolderName = "dialogues"
    """name of the run folder"""
    seed: int = Field(default=0, ge=0)
    """same seed, same dialogues are planned"""
    plugins: PluginFolders = ()
    """more folders with models/ in them"""
    pool: DataName | None = None
    """folder of a pool of knowledge, whose passages ground the dialogues"""
    topics: tuple[DataName, ...] = ()
    """topics, or .txt and .md files with one a line, in place of the pool's; without any the headings of its passages are"""
    kind: Literal["human_ai", "room"] = "human_ai"
    """human_ai: a user asks and an expert answers; room: several experts discuss"""
    dialogues: int = Field(default=60, ge=1)
    """how many dialogues to make"""
    rounds: int = Field(default=5, ge=1, le=100)
    """turns of each role"""
    passages: int = Field(default=2, ge=1, le=20)
    """most passages that ground a dialogue"""
    roles: RolesName = "medicine"
    """a bundled set (education, finance, law, medicine, science), or a YAML file with experts and users"""
    experts: tuple[str, ...] = ()
    """names of the experts that take their turn; all of the set by default"""
    people: int = Field(default=3, ge=2, le=12)
    """of a room: experts in it"""
    memory: int = Field(default=8, ge=1)
    """of a room: remarks that a role remembers before it compresses them"""
    keep: int = Field(default=3, ge=1, le=5)
    """of a room: lowest rating of a remark that is remembered"""
    loss: Literal["expert", "user"] = "expert"
    """whose turns carry loss; in a room the expert is the one that speaks last"""
    model: Ref | None = None
    """the model client of the experts; its options follow as model.KEY. Without one the scripted speaker quotes the passages"""
    user: Ref | None = None
    """the model client of users, and in a room of all but the expert; by default the same as `model`"""
    concurrency: int = Field(default=64, ge=1)
    """dialogues at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars after which the run ends cleanly; resume goes on"""
    out: str = "runs"
    """where run folders go"""

    @field_validator("topics", "experts", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fitting(self) -> Dialogues:
        if self.kind == "room" and self.loss == "user":
            raise ValueError(
                "loss=user: a room has no user; expected loss=expert, and experts=[NAME] to choose who that is"
            )
        if self.user is not None and self.model is None:
            raise ValueError("user: a model for users needs one for the experts too: model=NAME")
        return self
