"""Settings of a teaching run: environments, topics, levels, documents or instructions, and how often a model may try."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator

from simenv.config import PluginFolders, Ref
from simenv.network import Reach
from simenv.options import FolderName, Options
from simenv.plugins.definition import NAME
from simenv.trust import DataName, PluginName


class Topic(Options):
    """The subject of a world. At least one of `words` must occur in the world or the instruction."""

    topic: str = Field(min_length=1, max_length=500)
    words: tuple[str, ...] = ()


class Level(Options):
    """A level of difficulty, in words for the model. `steps` is the least and the most steps of the gold solution."""

    text: str = Field(min_length=1, max_length=500)
    steps: tuple[int, int] | None = None


class Teaching(Reach):
    """Settings of a teaching run."""

    name: FolderName = "teach"
    """name of the folder"""
    seed: int = Field(default=0, ge=0)
    """same seed, same assignments, in the same order"""
    environments: tuple[PluginName, ...] = ()
    """names of the environments to write tasks for"""
    invent: str | None = Field(default=None, pattern=NAME)
    """name of a new environment without an engine, invented from overview, first topic or documents"""
    overview: str = ""
    """what the new environment is, in your own words"""
    tasks: int = Field(default=10, ge=1, le=100_000)
    """assignments per environment; with `instructions`, worlds per instruction"""
    topics: tuple[Topic, ...] = ()
    """taken in turn; a text, or {topic: …, words: […]}"""
    levels: tuple[Level, ...] = ()
    """taken in turn; a text, or {text: …, steps: [least, most]}"""
    documents: tuple[DataName, ...] = ()
    """text files as source material, one passage for each assignment"""
    passage: int = Field(default=4000, ge=200)
    """characters of one passage"""
    passages: int = Field(default=200, ge=1)
    """most passages used of all documents"""
    instructions: DataName | None = None
    """a .txt (one a line) or .jsonl file of instructions to write worlds for"""
    shots: int = Field(default=1, ge=0, le=5)
    """number of examples from the procedural teacher in each prompt"""
    shot: int = Field(default=16_000, ge=0)
    """most characters of one example; longer ones are left out"""
    before: int = Field(default=6, ge=0, le=50)
    """number of earlier instructions in a prompt, which the new one must differ from"""
    repairs: int = Field(default=3, ge=0, le=20)
    """how often an answer is sent back with its error"""
    similarity: float = Field(default=0.8, gt=0, le=1)
    """estimated Jaccard similarity of world and instruction from which two tasks are near duplicates"""
    world: dict[str, dict[str, Any]] = {}
    """options of the worlds, by environment"""
    examples: dict[str, dict[str, Any]] = {}
    """options of the procedural teachers for the examples, by environment"""
    model: Ref | None = None
    """the client of the writing model; its options follow as model.KEY"""
    concurrency: int = Field(default=8, ge=1)
    """assignments at once"""
    budget: float | None = Field(default=None, gt=0)
    """US dollars after which the run ends cleanly; resume continues it"""
    out: str = "taught"
    """folder for the folders of tasks"""
    plugins: PluginFolders = ()
    """more folders with environments/ in them"""

    @field_validator("environments", "documents", "plugins", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("topics", mode="before")
    @classmethod
    def _topics(cls, value: Any) -> Any:
        return [{"topic": v} if isinstance(v, str) else v for v in _as_list(value)]

    @field_validator("levels", mode="before")
    @classmethod
    def _levels(cls, value: Any) -> Any:
        return [{"text": v} if isinstance(v, str) else v for v in _as_list(value)]

    @model_validator(mode="after")
    def _sources(self) -> Teaching:
        if self.instructions and (self.documents or self.invent):
            raise ValueError("instructions go with neither documents nor invent")
        if self.invent and self.environments:
            raise ValueError("invent makes an environment of its own; name no environments beside it")
        if self.invent and not (self.overview or self.topics or self.documents):
            raise ValueError("invent needs one of overview, topics, documents to go by")
        return self


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value
