"""Reads FireAct's trajectories: questions that were answered by searching the web, with what the searches showed as pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.documents import head
from simenv.errors import WorldError
from simenv.source import Rejected, TaskReader, json_lines
from simenv.types import Action, Move, Task

from .engine.words import index_words
from .world import Search

_HEAD_SIZE = 100_000
"""Bytes of a file that decide its format."""
_TURN = re.compile(
    r"(?:Thought:\s*(?P<thought>.*?)\s*)?^Action:\s*(?P<name>\w+)\[(?P<argument>.*)\]\s*$", re.S | re.M | re.I
)
_REWARD = re.compile(r"reward = (\w+)")
_WON = frozenset({"1", "True", "true"})
_NO_WORDS = "searched"
"""The title of a page whose query has no word."""


class FireAct(TaskReader):
    """Reads FireAct (Chen et al., arXiv 2310.05915), a chat a line with `search[…]`, `finish[…]` and observations.

    What a search showed becomes a page, titled by the query, and these are the pages of the task: the web of that day is
    gone. The answer is that of a trajectory with reward 1; one without is rejected, as its answer is known to be wrong.
    """

    name = "fireact"

    @classmethod
    def accepts(cls, path: Path) -> bool:
        start = head(path, _HEAD_SIZE) if path.suffix == ".jsonl" else ""
        return start.startswith('{"messages"') and "Action: " in start and "Episode finished, reward" in start

    def tasks(self, path: Path) -> Iterator[Task | Rejected]:
        for number, record in json_lines(path):
            if isinstance(record, Rejected):
                yield record
                continue
            place = f"{path}:{number}"
            try:
                yield self._task(record, f"{path.stem}:{number}", place)
            except KeyError as e:
                yield Rejected(where=place, reason=f"no field {e}")
            except (ValueError, TypeError, AttributeError, WorldError) as e:
                yield Rejected(where=place, reason=str(e))

    def _task(self, record: dict[str, Any], id: str, place: str) -> Task:
        question, *turns = record["messages"]
        moves, passages = _moves(turns)
        finish = moves[-1].action if moves else None
        if finish is None or finish.name != "finish":
            raise ValueError("messages: expected a last action finish[…]")
        reward = _REWARD.search(turns[-1]["content"])
        if reward is None or reward[1] not in _WON:
            raise ValueError(
                f"messages: reward {reward[1] if reward else 'missing'!r}; expected a trajectory with reward 1"
            )
        text = str(question["content"]).strip()
        task = Task(
            id=id,
            environment="search",
            instruction=text.removeprefix("Question:").strip(),
            spec={"passages": passages or [{"id": "p1", "title": "No page", "text": ""}]},
            goal={"answers": [finish.arguments["answer"]]},
            solution=moves,
            kind="choice" if re.search(r"^A[.)] ", text, re.M) else "open",
            source=place,
        )
        Search.check(task.spec)
        Search.check_goal(task.goal)
        return task


def _moves(turns: list[dict[str, Any]]) -> tuple[tuple[Move, ...], list[dict[str, Any]]]:
    """The actions of a chat, and a page for each observation of a search. ValueError for a turn without an action."""
    moves: list[Move] = []
    pages: dict[str, dict[str, Any]] = {}
    for number, (turn, answer) in enumerate(zip(turns[::2], turns[1::2], strict=False)):
        match = _TURN.search(turn["content"])
        if match is None or match["name"].lower() not in ("search", "finish"):
            raise ValueError(f"messages[{2 * number + 1}]: expected an action search[…] or finish[…]")
        name, argument = match["name"].lower(), match["argument"].strip()
        key = "query" if name == "search" else "answer"
        moves.append(Move(thought=match["thought"] or "", action=Action(name=name, arguments={key: argument})))
        if name == "search":
            shown = answer["content"].removeprefix("Observation:").strip()
            title = " ".join(argument.split())[:500] if index_words(argument) else _NO_WORDS
            pages.setdefault(f"{title}\n{shown}", {"id": f"p{len(pages) + 1}", "title": title, "text": shown})
    return tuple(moves), list(pages.values())
