"""Reads ALFWorld's games: as JSON lines, one by one, or by AgentBench's lists of paths. Nothing is run or unpacked."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from simenv.errors import WorldError
from simenv.source import Rejected, TaskReader
from simenv.types import Task

from .engine.goal import Goal
from .engine.house import House
from .tasks import alfworld
from .teacher import solution
from .world import Household

_LARGEST = 20_000_000
"""Characters of one game; the largest has about 100,000."""
_BROKEN = (OSError, EOFError, zlib.error)
"""What reading a damaged file or archive raises."""


class GameLines(TaskReader):
    """JSON lines, packed with gzip or not, each a game: `pddl_problem`, `grammar`, and if known `gamefile`."""

    name = "alfworld-jsonl"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        first = _first_line(path) if path.name.endswith((".jsonl", ".jsonl.gz")) else ""
        return '"pddl_problem"' in first and '"grammar"' in first

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        seen: dict[str, int] = {}
        for number, game in _games(path):
            where = f"{path}:{number}"
            made = game if isinstance(game, Rejected) else _task(game, where, f"{path.name.partition('.')[0]}:{number}")
            if isinstance(made, Task) and (earlier := seen.setdefault(made.id, number)) != number:
                made = Rejected(where=f"{where}: gamefile", reason=f"the same game as in line {earlier}")
            yield made


class GameFile(TaskReader):
    """One `game.tw-pddl` as ALFWorld keeps it."""

    name = "alfworld-game"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.name.endswith(".tw-pddl") and path.is_file()

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        yield _read_game(path, str(path.absolute()))


class GameList(TaskReader):
    """AgentBench's list of games: a JSON object of task type to paths like `json_2.1.1/…/game.tw-pddl`.

    A game is looked for below the list's folder, then below `$ALFWORLD_DATA`, as a file of that path; then by its
    `gamefile` in the game lines (`*.jsonl`, `*.jsonl.gz`) that lie in those folders, or that `$ALFWORLD_DATA` names.
    """

    name = "agentbench-alfworld"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".json" or "tw-pddl" not in _first_line(path, whole=True):
            return False
        found = _load(path)
        return isinstance(found, dict) and any(isinstance(paths, list) for paths in found.values())

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        listed = _load(path)
        if not isinstance(listed, dict):
            yield Rejected(where=str(path), reason="expected an object of task type to list of paths")
            return
        shelves = Shelves([path.parent, *map(Path, filter(None, [os.environ.get("ALFWORLD_DATA")]))])
        seen: set[str] = set()
        for group, games in listed.items():
            for index, game in enumerate(games if isinstance(games, list) else [games]):
                where = f"{path}: {group}[{index}]"
                made = shelves.find(game, where) if isinstance(game, str) else None
                if made is None:
                    made = Rejected(where=where, reason=f"expected a path, found {type(game).__name__}")
                elif isinstance(made, Task) and made.id in seen:
                    made = Rejected(where=where, reason=f"{game} is listed twice")
                elif isinstance(made, Task):
                    seen.add(made.id)
                yield made


class Shelves:
    """The places where the games of a list may be."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = list(dict.fromkeys(root.absolute() for root in roots))

    def find(self, game: str, where: str) -> Task | Rejected:
        if Path(game).is_absolute() or ".." in Path(game).parts:
            return Rejected(where=where, reason=f"{game}: expected a path below a data folder")
        for root in self.roots:
            if (file := root / game).is_file():
                return _read_game(file, game, where)
        if game in self._lines:
            file, number, record = self._lines[game]
            return _task(record, f"{file}:{number}", game)
        looked = ", ".join(map(str, self.roots))
        hint = "" if os.environ.get("ALFWORLD_DATA") else "; set ALFWORLD_DATA to the folder that holds json_2.1.1"
        return Rejected(where=where, reason=f"{game}: no such game below {looked}, nor in game lines there{hint}")

    @cached_property
    def _lines(self) -> dict[str, tuple[Path, int, Any]]:
        """File, line and record of the games in game lines, by `gamefile`; the first of two counts."""
        found: dict[str, tuple[Path, int, Any]] = {}
        files = [file for root in self.roots for file in ([root] if root.is_file() else sorted(root.glob("*.jsonl*")))]
        for file in filter(GameLines.accepts, files):
            for number, game in _games(file):
                if isinstance(game, dict) and isinstance(game.get("gamefile"), str):
                    found.setdefault(game["gamefile"], (file, number, game))
        return found


def _task(game: Any, where: str, fallback: str) -> Task | Rejected:
    """A game as a task with the expert's solution."""
    if not isinstance(game, dict):
        return Rejected(where=where, reason=f"expected an object, found {type(game).__name__}")
    try:
        task = alfworld.task(game, source=where, fallback=fallback)
        Household.check(task.spec)
        Household.check_goal(task.goal)
    except alfworld.Unreadable as e:
        field, _, reason = str(e).partition(": ")
        return Rejected(where=f"{where}: {field}", reason=reason)
    except WorldError as e:
        return Rejected(where=f"{where}: pddl_problem", reason=str(e))
    moves = solution(House(task.spec), Goal.read(task.goal), task.id)
    if not moves:
        reason = "the goal is out of reach" if moves is None else "the goal is reached at the start"
        return Rejected(where=f"{where}: pddl_problem", reason=reason)
    return task.model_copy(update={"solution": moves})


def _read_game(file: Path, name: str, where: str = "") -> Task | Rejected:
    game = _load(file)
    if isinstance(game, Rejected):
        return game
    return _task({**game, "gamefile": name} if isinstance(game, dict) else game, where or str(file), file.parent.name)


def _load(file: Path) -> Any:
    try:
        if file.stat().st_size > _LARGEST:
            return Rejected(where=str(file), reason=f"larger than {_LARGEST} bytes")
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as e:
        return Rejected(where=str(file), reason=f"no JSON: {e}")


def _open(path: Path) -> TextIO:
    if path.name.endswith(".gz"):
        return TextIOWrapper(gzip.open(path), encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _first_line(path: Path, whole: bool = False) -> str:
    """The beginning of a text file; '' where there is none to read."""
    try:
        with _open(path) as text:
            return text.read(100_000) if whole else text.readline(_LARGEST)
    except _BROKEN:
        return ""


def _games(path: Path) -> Iterator[tuple[int, Any]]:
    """Line number and value of each line; Rejected where a line is no JSON, and at the end of what can be read."""
    number = 0
    try:
        with _open(path) as lines:
            while line := lines.readline(_LARGEST):
                number += 1
                if line.strip():
                    yield number, _value(line, f"{path}:{number}")
                if not line.endswith("\n") and len(line) == _LARGEST:
                    return
    except _BROKEN as e:
        yield number + 1, Rejected(where=f"{path}:{number + 1}", reason=f"cannot be read: {e}")


def _value(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as e:
        return Rejected(where=where, reason=f"no JSON: {str(e)[:200]}")
