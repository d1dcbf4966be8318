"""Goals in a house: ALFWorld's six task types as plain data, and the questions a planner or grader asks of them."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import ValidationError, model_validator

from simenv.errors import WorldError
from simenv.options import explain_validation
from simenv.types import Data

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
    """One goal. `object`, `receptacle` and `lamp` are kinds (`mug`, not `mug 1`): any of the kind will do.

    With `lamp`, the agent must hold an object before a lamp that is on. Otherwise `count` objects, each in `state` if
    one is given, must lie in one receptacle. `sliceable`: they must be of a sort that can be sliced, `sliced`: be sliced.
    `type` is only a name for reports.
    """

    type: Kind
    object: str
    receptacle: str = ""
    state: State | None = None
    count: Literal[1, 2] = 1
    lamp: str = ""
    sliceable: bool = False
    sliced: bool = False

    @model_validator(mode="after")
    def _aim(self) -> Self:
        if bool(self.receptacle) == bool(self.lamp):
            raise ValueError("a goal needs a receptacle or a lamp, and not both")
        if self.lamp and (self.state or self.count != 1):
            raise ValueError("a goal with a lamp has neither state nor count")
        return self

    @classmethod
    def read(cls, goal: dict[str, Any]) -> Goal:
        """A goal from JSON; WorldError names the field at fault."""
        try:
            return cls.model_validate(goal)
        except ValidationError as e:
            raise WorldError(explain_validation(e, "household goal", whole="$")) from e

    def objects_in(self, house: House, receptacle: Receptacle) -> list[str]:
        """The objects in a receptacle that count towards the goal."""
        return [o for o in house.inside[receptacle.name] if self.wants(house, o) and self.in_state(house, o)]

    def wants(self, house: House, name: str) -> bool:
        """Whether an object is of the goal's kind and can be brought into its state."""
        thing = house.layout.things[name]
        fits = thing.kind == self.object and (self.state is None or thing.can_become(self.state))
        return fits and (thing.sliceable or not (self.sliceable or self.sliced))

    def in_state(self, house: House, name: str) -> bool:
        """Whether an object is in the goal's state, and sliced if it must be; true where the goal asks for neither."""
        is_sliced = not self.sliced or name in house.marks["sliced"]
        return is_sliced and (self.state is None or name in house.marks[self.state])

    def fullest(self, house: House) -> list[str]:
        """The objects that count in the fullest receptacle of the goal's kind."""
        return max(
            (self.objects_in(house, r) for r in house.layout.of_kind.get(self.receptacle, ())), key=len, default=[]
        )

    def is_lit(self, house: House) -> bool:
        """Whether the agent stands before a lamp that is on."""
        lamps = house.layout.things_of_kind.get(self.lamp, ())
        return any(t.name in house.marks["on"] and house.lies_here(t.name) for t in lamps if t.toggleable)
