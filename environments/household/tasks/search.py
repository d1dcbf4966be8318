"""The honest way to a goal: it acts on what the agent has seen, and searches for what it has not.

Each next command is a function of the agent's memory alone. Played forward in a copy of the true house that makes a
plan, and since what is played is what would be decided again, every command of it shortens the plan by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from simenv.errors import WorldError

from ..engine.commands import perform
from ..engine.goal import Goal, grade
from ..engine.house import House
from ..engine.layout import Receptacle
from .belief import Memory
from .planner import fetch, free, plan
from .priors import STRANGE, share

_WITHIN_REACH = 0.8
"""Moves that count for looking into what is within reach: of two places as likely, that one comes first."""
_ENDLESS = 10_000
"""Commands after which a search is taken for endless; there are at most three for each of 500 receptacles."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What the agent is about to do: `commands` are those it expects to give, and the first is the next one.

    `sought` is the kind of object it is looking for, if it knows of none that would do.
    """

    memory: Memory
    commands: tuple[str, ...]
    sought: str = ""


def search(house: House, goal: Goal) -> tuple[Intent, ...] | None:
    """What is to be done from here to success, one intent a command; None where that is out of reach."""
    now, done = house.clone(), []
    while not grade(goal, now).success:
        if (intent := _next(now, goal)) is None:
            return None
        done.append(intent)
        perform(now, intent.commands[0])
        if len(done) > _ENDLESS:
            raise WorldError(f"household: no end to the search for {goal}: a bug")
    return tuple(done)


def _next(house: House, goal: Goal) -> Intent | None:
    memory = Memory(house)
    useful = bool(goal.lamp and house.holding and goal.wants(house, house.holding))
    if commands := plan(memory, goal) or _part(memory, goal):
        return Intent(memory, commands)
    if house.holding and not useful:
        commands = free(memory, goal)
        return Intent(memory, commands) if commands else None
    sought = goal.lamp if useful else goal.object
    if (place := _likeliest(memory, goal, sought)) is not None:
        return Intent(memory, (_look(memory, place),), sought)
    # All is seen. What no look can show, such as that a mug is hot already, is all that may be left.
    commands = plan(house, goal)
    return Intent(memory, commands) if commands else None


def _part(memory: Memory, goal: Goal) -> tuple[str, ...] | None:
    """The way to what can be done although something is still to be found: the first of two, or to hold the object."""
    if goal.lamp:
        return fetch(memory, goal) if memory.holding is None else None
    return plan(memory, goal.model_copy(update={"count": 1})) if goal.count == 2 else None


def _likeliest(memory: Memory, goal: Goal, sought: str) -> Receptacle | None:
    """The unseen receptacle with the best chance for each move that it takes to look into it."""
    # What would do lies in no receptacle of the goal if the goal is not reached by that.
    excluded = goal.receptacle if goal.count == 1 and not goal.state else ""
    kinds = {
        kind: (STRANGE if kind == excluded else share(sought, kind)) / len(every)
        for kind, every in memory.layout.of_kind.items()
    }

    def promise(receptacle: Receptacle) -> float:
        if receptacle.place == memory.place:
            return kinds[receptacle.kind] / _WITHIN_REACH
        return kinds[receptacle.kind] / (1 if memory.visible(receptacle) else 2)

    unseen = (r for r in reversed(memory.layout.receptacles.values()) if r.name not in memory.seen)
    return max(unseen, key=promise, default=None)


def _look(memory: Memory, receptacle: Receptacle) -> str:
    if receptacle.place != memory.place:
        return f"go to {receptacle.name}"
    return f"{'examine' if memory.visible(receptacle) else 'open'} {receptacle.name}"
