"""From a live world to the answer: the calls that are still missing, and the calls somebody might make by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from simenv.types import Action

from ..engine.expressions import Expr
from ..engine.local_graph import Local
from ..engine.tool_calls import action
from ..world import KG

_AWKWARD = re.compile(r"[,()\n]|^#|^[Vv]ariable |^\s|\s$")
"""What a name must not have to be an argument in AgentBench's text protocol."""


def word(world: KG, id: str) -> str:
    """How an agent should call an entity: the question's name, else its own, else its id."""
    own = world.graph.name(id)
    known = world.graph.find(own) == [id] and own not in world.mentions
    return spoken(world.mentions | {own: id} if known else world.mentions, id)


def spoken(mentions: dict[str, str], id: str) -> str:
    """An entity's first name that can be an argument, or its id."""
    return next((name for name, of in mentions.items() if of == id and not _AWKWARD.search(name)), id)


def plan(world: KG, target: Expr) -> list[Action]:
    """The calls that lead from here to the answer, each of which makes the rest one shorter."""
    builder = _Builder(world)
    last = builder.build(target)
    return [*builder.calls, Action(name="answer", arguments={"variable": last})]


@dataclass
class _Builder:
    """Builds expressions bottom up, and uses what is there: variables, and lists of relations and attributes."""

    world: KG
    calls: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.made: dict[str, str] = {}
        for i, e in enumerate(self.world.variables):
            self.made.setdefault(e.text, f"#{i}")
        self.next = len(self.world.variables)
        self.related, self.measured = set(self.world.related), set(self.world.measured)

    def build(self, e: Expr) -> str:
        """The word for an expression, once the calls so far are made."""
        if e.op == "ENTITY":
            return word(self.world, e.name)
        if e.text not in self.made:
            self.calls.append(self._call(e))
            self.made[e.text] = f"#{self.next}"
            self.next += 1
        return self.made[e.text]

    def _call(self, e: Expr) -> Action:
        words = [self.build(inner) for inner in e.of]
        if e.op == "JOIN":
            self._list("get_relations", e.of[0], words[0], self.related)
            return action("get_neighbors", [words[0], e.name])
        if e.op == "AND":
            return action("intersection", words)
        if e.op == "COUNT":
            return action("count", words)
        self._list("get_attributes", e.of[0], words[0], self.measured)
        return action(e.op.lower(), [words[0], e.name])

    def _list(self, tool: str, of: Expr, word: str, listed: set[str]) -> None:
        if of.text not in listed:
            listed.add(of.text)
            self.calls.append(action(tool, [word]))


def mistakes(world: KG, target: Expr, right: Action, ahead: list[Action]) -> list[Action]:
    """Calls that might be made in place of the right one: none is right, and none ends well."""
    found = [*_misread(world, right), *_hasty(right, ahead), *_premature(world, target)]
    if not found:
        found = [action("get_attributes", [w]) for w in map(str, right.arguments.values()) if w]
    return [call for call in found if call != right]


def _misread(world: KG, right: Action) -> Iterator[Action]:
    """The wrong relation or attribute, the same relation the other way round, arguments in the wrong order."""
    words = [str(v) for v in right.arguments.values()]
    if right.name in ("get_neighbors", "argmax", "argmin"):
        of = (
            world.variables[int(words[0][1:])].text
            if words[0].startswith("#")
            else world.mentions.get(words[0], words[0])
        )
        listed = world.related if right.name == "get_neighbors" else world.measured
        yield from (action(right.name, [words[0], name]) for name in listed.get(of, ()) if name != words[1])
        yield action(right.name, [words[1], words[0]])
    if right.name == "get_neighbors" and isinstance(world.graph, Local) and (back := world.graph.inverse(words[1])):
        yield action("get_neighbors", [words[0], back])
    if right.name in ("argmax", "argmin"):
        yield action("argmin" if right.name == "argmax" else "argmax", words)
    if right.name == "intersection":
        others = [f"#{i}" for i in range(len(world.variables)) if f"#{i}" not in words]
        yield from (action("intersection", [words[0], other]) for other in others)
        yield action("count", words[:1])
    if right.name == "count":
        yield action("get_relations", words)


def _hasty(right: Action, ahead: list[Action]) -> Iterator[Action]:
    """What comes after a list is made, without making it."""
    if right.name in ("get_relations", "get_attributes"):
        yield from (call for call in ahead[1:2] if call.name != "answer")


def _premature(world: KG, target: Expr) -> Iterator[Action]:
    """An answer too early. Only where it is wrong for sure: another expression may hold the right set."""
    if not world.variables or world.variables[-1].text == target.text:
        return
    gold = set(world.task.goal["answers"])
    if isinstance(world.graph, Local) and set(world.graph.answer(world.variables[-1])) != gold:
        yield Action(name="answer", arguments={"variable": f"#{len(world.variables) - 1}"})
