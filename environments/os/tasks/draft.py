"""The pieces tasks are made of: what a plot is, words and names to fill it with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from numpy.random import Generator

from simenv.types import Action, Move

T = TypeVar("T")
Kind = Literal["count", "find", "permissions", "text", "users", "archives", "processes", "environment"]

PROJECTS = [
    "atlas",
    "beacon",
    "cobalt",
    "delta",
    "ember",
    "falcon",
    "garnet",
    "harbor",
    "indigo",
    "juniper",
    "kepler",
    "lumen",
    "meadow",
    "nimbus",
    "orchid",
]
PEOPLE = [
    "alice",
    "bruno",
    "carla",
    "dmitri",
    "elena",
    "farid",
    "greta",
    "hugo",
    "irina",
    "jonas",
    "keiko",
    "luis",
    "marta",
    "nadia",
    "omar",
    "petra",
]
TEAMS = ["analysts", "builders", "designers", "editors", "finance", "keepers", "logistics", "operators"]
STEMS = [
    "audit",
    "backup",
    "cache",
    "daily",
    "export",
    "index",
    "ledger",
    "metrics",
    "notes",
    "orders",
    "paper",
    "query",
    "report",
    "stock",
    "temp",
    "usage",
]
ENDINGS = ("txt", "log", "csv", "conf", "md", "json")
WORDS = [
    "amber",
    "basil",
    "cedar",
    "dune",
    "elm",
    "fern",
    "grove",
    "heath",
    "iris",
    "jade",
    "kelp",
    "lotus",
    "moss",
    "nettle",
    "oak",
    "pine",
    "quartz",
    "reed",
    "sage",
    "thorn",
]


@dataclass
class TaskDraft:
    """A task before it has an id: the world, what is asked, what counts, and how it is done."""

    instruction: str
    goal: dict[str, Any]
    moves: tuple[Move, ...]
    spec: dict[str, Any] = field(default_factory=lambda: {"files": []})


TaskMaker = Callable[[Generator, int], TaskDraft]


def choice(rng: Generator, options: Sequence[T]) -> T:
    return options[int(rng.integers(len(options)))]


def sample(rng: Generator, options: Sequence[T], count: int) -> list[T]:
    """Different ones, in a random order."""
    return [options[int(i)] for i in rng.permutation(len(options))[:count]]


def bash(thought: str, script: str) -> Move:
    return Move(thought=thought, action=Action(name="bash", arguments={"script": script}))


def answer(thought: str, text: str | int) -> Move:
    return Move(thought=thought, action=Action(name="answer", arguments={"answer": str(text)}))


def finish(thought: str) -> Move:
    return Move(thought=thought, action=Action(name="finish"))


def file_entry(path: str, content: str = "", **more: Any) -> dict[str, Any]:
    return {"path": path, "content": content, **more}


def question_draft(instruction: str, right: str | int, moves: tuple[Move, ...], **spec: Any) -> TaskDraft:
    """A plot that asks for an answer, which ends its moves."""
    return TaskDraft(instruction, {"answer": {"equals": str(right)}}, moves, {"files": []} | spec)


def change_draft(instruction: str, state: list[dict[str, Any]], moves: tuple[Move, ...], **spec: Any) -> TaskDraft:
    """A plot that asks for a change."""
    return TaskDraft(instruction, {"state": state}, moves, {"files": []} | spec)


def sentence(rng: Generator, words: int = 6) -> str:
    return " ".join(choice(rng, WORDS) for _ in range(words))


def file_names(rng: Generator, count: int) -> list[str]:
    """Different file names without an ending."""
    pairs = [f"{a}-{b}" for a in STEMS for b in WORDS]
    return sample(rng, pairs, count)


def make_folders(rng: Generator, top: str, level: int) -> list[str]:
    """A folder and some below it, deeper at higher levels."""
    paths = [top]
    for name in sample(rng, PROJECTS, level):
        paths.append(f"{choice(rng, paths)}/{name}")
    return paths


def base_folder(rng: Generator) -> str:
    """A folder that a task is about."""
    return f"{choice(rng, ('/root', '/srv', '/opt', '/var/lib', '/home'))}/{choice(rng, PROJECTS)}"
