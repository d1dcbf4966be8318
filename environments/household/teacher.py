"""The household's teacher: tasks of ALFWorld's six types in houses made from a seed, and the expert that solves any."""

from __future__ import annotations

from typing import Any, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.commands import admissible, perform
from .engine.goal import Goal, Kind
from .engine.house import House
from .tasks.house_builder import Size, build, pick
from .tasks.search import search
from .tasks.thoughts import false_thought, thought
from .world import Household

TEMPLATES: dict[Kind, tuple[str, ...]] = {
    "pick_and_place_simple": ("put a {object} in {receptacle}.", "put some {object} on {receptacle}."),
    "pick_clean_then_place_in_recep": (
        "put a clean {object} in {receptacle}.",
        "clean some {object} and put it in {receptacle}.",
    ),
    "pick_heat_then_place_in_recep": (
        "put a hot {object} in {receptacle}.",
        "heat some {object} and put it in {receptacle}.",
    ),
    "pick_cool_then_place_in_recep": (
        "put a cool {object} in {receptacle}.",
        "cool some {object} and put it in {receptacle}.",
    ),
    "look_at_obj_in_light": ("look at {object} under the {lamp}.", "examine the {object} with the {lamp}."),
    "pick_two_obj_and_place": ("put two {object} in {receptacle}.", "find two {object} and put them in {receptacle}."),
}
"""ALFWorld's sentences (goal_library, `gdict`)."""


LONGEST = 40
"""Moves of the longest solution; the rest of the turns is for detours."""
_HOUSES = 100
"""Houses built until the search in one is not too long; at difficulty 5 about one in 400 is too long."""
_TRIES = 20
"""Commands tried for a slip; each costs a plan, and nearly every one will do."""


def solution(house: House, goal: Goal, salt: str) -> tuple[Move, ...] | None:
    """The moves of somebody who has to search what they have not seen; None where the goal is out of reach."""
    way = search(house, goal)
    if way is None:
        return None
    return tuple(Move(thought=thought(goal, intent, salt), action=_command(intent.commands[0])) for intent in way)


def _command(text: str) -> Action:
    return Action(name="take_action", arguments={"action": text})


class Teacher(TaskGenerator):
    """Kitchens, living rooms, bedrooms and bathrooms; each task solvable, and no sub-goal reached at the start."""

    class Options(Settings):
        """difficulty: 1 has about ten receptacles and eight objects in plain sight, 5 up to forty and thirty, with what
        is wanted behind doors. The other fields replace what the difficulty would set."""

        difficulty: int = Field(2, ge=1, le=5)
        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)
        objects: int | None = Field(None, ge=3, le=100)
        distractors: int | None = Field(None, ge=0, le=20)
        hidden: float | None = Field(None, ge=0, le=1)

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        kind = pick(rng, self.options.kinds)
        goal, spec, moves = self._house(id, kind, rng)
        return Task(
            id=id,
            environment="household",
            instruction=pick(rng, TEMPLATES[kind]).format(**goal.model_dump()),
            spec=spec,
            goal=goal.model_dump(exclude_defaults=True),
            solution=moves,
            kind=kind,
            source="procedural",
        )

    def _house(self, id: str, kind: Kind, rng: Generator) -> tuple[Goal, dict[str, Any], tuple[Move, ...]]:
        """A goal in a house where the search for it is not too long, and the search."""
        for _ in range(_HOUSES):
            goal, spec = build(kind, self._size(), rng)
            moves = solution(House(spec), goal, id)
            if not moves:
                raise WorldError(f"household: task {id} came out {'unsolvable' if moves is None else 'solved'}: a bug")
            if len(moves) <= LONGEST:
                return goal, spec, moves
        raise WorldError(f"household: task {id}: none of {_HOUSES} houses can be searched in {LONGEST} moves: a bug")

    def _size(self) -> Size:
        o, level = self.options, self.options.difficulty
        return Size(
            scale=(level - 1) / 4,
            objects=o.objects if o.objects is not None else 3 + 5 * level,
            distractors=o.distractors if o.distractors is not None else level - 1,
            hidden=o.hidden if o.hidden is not None else (level - 1) / 4,
            spare=1 if level <= 2 else 0,
        )


class Planner(Expert):
    """Searches likely places first for what it has not seen, and takes the shortest way to what it has."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        return solution(_house(engine), Goal.read(task.goal), task.id)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A command that can be given now and leads no nearer to the goal, though not out of its reach.

        To look into what the plan would look into anyway is no mistake, nor is to come upon what it seeks."""
        house, goal, right = _house(engine), Goal.read(task.goal), str(move.action.arguments.get("action", ""))
        now = search(house, goal)
        options = _tempting(house, goal, right)
        for index in rng.permutation(len(options))[:_TRIES]:
            command = options[int(index)]
            after = house.clone()
            perform(after, command)
            left = search(after, goal)
            if left is not None and now is not None and len(left) >= len(now):
                return Move(thought=false_thought(command, task.id), action=_command(command))
        return Move(thought=false_thought("look", task.id), action=_command("look"))


def _tempting(house: House, goal: Goal, right: str) -> list[str]:
    """Commands somebody might give by mistake: the likeliest kind of mistake only, where there is one.

    With the thing in hand that is to bring it to its place too early, or to the wrong one; else to take what lies
    beside it; else to look in the wrong place.
    """
    commands = [c for c in admissible(house) if c not in (right, "look", "inventory") and not c.startswith("examine")]
    verb = right.partition(" ")[0]
    if house.holding is not None:
        early = [c for c in commands if c.startswith("put ") or c.startswith(f"go to {goal.receptacle or goal.lamp} ")]
        commands = early if early and verb != "put" else commands
    elif verb == "take":
        beside = [c for c in commands if c.startswith("take ")]
        commands = beside or commands
    return commands


def _house(engine: Engine) -> House:
    if not isinstance(engine, Household):
        raise WorldError(f"household: the expert plans in a Household, not in a {type(engine).__name__}")
    return engine.house
