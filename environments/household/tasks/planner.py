"""The expert's plan: it acts on what the agent has seen, and searches for what the agent has not seen.

Each command depends on the agent's belief alone. The plan comes from running these commands in a copy of the true house.
Planning again after any of them decides the same, so each command of the plan shortens it by one.
"""

from __future__ import annotations

from dataclasses import dataclass

from simenv.errors import WorldError

from ..engine.commands import perform
from ..engine.goal import Goal
from ..engine.grading import grade
from ..engine.house import House
from ..engine.layout import Receptacle
from .belief_state import BeliefState
from .location_priors import UNLIKELY, location_weight
from .shortest_plan import drop_plan, pickup_plan, shortest_plan

_WITHIN_REACH = 0.8
"""Moves charged for a look within reach; below 1, so that of two equally likely receptacles the nearer comes first."""
_MAX_COMMANDS = 10_000
"""Commands after which a plan counts as endless; a search takes at most three for each of 500 receptacles."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What the agent intends: `commands` are those it expects to give, the next one first.

    `target` is the kind of object the agent searches for; '' if it knows an object that will do.
    """

    belief: BeliefState
    commands: tuple[str, ...]
    target: str = ""


def plan(house: House, goal: Goal) -> tuple[Intent, ...] | None:
    """The intents from the present state to success, one for each command; None if success is out of reach. For
    goals that want something sliced there is no plan yet."""
    if goal.sliced and not grade(goal, house).success:
        return None
    copy, intents = house.clone(), []
    while not grade(goal, copy).success:
        if (intent := _next(copy, goal)) is None:
            return None
        intents.append(intent)
        perform(copy, intent.commands[0])
        if len(intents) > _MAX_COMMANDS:
            raise WorldError(f"household: no end to the search for {goal}: a bug")
    return tuple(intents)


def _next(house: House, goal: Goal) -> Intent | None:
    belief = BeliefState(house)
    holds_object = bool(goal.lamp and house.holding and goal.wants(house, house.holding))
    if commands := shortest_plan(belief, goal) or _partial_plan(belief, goal):
        return Intent(belief, commands)
    if house.holding and not holds_object:
        commands = drop_plan(belief, goal)
        return Intent(belief, commands) if commands else None
    target = goal.lamp if holds_object else goal.object
    if (place := _likeliest(belief, goal, target)) is not None:
        return Intent(belief, (_look(belief, place),), target)
    # Everything is seen. Only facts that no look can show may be missing, such as that a mug is hot already.
    commands = shortest_plan(house, goal)
    return Intent(belief, commands) if commands else None


def _partial_plan(belief: BeliefState, goal: Goal) -> tuple[str, ...] | None:
    """The plan for the part of a goal that is possible before the search: the first of two objects, or the pickup."""
    if goal.lamp:
        return pickup_plan(belief, goal) if belief.holding is None else None
    return shortest_plan(belief, goal.model_copy(update={"count": 1})) if goal.count == 2 else None


def _likeliest(belief: BeliefState, goal: Goal, target: str) -> Receptacle | None:
    """The unseen receptacle with the highest probability of the target per move that a look into it takes."""
    # An object in a receptacle of the goal would have reached a goal of one object without a state.
    unlikely_kind = goal.receptacle if goal.count == 1 and not goal.state else ""
    weights = {
        kind: (UNLIKELY if kind == unlikely_kind else location_weight(target, kind)) / len(receptacles)
        for kind, receptacles in belief.layout.of_kind.items()
    }

    def weight_per_move(receptacle: Receptacle) -> float:
        if receptacle.place == belief.place:
            return weights[receptacle.kind] / _WITHIN_REACH
        return weights[receptacle.kind] / (1 if belief.visible(receptacle) else 2)

    unseen = (r for r in reversed(belief.layout.receptacles.values()) if r.name not in belief.seen)
    return max(unseen, key=weight_per_move, default=None)


def _look(belief: BeliefState, receptacle: Receptacle) -> str:
    if receptacle.place != belief.place:
        return f"go to {receptacle.name}"
    return f"{'examine' if belief.visible(receptacle) else 'open'} {receptacle.name}"
