"""Where an episode went wrong, seen from plans: pure reasoning over what was to be done at each turn and what was done.

A right move shortens the way by one; a detour leaves it as long as it was. Wrong is what makes it longer, what puts the goal
out of reach, what is refused, and what ends the episode without success. But the fault may lie before the turn where it
shows: the first turn that passed over a move, and whose move was still to be made then, is where it went wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simenv.types import Action


@dataclass(frozen=True)
class RemainingPlan:
    """What is still to be done at one moment: the moves, and how long the way is. No length: out of reach, or over.

    `state` tells two states of the world apart."""

    moves: tuple[Action, ...] = ()
    length: float | None = None
    state: str = ""


@dataclass
class PlanTrace:
    """An episode so far: `ways[t]` lies before turn t, so there is one more of them than of `deeds`, the actions of turn t."""

    ways: list[RemainingPlan] = field(default_factory=list)
    deeds: list[tuple[Action, ...]] = field(default_factory=list)

    def forget(self, turn: int) -> None:
        """Go back to the moment before a turn."""
        del self.ways[turn + 1 :], self.deeds[turn:]

    def astray(self, turn: int) -> bool:
        """Whether a turn led away from the goal, or out of its reach."""
        before, after = self.ways[turn].length, self.ways[turn + 1].length
        return before is not None and (after is None or after > before)

    def nearer(self, turn: int) -> bool:
        """Whether a turn brought the goal nearer."""
        before, after = self.ways[turn].length, self.ways[turn + 1].length
        return before is not None and after is not None and after < before

    def origin(self, end: int) -> int | None:
        """The first turn before `end` that passed over a move for good: nobody made it, and at `end` it is still to be made.

        To pass over a move counts only if something came of it: the state changed, later moves were made without it, or what
        followed was the move after it, as if it had been made.
        """
        for turn in range(end):
            if self.nearer(turn) or not self.ways[turn].moves:
                continue
            move, *after = self.ways[turn].moves
            pending = all(move in way.moves for way in self.ways[turn + 1 : end + 1])
            made = any(move in deed for deed in self.deeds[turn:end])
            changed = self.ways[turn].state != self.ways[turn + 1].state
            assumed = bool(after) and any(after[0] in deed for deed in self.deeds[turn + 1 : turn + 2])
            if pending and not made and (changed or assumed or any(map(self.nearer, range(turn + 1, end)))):
                return turn
        return None

    def standstill(self) -> int | None:
        """The turn after which the goal never came nearer than it was before it; None where the last turn came nearer."""
        lengths = [way.length for way in self.ways[: len(self.deeds)] if way.length is not None]
        if not lengths or (self.deeds and self.nearer(len(self.deeds) - 1)):
            return None
        return lengths.index(min(lengths))
