"""Where an episode went wrong, seen from plans: pure reasoning over what was to be done at each turn and what was done.

A right move shortens the remaining plan by one; a detour leaves it as long as it was. A turn is wrong if it makes the plan
longer, puts the goal out of reach, is refused, or ends the episode without success. The cause may lie before the turn where
the failure shows: the first turn that skipped a needed move which is still missing then is where it went wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from simenv.types import Action, Move, Step


def remaining(solution: Sequence[Move], steps: Iterable[Step]) -> tuple[Move, ...]:
    """What is left of a solution after steps that made its moves in order, with others between."""
    left = list(solution)
    for step in steps:
        if left and step.action == left[0].action:
            del left[0]
    return tuple(left)


@dataclass(frozen=True)
class RemainingPlan:
    """What is still to be done at one moment: the moves, and their number with clean-up, `length`.

    No length: the goal is out of reach, or the episode over. `state` tells two states of the world apart."""

    moves: tuple[Action, ...] = ()
    length: float | None = None
    state: str = ""


@dataclass
class PlanTrace:
    """An episode so far: `plans[t]` lies before turn t, so there is one more of them than of `actions`, those of turn t."""

    plans: list[RemainingPlan] = field(default_factory=list)
    actions: list[tuple[Action, ...]] = field(default_factory=list)

    def forget(self, turn: int) -> None:
        """Go back to the moment before a turn."""
        del self.plans[turn + 1 :], self.actions[turn:]

    def regressed(self, turn: int) -> bool:
        """Whether a turn led away from the goal, or out of its reach."""
        before, after = self.plans[turn].length, self.plans[turn + 1].length
        return before is not None and (after is None or after > before)

    def progressed(self, turn: int) -> bool:
        """Whether a turn brought the goal nearer."""
        before, after = self.plans[turn].length, self.plans[turn + 1].length
        return before is not None and after is not None and after < before

    def origin(self, end: int) -> int | None:
        """The first turn before `end` that skipped a move for good: nobody made it, and at `end` it is still to be made.

        To skip a move counts only if something came of it: the state changed, later moves were made without it, or the move
        after it followed, as if it had been made.
        """
        for turn in range(end):
            if self.progressed(turn) or not self.plans[turn].moves:
                continue
            move, *after = self.plans[turn].moves
            pending = all(move in plan.moves for plan in self.plans[turn + 1 : end + 1])
            made_up_for = any(move in actions for actions in self.actions[turn:end])
            changes = self.plans[turn].state != self.plans[turn + 1].state
            assumes = bool(after) and any(after[0] in actions for actions in self.actions[turn + 1 : turn + 2])
            if pending and not made_up_for and (changes or assumes or any(map(self.progressed, range(turn + 1, end)))):
                return turn
        return None

    def last_progress(self) -> int | None:
        """The turn before which the goal was nearest: it came no nearer later. None where the last turn came nearer."""
        lengths = [plan.length for plan in self.plans[: len(self.actions)] if plan.length is not None]
        if not lengths or (self.actions and self.progressed(len(self.actions) - 1)):
            return None
        return lengths.index(min(lengths))
