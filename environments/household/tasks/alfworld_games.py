"""Turns ALFWorld's games into tasks: the PDDL problem into house and goal, the grammar's sentence into the instruction.

Names and numbers equal those of the real games (ALFWorld, `Demangler`): ids in alphabetical order get falling numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import Any, Literal

from simenv.types import Task

from ..engine import object_types
from ..engine.editions import edition_of_grammar
from ..engine.goal import KINDS, Goal, Kind
from ..engine.house import House
from ..engine.layout import Thing, rank
from ..engine.object_types import State
from .pddl import Problem, read_problem

_SENTENCE = re.compile(r'"rhs":\s*"Your task is to: ((?:[^"\\]|\\.)*)"')
_ABILITY_PREDICATES = {
    "portable": "pickupable",
    "heatable": "heatable",
    "coolable": "coolable",
    "cleanable": "cleanable",
    "sliceable": "sliceable",
    "toggleable": "toggleable",
    "vessel": "isreceptacleobject",
}
"""Fields of an object, and the PDDL predicates of the same meaning."""
_MARK_PREDICATES = {"hot": "ishot", "cool": "iscool", "clean": "isclean", "sliced": "issliced", "on": "istoggled"}
_GOAL_PREDICATES = {
    **dict.fromkeys(("objecttype", "receptacletype", "inreceptacle", "="), 2),
    **dict.fromkeys(("holds", "atlocation", "receptacleatlocation"), 2),
    **dict.fromkeys(("ishot", "iscool", "isclean", "istoggled", "heatable", "coolable", "cleanable", "toggleable"), 1),
}
"""Predicates of ALFWorld's goals, and the number of their arguments."""


_LATER = {"0.4": "\nThis house knows `move {object} to {receptacle}` and no `put`; `help` lists its commands."}
"""What a task says beside ALFWorld's sentence, since the action's description has the commands of 0.3."""


class UnreadableGame(ValueError):
    """A game that cannot become a task; the message begins with the field at fault."""


def read_game(game: dict[str, Any], source: str = "", fallback: str = "") -> Task:
    """A game record (`pddl_problem`, `grammar`, and if known `gamefile`) as a task without a solution.

    `fallback` is the task's id if the record has no `gamefile`. UnreadableGame if it cannot become a task.
    """
    for field in ("pddl_problem", "grammar"):
        if not isinstance(game.get(field), str):
            raise UnreadableGame(f"{field}: expected a text, found {type(game.get(field)).__name__}")
    if game.get("solvable") is False:
        raise UnreadableGame("solvable: the game is marked as unsolvable")
    try:
        problem = read_problem(game["pddl_problem"])
    except ValueError as e:
        raise UnreadableGame(f"pddl_problem: {e}") from e
    goal, name = read_goal(problem), edition_of_grammar(game["grammar"])
    return Task(
        id=game_id(game.get("gamefile")) or fallback,
        environment="household",
        instruction=_instruction(game["grammar"]) + _LATER.get(name, ""),
        spec={"alfworld": name, **read_house(problem)},
        goal=goal.model_dump(exclude_defaults=True),
        kind=goal.type,
        source=source,
    )


def game_id(gamefile: Any) -> str:
    """`…-Cabinet-10:trial_T2019…` of `json_2.1.1/…/…-Cabinet-10/trial_T2019…/game.tw-pddl`; '' where unknown."""
    parts = PurePosixPath(gamefile).parts if isinstance(gamefile, str) else ()
    return ":".join(parts[-3:-1]) if len(parts) >= 3 else ""


def _instruction(grammar: str) -> str:
    match = _SENTENCE.search(grammar)
    if match is None:
        raise UnreadableGame('grammar: no "Your task is to: …" in it')
    return match[1].strip()


def _kind(otype: str) -> str:
    return otype.removesuffix("type")


def object_names(problem: Problem) -> dict[str, str]:
    """The names of all receptacles and objects in the house, by their ids."""
    kinds_of: dict[str, str] = {}
    for id in sorted(problem.objects):
        if "_bar_" in id and problem.objects[id] in ("object", "receptacle"):
            kinds_of[id] = id.partition("_bar_")[0] + ("basin" if "basin" in id else "")
    numbers = Counter(kinds_of.values())
    names = {}
    for id, kind in kinds_of.items():
        names[id] = f"{kind} {numbers[kind]}"
        numbers[kind] -= 1
    return names


def read_house(problem: Problem) -> dict[str, Any]:
    """The spec of the house. Objects outside receptacles are left out: an agent never sees them."""
    names = object_names(problem)
    try:
        spec: dict[str, Any] = {"receptacles": _receptacles(problem, names)}
        if objects := _objects(problem, names):
            spec["objects"] = objects
        if at := _start(problem, names):
            spec["agent"] = {"at": at}
        return _with_near(problem, names, spec)
    except KeyError as e:
        raise UnreadableGame(f"pddl_problem: {e.args[0]!r} is used but not declared") from e


