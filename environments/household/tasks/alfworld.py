"""ALFWorld's games as tasks: the PDDL problem becomes house and goal, the grammar's sentence the instruction.

Names and numbers are those the real games show (ALFWorld, `Demangler`): ids in alphabetical order get falling numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import Any, Literal

from simenv.types import Task

from ..engine import object_types
from ..engine.goal import KINDS, Goal, Kind
from ..engine.house import House
from ..engine.layout import Thing, rank
from ..engine.object_types import State
from .pddl import Problem, problem

_SENTENCE = re.compile(r'"rhs":\s*"Your task is to: ((?:[^"\\]|\\.)*)"')
_CAN = {
    "portable": "pickupable",
    "heatable": "heatable",
    "coolable": "coolable",
    "cleanable": "cleanable",
    "sliceable": "sliceable",
    "toggleable": "toggleable",
    "vessel": "isreceptacleobject",
}
"""Fields of an object, and the predicates that say the same."""
_IS = {"hot": "ishot", "cool": "iscool", "clean": "isclean", "sliced": "issliced", "on": "istoggled"}
_GOAL_PREDICATES = {
    **dict.fromkeys(("objecttype", "receptacletype", "inreceptacle", "="), 2),
    **dict.fromkeys(("holds", "atlocation", "receptacleatlocation"), 2),
    **dict.fromkeys(("ishot", "iscool", "isclean", "istoggled", "heatable", "coolable", "cleanable", "toggleable"), 1),
}
"""Predicates of ALFWorld's goals, and how many arguments they have."""


class Unreadable(ValueError):
    """A game that cannot become a task; the message begins with the field at fault."""


def task(game: dict[str, Any], source: str = "", fallback: str = "") -> Task:
    """A game record (`pddl_problem`, `grammar`, and if known `gamefile`) as a task without a solution."""
    for field in ("pddl_problem", "grammar"):
        if not isinstance(game.get(field), str):
            raise Unreadable(f"{field}: expected a text, found {type(game.get(field)).__name__}")
    if game.get("solvable") is False:
        raise Unreadable("solvable: the game is marked as unsolvable")
    try:
        read = problem(game["pddl_problem"])
    except ValueError as e:
        raise Unreadable(f"pddl_problem: {e}") from e
    aim = goal(read)
    return Task(
        id=identity(game.get("gamefile")) or fallback,
        environment="household",
        instruction=sentence(game["grammar"]),
        spec=house(read),
        goal=aim.model_dump(exclude_defaults=True),
        kind=aim.type,
        source=source,
    )


def identity(gamefile: Any) -> str:
    """`…-Cabinet-10:trial_T2019…` of `json_2.1.1/…/…-Cabinet-10/trial_T2019…/game.tw-pddl`; '' where unknown."""
    parts = PurePosixPath(gamefile).parts if isinstance(gamefile, str) else ()
    return ":".join(parts[-3:-1]) if len(parts) >= 3 else ""


def sentence(grammar: str) -> str:
    found = _SENTENCE.search(grammar)
    if found is None:
        raise Unreadable('grammar: no "Your task is to: …" in it')
    return found[1].strip()


def _kind(otype: str) -> str:
    return otype.removesuffix("type")


def names(read: Problem) -> dict[str, str]:
    """The name of every receptacle and object that stands in the house."""
    kinds_of: dict[str, str] = {}
    for id in sorted(read.objects):
        if "_bar_" in id and read.objects[id] in ("object", "receptacle"):
            kinds_of[id] = id.partition("_bar_")[0] + ("basin" if "basin" in id else "")
    left = Counter(kinds_of.values())
    named = {}
    for id, kind in kinds_of.items():
        named[id] = f"{kind} {left[kind]}"
        left[kind] -= 1
    return named


def house(read: Problem) -> dict[str, Any]:
    """The spec of the house; only what lies in a receptacle can ever be seen, so the rest is left out."""
    named = names(read)
    try:
        spec: dict[str, Any] = {"receptacles": _receptacles(read, named)}
        if objects := _objects(read, named):
            spec["objects"] = objects
        if at := _start(read, named):
            spec["agent"] = {"at": at}
        return _with_near(read, named, spec)
    except KeyError as e:
        raise Unreadable(f"pddl_problem: {e.args[0]!r} is used but not declared") from e


def _receptacles(read: Problem, named: dict[str, str]) -> dict[str, dict[str, Any]]:
    location = dict(_pairs(read, "receptacleatlocation"))
    shared = Counter(location.values())
    numbers = {id: f"loc {n}" for n, id in enumerate(sorted(set(location.values())), 1)}
    openable, opened = _one(read, "openable"), _one(read, "opened")
    spec: dict[str, dict[str, Any]] = {}
    accepts = _accepts(read)
    for id, rtype in _pairs(read, "receptacletype"):
        name, kind = named[id], _kind(rtype)
        entry: dict[str, Any] = {}
        if kind != name.partition(" ")[0]:
            entry["type"] = kind
        if shared[location[id]] > 1:
            entry["place"] = numbers[location[id]]
        if (id in openable) != (kind in object_types.OPENABLE):
            entry["openable"] = id in openable
        if id in opened:
            entry["open"] = True
        if kind in accepts:
            entry["accepts"] = accepts[kind]
        spec[name] = entry
    spec = {name: spec[name] for name in sorted(spec, key=rank)}
    for object, receptacle in sorted(_pairs(read, "inreceptacle"), key=lambda pair: rank(named[pair[0]])):
        spec[named[receptacle]].setdefault("contains", []).append(named[object])
    return spec


