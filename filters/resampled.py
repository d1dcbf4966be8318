"""Leaves one Thought–Action pair for each state: the last one sampled there."""

from __future__ import annotations

import re
from typing import ClassVar

from pydantic import Field

from simenv.filter import Filter, FilterOptions
from simenv.runs.edits import without
from simenv.types import Trajectory, Verdict

_PAIR = re.compile(r"^[ \t]*Action:.*?(?=^[ \t]*(?:Thought|Action|Observation):)", re.MULTILINE | re.DOTALL)


class ResampledOptions(FilterOptions):
    only: tuple[str, ...] = ("web",)
    """environments it judges"""
    most: int = Field(default=5, ge=0)
    """most pairs given up in one state that are cut; with more, the trajectory is dropped"""


class Resampled(Filter):
    """Cuts invalid turns, with the answers to them, if another turn follows; and all but the first pair of a reply with
    several, since only the first was acted on."""

    Options: ClassVar[type[FilterOptions]] = ResampledOptions
    options: ResampledOptions

    def judge(self, trajectory: Trajectory) -> Verdict:
        given_up = self._given_up(trajectory)
        longest = run = 0
        turns = [i for i, m in enumerate(trajectory.messages) if m.role == "assistant"]
        for turn in turns:
            run = run + 1 if turn in given_up else 0
            longest = max(longest, run)
        if longest > self.options.most:
            return self.drop(trajectory, "resampled too often")
        gone = {i for turn in given_up for i in range(turn, _next(turns, turn, len(trajectory.messages)))}
        edited = _first_pairs(without(trajectory, gone) if gone else trajectory)
        if edited is trajectory:
            return self.keep(trajectory)
        return self.edit(trajectory, edited, "resampled pair" if gone else "several pairs in one reply")

    @staticmethod
    def _given_up(t: Trajectory) -> set[int]:
        """Turns in which every step was invalid and after which the agent had another."""
        return {turn.message_index for turn in t.turns[:-1] if turn.invalid}


def _next(turns: list[int], turn: int, end: int) -> int:
    at = turns.index(turn) + 1
    return turns[at] if at < len(turns) else end


def _first_pairs(t: Trajectory) -> Trajectory:
    """Every reply cut after its first Thought–Action pair; the trajectory itself where none has more."""
    messages = list(t.messages)
    for i in (turn.message_index for turn in t.turns if turn.acted):
        pair = None if messages[i].calls else _PAIR.search(messages[i].content)
        if pair is not None and re.search(r"^[ \t]*Action Input:", pair[0], re.MULTILINE):
            text = messages[i].content[: pair.end()].rstrip()
            messages[i] = messages[i].model_copy(update={"content": text, "author": "filter"})
    changed = any(a is not b for a, b in zip(messages, t.messages, strict=True))
    return t.model_copy(update={"messages": tuple(messages)}) if changed else t
