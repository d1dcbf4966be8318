"""The household's teacher: generates tasks of ALFWorld's six types in procedural houses, and plans their solutions."""

from __future__ import annotations

from typing import Any, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.admissible_commands import admissible
from .engine.commands import perform
from .engine.goal import Goal, Kind
from .engine.house import House
from .tasks.english import TEMPLATES, instruction
from .tasks.house_builder import Size, build_house, pick
from .tasks.planner import plan
from .tasks.thoughts import false_thought, thought
from .world import Household

MAX_MOVES = 40
"""Most moves of a solution; the remaining turns are for detours."""
_MAX_HOUSES = 100
"""Most houses built for a task until one has a solution that is short enough; at difficulty 5 about one in 400 is too long."""
_MAX_TRIES = 20
"""Most commands tried for a slip; each costs a plan, and nearly every one will do."""


def solution(house: House, goal: Goal, salt: str) -> tuple[Move, ...] | None:
    """The moves of an agent that must search for what it has not seen; None if the goal is out of reach.

    `salt` chooses the wording of the thoughts.
    """
    intents = plan(house, goal)
    if intents is None:
        return None
    return tuple(Move(thought=thought(goal, intent, salt), action=_command(intent.commands[0])) for intent in intents)


def _command(text: str) -> Action:
    return Action(name="take_action", arguments={"action": text})


class Teacher(TaskGenerator):
    """Generates tasks in kitchens, living rooms, bedrooms and bathrooms. Each is solvable and not solved at the start."""

    class Options(Settings):
        """difficulty: 1 has about ten receptacles and eight objects in plain sight; 5 has up to forty receptacles and
        thirty objects, with the goal's objects behind doors. The other fields override values of the difficulty."""

        difficulty: int = Field(2, ge=1, le=5)
        """1 has about ten receptacles and eight objects in plain sight, 5 up to forty and thirty, many behind doors"""
        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)
        """ALFWorld's task types"""
        objects: int | None = Field(None, ge=3, le=100)
        """least objects in the house, in place of the difficulty's"""
        distractors: int | None = Field(None, ge=0, le=20)
        """objects that would suit the goal's place, in place of the difficulty's"""
        hidden: float | None = Field(None, ge=0, le=1)
        """chance that an object of the goal lies behind a door, in place of the difficulty's"""

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        kind = pick(rng, self.options.kinds)
        goal, spec, moves = self._solvable_house(id, kind, rng)
        return Task(
            id=id,
            environment="household",
            instruction=instruction(pick(rng, TEMPLATES[kind]), goal),
            spec=spec,
            goal=goal.model_dump(exclude_defaults=True),
            solution=moves,
            kind=kind,
            source="procedural",
        )

    def _solvable_house(self, id: str, kind: Kind, rng: Generator) -> tuple[Goal, dict[str, Any], tuple[Move, ...]]:
        """A goal, a house in which its solution is short enough, and that solution."""
        for _ in range(_MAX_HOUSES):
            goal, spec = build_house(kind, self._size(), rng)
            moves = solution(House(spec), goal, id)
            if not moves:
                raise WorldError(f"household: task {id} came out {'unsolvable' if moves is None else 'solved'}: a bug")
            if len(moves) <= MAX_MOVES:
                return goal, spec, moves
        raise WorldError(
            f"household: task {id}: none of {_MAX_HOUSES} houses can be searched in {MAX_MOVES} moves: a bug"
        )

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
    """Searches likely places first for what it has not seen, and takes the shortest way to what it has seen."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        return solution(_house(engine), Goal.read(task.goal), task.id)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """An admissible command that leads no nearer to the goal and leaves it within reach.

        A look that the plan would take anyway is no mistake, nor is a command that finds the target by chance."""
        house, goal, right = _house(engine), Goal.read(task.goal), str(move.action.arguments.get("action", ""))
        intents = plan(house, goal)
        options = _plausible(house, goal, right)
        for index in rng.permutation(len(options))[:_MAX_TRIES]:
            command = options[int(index)]
            after = house.clone()
            perform(after, command)
            remaining = plan(after, goal)
            if remaining is not None and intents is not None and len(remaining) >= len(intents):
                return Move(thought=false_thought(command, task.id), action=_command(command))
        return Move(thought=false_thought("look", task.id), action=_command("look"))


def _plausible(house: House, goal: Goal, right: str) -> list[str]:
    """Commands that an agent might give by mistake instead of the right one, of the most likely kind that exists.

    With an object in hand: to bring it to its place too early, or to a wrong place. Before an object to take: to take
    one beside it. Otherwise: to look in a wrong place.
    """
    commands = [c for c in admissible(house) if c not in (right, "look", "inventory") and not c.startswith("examine")]
    verb = right.partition(" ")[0]
    if house.holding is not None:
        put = house.layout.edition.verb
        nearer = (f"{put} ", f"go to {goal.receptacle or goal.lamp} ")
        early = [c for c in commands if c.startswith(nearer)]
        commands = early if early and verb != put else commands
    elif verb == "take":
        neighbours = [c for c in commands if c.startswith("take ")]
        commands = neighbours or commands
    return commands


def _house(engine: Engine) -> House:
    if not isinstance(engine, Household):
        raise WorldError(f"household: the expert plans in a Household, not in a {type(engine).__name__}")
    return engine.house
