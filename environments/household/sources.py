"""Reads ALFWorld's games: JSON lines, single game files, and AgentBench's lists of paths. It runs and unpacks nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from simenv.documents import head, is_file, json_file
from simenv.errors import Unreadable, WorldError
from simenv.source import Rejected, TaskReader, json_lines
from simenv.types import Task

from .engine.goal import Goal
from .engine.house import House
from .tasks.alfworld_games import UnreadableGame, read_game
from .teacher import solution
from .world import Household

_MAX_SIZE = 20_000_000
"""Most bytes of one game; the largest has about 100,000."""
_SNIFFED = 1_000_000
"""Bytes of a file that are read to recognise its format."""


class GameLines(TaskReader):
    """Reads JSON lines, plain or gzip, with one game a line: `pddl_problem`, `grammar`, and if known `gamefile`."""

    name = "alfworld-jsonl"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        first = head(path, _SNIFFED).partition("\n")[0] if path.name.endswith((".jsonl", ".jsonl.gz")) else ""
        return '"pddl_problem"' in first and '"grammar"' in first

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        line_of: dict[str, int] = {}
        for number, game in json_lines(path):
            position = f"{path}:{number}"
            fallback = f"{path.name.partition('.')[0]}:{number}"
            result = game if isinstance(game, Rejected) else _task(game, position, fallback)
            if isinstance(result, Task) and (earlier := line_of.setdefault(result.id, number)) != number:
                result = Rejected(where=f"{position}: gamefile", reason=f"the same game as in line {earlier}")
            yield result


class GameFile(TaskReader):
    """Reads one `game.tw-pddl` of ALFWorld."""

    name = "alfworld-game"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.name.endswith(".tw-pddl") and path.is_file()

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        yield _read_file(path, str(path.absolute()))


class GameList(TaskReader):
    """Reads AgentBench's list of games: a JSON object of task types to paths like `json_2.1.1/…/game.tw-pddl`.

    It looks for each game as a file of that path, below the list's folder, then below `$ALFWORLD_DATA`. After that it
    looks for the path as a `gamefile` in the game lines (`*.jsonl`, `*.jsonl.gz`) of those folders, or in the file that
    `$ALFWORLD_DATA` names.
    """

    name = "agentbench-alfworld"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        if path.suffix != ".json" or "tw-pddl" not in head(path, _SNIFFED):
            return False
        groups = _load(path)
        return isinstance(groups, dict) and any(isinstance(paths, list) for paths in groups.values())

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        groups = _load(path)
        if not isinstance(groups, dict):
            yield Rejected(where=str(path), reason="expected an object of task type to list of paths")
            return
        folders = GameFolders([path.parent, *map(Path, filter(None, [os.environ.get("ALFWORLD_DATA")]))])
        ids: set[str] = set()
        for group, games in groups.items():
            for index, game in enumerate(games if isinstance(games, list) else [games]):
                position = f"{path}: {group}[{index}]"
                result = folders.find(game, position) if isinstance(game, str) else None
                if result is None:
                    result = Rejected(where=position, reason=f"expected a path, found {type(game).__name__}")
                elif isinstance(result, Task) and result.id in ids:
                    result = Rejected(where=position, reason=f"{game} is listed twice")
                elif isinstance(result, Task):
                    ids.add(result.id)
                yield result


class GameFolders:
    """Folders, and files of game lines, in which the games of a list may be."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.roots = list(dict.fromkeys(root.absolute() for root in roots))

    def find(self, game: str, position: str) -> Task | Rejected:
        """The task of a game, by its path in a list; `position` is where the list has it."""
        if Path(game).is_absolute() or ".." in Path(game).parts:
            return Rejected(where=position, reason=f"{game}: expected a path below a data folder")
        for root in self.roots:
            if is_file(file := root / game):
                return _read_file(file, game, position)
        if game in self._lines:
            file, number, record = self._lines[game]
            return _task(record, f"{file}:{number}", game)
        roots = ", ".join(map(str, self.roots))
        hint = "" if os.environ.get("ALFWORLD_DATA") else "; set ALFWORLD_DATA to the folder that holds json_2.1.1"
        return Rejected(where=position, reason=f"{game}: no such game below {roots}, nor in game lines there{hint}")

    @cached_property
    def _lines(self) -> dict[str, tuple[Path, int, Any]]:
        """File, line and record of each game in game lines, by `gamefile`; the first of two counts."""
        games: dict[str, tuple[Path, int, Any]] = {}
        files = [file for root in self.roots for file in ([root] if root.is_file() else sorted(root.glob("*.jsonl*")))]
        for file in filter(GameLines.accepts, files):
            for number, game in json_lines(file):
                if isinstance(game, dict) and isinstance(game.get("gamefile"), str):
                    games.setdefault(game["gamefile"], (file, number, game))
        return games


def _task(game: Any, position: str, fallback: str) -> Task | Rejected:
    """A game as a task with the expert's solution; without one where the expert finds none."""
    if not isinstance(game, dict):
        return Rejected(where=position, reason=f"expected an object, found {type(game).__name__}")
    try:
        task = read_game(game, source=position, fallback=fallback)
        Household.check(task.spec)
        Household.check_goal(task.goal)
    except UnreadableGame as e:
        field, _, reason = str(e).partition(": ")
        return Rejected(where=f"{position}: {field}", reason=reason)
    except WorldError as e:
        return Rejected(where=f"{position}: pddl_problem", reason=str(e))
    moves = solution(House(task.spec), Goal.read(task.goal), task.id)
    if moves == ():
        return Rejected(where=f"{position}: pddl_problem", reason="the goal is reached at the start")
    return task.model_copy(update={"solution": moves or ()})


def _read_file(file: Path, name: str, position: str = "") -> Task | Rejected:
    game = _load(file)
    if isinstance(game, Rejected):
        return game
    return _task(
        {**game, "gamefile": name} if isinstance(game, dict) else game, position or str(file), file.parent.name
    )


def _load(file: Path) -> Any:
    try:
        return json_file(file, _MAX_SIZE)
    except Unreadable as e:
        return Rejected.unread(e)
