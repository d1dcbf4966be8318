"""Parts that all task makers share: a draft of a task, moves, random choices, words and names."""

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
    """A task without id: instruction, spec, goal, and the moves that solve it."""

    instruction: str
    goal: dict[str, Any]
    moves: tuple[Move, ...]
    spec: dict[str, Any] = field(default_factory=lambda: {"files": []})


TaskMaker = Callable[[Generator, int], TaskDraft]
"""From a generator and a difficulty, 1 to 5."""


def choice(rng: Generator, options: Sequence[T]) -> T:
    """One of the options, with equal chance."""
    return options[int(rng.integers(len(options)))]


def sample(rng: Generator, options: Sequence[T], count: int) -> list[T]:
    """`count` different options, in random order."""
    return [options[int(i)] for i in rng.permutation(len(options))[:count]]


def bash(thought: str, script: str) -> Move:
    """A move that runs a script."""
    return Move(thought=thought, action=Action(name="bash", arguments={"script": script}))


def answer(thought: str, text: str | int) -> Move:
    """The last move of a question."""
    return Move(thought=thought, action=Action(name="answer", arguments={"answer": str(text)}))


def finish(thought: str) -> Move:
    """The last move of a change."""
    return Move(thought=thought, action=Action(name="finish"))


def file_entry(path: str, content: str = "", **more: Any) -> dict[str, Any]:
    """A file of a spec; `more` may set owner, group, mode and times."""
    return {"path": path, "content": content, **more}


def question_draft(instruction: str, right: str | int, moves: tuple[Move, ...], **spec: Any) -> TaskDraft:
    """A task that asks a question; the moves end with its answer."""
    return TaskDraft(instruction, {"answer": {"equals": str(right)}}, moves, {"files": []} | spec)


def change_draft(instruction: str, state: list[dict[str, Any]], moves: tuple[Move, ...], **spec: Any) -> TaskDraft:
    """A task that asks for a change; `state` are the conditions of its goal."""
    return TaskDraft(instruction, {"state": state}, moves, {"files": []} | spec)


def sentence(rng: Generator, words: int = 6) -> str:
    """Random words."""
    return " ".join(choice(rng, WORDS) for _ in range(words))


def file_names(rng: Generator, count: int) -> list[str]:
    """Different file names, without an ending."""
    pairs = [f"{a}-{b}" for a in STEMS for b in WORDS]
    return sample(rng, pairs, count)


def make_folders(rng: Generator, top: str, level: int) -> list[str]:
    """A folder and random folders below it, more and deeper at higher levels."""
    paths = [top]
    for name in sample(rng, PROJECTS, level):
        paths.append(f"{choice(rng, paths)}/{name}")
    return paths


def base_folder(rng: Generator) -> str:
    """A random folder for a task."""
    return f"{choice(rng, ('/root', '/srv', '/opt', '/var/lib', '/home'))}/{choice(rng, PROJECTS)}"