def _accepts(read: Problem) -> dict[str, list[str]]:
    """The kinds of receptacle in which other things fit than the tables say, with all that fits."""
    here = {_kind(otype) for _, otype in _pairs(read, "objecttype")}
    allowed: dict[str, set[str]] = {_kind(rtype): set() for _, rtype in _pairs(read, "receptacletype")}
    for rtype, otype in _pairs(read, "cancontain"):
        allowed.setdefault(_kind(rtype), set()).add(_kind(otype))
    return {
        receptacle: sorted(fitting)
        for receptacle, fitting in allowed.items()
        if any(object_types.fits(receptacle, thing) != (thing in fitting) for thing in here)
    }


def _objects(read: Problem, named: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What the tables do not say of the objects that lie somewhere."""
    types = {id: _kind(otype) for id, otype in _pairs(read, "objecttype")}
    lying = {id for id, _ in _pairs(read, "inreceptacle")}
    can = {field: _one(read, predicate) for field, predicate in _CAN.items()}
    marks = {mark: _one(read, predicate) for mark, predicate in _IS.items()}
    spec: dict[str, dict[str, Any]] = {}
    for id in sorted(lying, key=named.__getitem__):
        default = Thing.read(f"{types[id]} 1", {})
        entry: dict[str, Any] = {"type": types[id]} if types[id] != named[id].partition(" ")[0] else {}
        entry |= {field: id in ids for field, ids in can.items() if (id in ids) != getattr(default, field)}
        entry |= {mark: True for mark, ids in marks.items() if id in ids}
        if inner := [named[i] for i, outer in _pairs(read, "inreceptacleobject") if outer == id]:
            entry["contains"] = sorted(inner)
        if entry:
            spec[named[id]] = entry
    return spec


def _start(read: Problem, named: dict[str, str]) -> str | None:
    """The receptacle at which the agent starts, if it starts at one."""
    start = [place for _, place in _pairs(read, "atlocation")]
    return next((named[r] for r, place in _pairs(read, "receptacleatlocation") if place in start), None)


def _with_near(read: Problem, named: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    """Add where objects lie that the problem places elsewhere than their receptacles."""
    built = House(spec)
    places = {place: built.layout.receptacles[named[r]].place for r, place in _pairs(read, "receptacleatlocation")}
    stated = {(named[o], places[p]) for o, p in _pairs(read, "objectatlocation") if p in places}
    for name in sorted({o for o, _ in stated ^ built.near} & {o for objects in built.inside.values() for o in objects}):
        spec.setdefault("objects", {}).setdefault(name, {})["near"] = sorted(p for o, p in stated if o == name)
    return spec


def _one(read: Problem, predicate: str) -> set[str]:
    """The ids a predicate of one argument holds of."""
    return {arguments[0] for arguments in read.facts.get(predicate, ()) if len(arguments) == 1}


def _pairs(read: Problem, predicate: str) -> list[tuple[str, str]]:
    """The pairs a predicate of two arguments holds of."""
    return [(arguments[0], arguments[1]) for arguments in read.facts.get(predicate, ()) if len(arguments) == 2]


def goal(read: Problem) -> Goal:
    """The goal, recognised by its atoms; Unreadable where it is none of ALFWorld's six."""
    for name, *arguments in read.goal:
        if _GOAL_PREDICATES.get(name) != len(arguments):
            atom = " ".join([name, *arguments])
            raise Unreadable(f"pddl_problem: goal: ({atom}) is no part of ALFWorld's six task types")
    wanted = {variable: _kind(otype) for name, variable, otype in (a for a in read.goal if a[0] == "objecttype")}
    targets = {_kind(atom[2]) for atom in read.goal if atom[0] == "receptacletype"}
    by_name: dict[str, str] = {atom[0]: atom[1] for atom in read.goal}
    try:
        if lamp := by_name.get("istoggled"):
            held = next(atom[2] for atom in read.goal if atom[0] == "holds")
            return Goal(type="look_at_obj_in_light", object=wanted[held], lamp=wanted[lamp])
        (receptacle,), (thing,) = targets, set(wanted.values())
    except (KeyError, ValueError, StopIteration) as e:
        raise Unreadable("pddl_problem: goal: none of ALFWorld's six task types") from e
    state: State | None = next((s for s in KINDS if f"is{s}" in by_name), None)
    count: Literal[1, 2] = 2 if "=" in by_name else 1
    plain: Kind = "pick_two_obj_and_place" if count == 2 else "pick_and_place_simple"
    return Goal(type=KINDS[state] if state else plain, object=thing, receptacle=receptacle, state=state, count=count)
