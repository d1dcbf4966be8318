"""What is to be reached in a house: ALFWorld's six task types as plain data, and how far a house is from it."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ValidationError, model_validator

from simenv.errors import WorldError
from simenv.options import explain_validation
from simenv.types import Data, Grade

from .house import House
from .layout import Receptacle
from .object_types import State

Kind = Literal[
    "pick_and_place_simple",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "look_at_obj_in_light",
    "pick_two_obj_and_place",
]
KINDS: dict[State, Kind] = {
    "hot": "pick_heat_then_place_in_recep",
    "cool": "pick_cool_then_place_in_recep",
    "clean": "pick_clean_then_place_in_recep",
}
"""The task types that ask for a state."""
STATES: dict[Kind, State] = {kind: state for state, kind in KINDS.items()}


class Goal(Data):
    """`object`, `receptacle` and `lamp` are kinds (`mug`, not `mug 1`): any of the kind will do.

    With `lamp`, an object is to be held before one that is on; otherwise `count` objects, each in `state` if one is
    given, are to lie in one receptacle. The type is only a name for reports.
    """

    type: Kind
    object: str
    receptacle: str = ""
    state: State | None = None
    count: Literal[1, 2] = 1
    lamp: str = ""

    @model_validator(mode="after")
    def _aim(self) -> Self:
        if bool(self.receptacle) == bool(self.lamp):
            raise ValueError("a goal needs a receptacle or a lamp, and not both")
        if self.lamp and (self.state or self.count != 1):
            raise ValueError("a goal with a lamp has neither state nor count")
        return self

    @classmethod
    def read(cls, goal: dict[str, Any]) -> Goal:
        """From JSON; WorldError names the field."""
        try:
            return cls.model_validate(goal)
        except ValidationError as e:
            raise WorldError(explain_validation(e, "household goal", whole="$")) from e

    def placed(self, house: House, receptacle: Receptacle) -> list[str]:
        """The objects in a receptacle that count."""
        return [o for o in house.inside[receptacle.name] if self.wants(house, o) and self.done(house, o)]

    def wants(self, house: House, name: str) -> bool:
        """Whether an object is of the kind, and could be brought into the state."""
        thing = house.layout.things[name]
        return thing.kind == self.object and (self.state is None or thing.can_become(self.state))

    def done(self, house: House, name: str) -> bool:
        """Whether an object is in the state, where one is asked for."""
        return self.state is None or name in house.marks[self.state]

    def best(self, house: House) -> list[str]:
        """What counts in the fullest receptacle of the kind."""
        return max((self.placed(house, r) for r in house.layout.of_kind.get(self.receptacle, ())), key=len, default=[])

    def lit(self, house: House) -> bool:
        """Whether the agent stands before a lamp that is on."""
        lamps = house.layout.things_of_kind.get(self.lamp, ())
        return any(t.name in house.marks["on"] and house.lies_here(t.name) for t in lamps if t.toggleable)


def grade(goal: Goal, house: House) -> Grade:
    """Progress is the share of sub-goals reached in their order; a later one does not count before an earlier one."""
    subgoals = (_lamp if goal.lamp else _two if goal.count == 2 else _one)(goal, house)
    reached = list(subgoals.values())
    success = reached[-1] if not goal.lamp else all(reached)
    if success:
        return Grade(success=True, progress=1.0, subgoals=dict.fromkeys(subgoals, True))
    first = reached.index(False)
    reasons = (f"not yet {list(subgoals)[first]}",)
    return Grade(success=False, progress=first / len(reached), subgoals=subgoals, reasons=reasons)


def _lamp(goal: Goal, house: House) -> dict[str, bool]:
    held = house.layout.things[house.holding].kind if house.holding else ""
    return {"held": held == goal.object, "lit": goal.lit(house)}


def _one(goal: Goal, house: House) -> dict[str, bool]:
    touched = any(goal.wants(house, o) for o in house.held)
    made: dict[str, bool] = (
        {goal.state: any(goal.wants(house, o) for o in house.marks[goal.state])} if goal.state else {}
    )
    return {"held": touched, **made, "placed": bool(goal.best(house))}


def _two(goal: Goal, house: House) -> dict[str, bool]:
    best = goal.best(house)
    touched = len({o for o in house.held if goal.wants(house, o)} | set(best))
    return {
        "first held": touched >= 1,
        "first placed": len(best) >= 1,
        "second held": touched >= 2,
        "second placed": len(best) >= 2,
    }
