"""Grades a house against a goal: success, and progress as the share of sub-goals reached in their order."""

from __future__ import annotations

from simenv.types import Grade

from .goal import Goal
from .house import House


def grade(goal: Goal, house: House) -> Grade:
    """The grade of a house's present state.

    Progress (0 to 1) is the share of sub-goals reached in their order: a later one does not count before an earlier one.
    `reasons` names the first sub-goal that is missing.
    """
    subgoals = (_lamp if goal.lamp else _two if goal.count == 2 else _one)(goal, house)
    states = list(subgoals.values())
    success = states[-1] if not goal.lamp else all(states)
    if success:
        return Grade(success=True, progress=1.0, subgoals=dict.fromkeys(subgoals, True))
    first = states.index(False)
    reasons = (f"not yet {list(subgoals)[first]}",)
    return Grade(success=False, progress=first / len(states), subgoals=subgoals, reasons=reasons)


def _lamp(goal: Goal, house: House) -> dict[str, bool]:
    kind = house.layout.things[house.holding].kind if house.holding else ""
    return {"held": kind == goal.object, "lit": goal.is_lit(house)}


def _one(goal: Goal, house: House) -> dict[str, bool]:
    any_held = any(goal.wants(house, o) for o in house.held)
    in_state: dict[str, bool] = (
        {goal.state: any(goal.wants(house, o) for o in house.marks[goal.state])} if goal.state else {}
    )
    return {"held": any_held, **in_state, "placed": bool(goal.fullest(house))}


def _two(goal: Goal, house: House) -> dict[str, bool]:
    objects = goal.fullest(house)
    held_count = len({o for o in house.held if goal.wants(house, o)} | set(objects))
    return {
        "first held": held_count >= 1,
        "first placed": len(objects) >= 1,
        "second held": held_count >= 2,
        "second placed": len(objects) >= 2,
    }
