"""What a solution's commands prove: each must do something, and the goal must be what the instruction says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simenv.evidence import Evidence, PlayedStep, Playthrough
from simenv.types import Task

from .engine.commands import NOTHING
from .engine.goal import Goal
from .engine.object_types import State
from .tasks.english import name, plural

_STATES: dict[State, str] = {
    "hot": r"\b(hot|heat|heated|warm|warmed|cook|cooked|microwave|microwaved)\b",
    "cool": r"\b(cool|cooled|cold|chill|chilled|chilly)\b",
    "clean": r"\b(clean|cleaned|wash|washed|rinse|rinsed)\b",
}
_TWO = re.compile(r"\b(two|both|pair)\b", re.IGNORECASE)
_LONGEST = 3
"""Words that may stand for one kind."""


class HouseholdEvidence(Evidence):
    """The end of a task is read off the house, so its goal is held against the instruction, not against an answer."""

    def failure(self, step: PlayedStep) -> str:
        return step.observation.text if step.observation.text == NOTHING else super().failure(step)

    def doubt(self, task: Task, played: Playthrough) -> str:
        return "; ".join(_contradictions(Goal.read(task.goal), task.instruction))


def _contradictions(goal: Goal, instruction: str) -> Iterator[str]:
    """What the goal asks for and the instruction does not, or in another number."""
    for field, kind in (("object", goal.object), ("receptacle", goal.receptacle), ("lamp", goal.lamp)):
        if kind and not _is_named(kind, instruction):
            yield f"the goal's {field} is {kind!r}, which the instruction does not name"
    if goal.state and not re.search(_STATES[goal.state], instruction, re.IGNORECASE):
        yield f"the goal's state is {goal.state!r}, which the instruction does not ask for"
    is_two = _TWO.search(instruction) is not None
    if is_two != (goal.count == 2):
        yield f"the goal's count is {goal.count}, and the instruction asks for {'two' if is_two else 'one'}"


def _is_named(kind: str, instruction: str) -> bool:
    """Whether a kind is named, in English (`bar of soap`), or as one word or several (`coffee table`); singular or plural."""
    if any(re.search(rf"\b{re.escape(own)}\b", instruction, re.IGNORECASE) for own in (name(kind), plural(kind))):
        return True
    words = re.findall(r"[a-z]+", instruction.lower())
    spans = ("".join(words[n : n + size]) for n in range(len(words)) for size in range(1, _LONGEST + 1))
    return any(kind in _singulars(span) for span in spans)


def _singulars(word: str) -> set[str]:
    """A word, and what it may be the plural of."""
    ends = {"s": "", "es": "", "ies": "y", "ves": "f"}
    stems = {word.removesuffix(end) + singular for end, singular in ends.items() if word.endswith(end)}
    return {word, *stems, *(stem + "e" for stem in stems if stem.endswith("f"))}