def _receptacles(problem: Problem, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    location = dict(_pairs(problem, "receptacleatlocation"))
    counts = Counter(location.values())
    numbers = {id: f"loc {n}" for n, id in enumerate(sorted(set(location.values())), 1)}
    openable, open_ids = _one(problem, "openable"), _one(problem, "opened")
    spec: dict[str, dict[str, Any]] = {}
    accepts = _accepts(problem)
    for id, rtype in _pairs(problem, "receptacletype"):
        name, kind = names[id], _kind(rtype)
        entry: dict[str, Any] = {}
        if kind != name.partition(" ")[0]:
            entry["type"] = kind
        if counts[location[id]] > 1:
            entry["place"] = numbers[location[id]]
        if (id in openable) != (kind in object_types.OPENABLE):
            entry["openable"] = id in openable
        if id in open_ids:
            entry["open"] = True
        if kind in accepts:
            entry["accepts"] = accepts[kind]
        spec[name] = entry
    spec = {name: spec[name] for name in sorted(spec, key=rank)}
    for object, receptacle in sorted(_pairs(problem, "inreceptacle"), key=lambda pair: rank(names[pair[0]])):
        spec[names[receptacle]].setdefault("contains", []).append(names[object])
    return spec


def _accepts(problem: Problem) -> dict[str, list[str]]:
    """The kinds of receptacles for which the tables are wrong in this game, with all that fits there."""
    thing_kinds = {_kind(otype) for _, otype in _pairs(problem, "objecttype")}
    fitting_kinds: dict[str, set[str]] = {_kind(rtype): set() for _, rtype in _pairs(problem, "receptacletype")}
    for rtype, otype in _pairs(problem, "cancontain"):
        fitting_kinds.setdefault(_kind(rtype), set()).add(_kind(otype))
    return {
        receptacle: sorted(fitting)
        for receptacle, fitting in fitting_kinds.items()
        if any(object_types.fits(receptacle, thing) != (thing in fitting) for thing in thing_kinds)
    }


def _objects(problem: Problem, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The properties in which objects in receptacles differ from the tables."""
    types = {id: _kind(otype) for id, otype in _pairs(problem, "objecttype")}
    lying = {id for id, _ in _pairs(problem, "inreceptacle")}
    can = {field: _one(problem, predicate) for field, predicate in _ABILITY_PREDICATES.items()}
    marks = {mark: _one(problem, predicate) for mark, predicate in _MARK_PREDICATES.items()}
    spec: dict[str, dict[str, Any]] = {}
    for id in sorted(lying, key=names.__getitem__):
        default = Thing.read(f"{types[id]} 1", {})
        entry: dict[str, Any] = {"type": types[id]} if types[id] != names[id].partition(" ")[0] else {}
        entry |= {field: id in ids for field, ids in can.items() if (id in ids) != getattr(default, field)}
        entry |= {mark: True for mark, ids in marks.items() if id in ids}
        if inner := [names[i] for i, outer in _pairs(problem, "inreceptacleobject") if outer == id]:
            entry["contains"] = sorted(inner)
        if entry:
            spec[names[id]] = entry
    return spec


def _start(problem: Problem, names: dict[str, str]) -> str | None:
    """The receptacle at which the agent starts, if it starts at one."""
    start = [place for _, place in _pairs(problem, "atlocation")]
    return next((names[r] for r, place in _pairs(problem, "receptacleatlocation") if place in start), None)


def _with_near(problem: Problem, names: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    """The spec, with `near` for objects that the problem places elsewhere than their receptacles."""
    house = House(spec)
    places = {place: house.layout.receptacles[names[r]].place for r, place in _pairs(problem, "receptacleatlocation")}
    locations = {(names[o], places[p]) for o, p in _pairs(problem, "objectatlocation") if p in places}
    for name in sorted(
        {o for o, _ in locations ^ house.near} & {o for objects in house.inside.values() for o in objects}
    ):
        spec.setdefault("objects", {}).setdefault(name, {})["near"] = sorted(p for o, p in locations if o == name)
    return spec


def _one(problem: Problem, predicate: str) -> set[str]:
    """The ids for which a predicate of one argument holds."""
    return {arguments[0] for arguments in problem.facts.get(predicate, ()) if len(arguments) == 1}


def _pairs(problem: Problem, predicate: str) -> list[tuple[str, str]]:
    """The pairs of ids for which a predicate of two arguments holds."""
    return [(arguments[0], arguments[1]) for arguments in problem.facts.get(predicate, ()) if len(arguments) == 2]


def read_goal(problem: Problem) -> Goal:
    """The goal, recognised by its atoms; UnreadableGame if it is none of ALFWorld's six types."""
    for name, *arguments in problem.goal:
        if _GOAL_PREDICATES.get(name) != len(arguments):
            atom = " ".join([name, *arguments])
            raise UnreadableGame(f"pddl_problem: goal: ({atom}) is no part of ALFWorld's six task types")
    kinds = {variable: _kind(otype) for name, variable, otype in (a for a in problem.goal if a[0] == "objecttype")}
    targets = {_kind(atom[2]) for atom in problem.goal if atom[0] == "receptacletype"}
    by_name: dict[str, str] = {atom[0]: atom[1] for atom in problem.goal}
    try:
        if lamp := by_name.get("istoggled"):
            thing = next(atom[2] for atom in problem.goal if atom[0] == "holds")
            return Goal(type="look_at_obj_in_light", object=kinds[thing], lamp=kinds[lamp])
        (receptacle,), (thing,) = targets, set(kinds.values())
    except (KeyError, ValueError, StopIteration) as e:
        raise UnreadableGame("pddl_problem: goal: none of ALFWorld's six task types") from e
    state: State | None = next((s for s in KINDS if f"is{s}" in by_name), None)
    count: Literal[1, 2] = 2 if "=" in by_name else 1
    plain: Kind = "pick_two_obj_and_place" if count == 2 else "pick_and_place_simple"
    return Goal(type=KINDS[state] if state else plain, object=thing, receptacle=receptacle, state=state, count=count)
