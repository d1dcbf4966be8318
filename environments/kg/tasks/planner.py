"""Plans the calls from a world's present state to the answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from simenv.types import Action

from ..engine.logical_forms import LogicalForm
from ..engine.tool_calls import make_call
from ..world import KG

_AWKWARD = re.compile(r"[,()\n]|^#|^[Vv]ariable |^\s|\s$")
"""Parts of names that cannot be arguments in AgentBench's text protocol."""


def argument(world: KG, id: str) -> str:
    """The argument for an entity: the question's name for it, else its own name, else its id."""
    name = world.graph.name(id)
    is_unique = world.graph.ids_of(name) == [id] and name not in world.mentions
    return mention(world.mentions | {name: id} if is_unique else world.mentions, id)


def is_awkward(name: str) -> bool:
    """Whether a name cannot be an argument in AgentBench's text protocol."""
    return _AWKWARD.search(name) is not None


def mention(mentions: dict[str, str], id: str) -> str:
    """The first name of an entity that can be an argument; its id if there is none."""
    return next((name for name, entity in mentions.items() if entity == id and not is_awkward(name)), id)


def plan(world: KG, target: LogicalForm) -> list[Action]:
    """The calls from the present state to the answer; each one made shortens the plan by one."""
    builder = _Builder(partial(argument, world), len(world.variables))
    for i, e in enumerate(world.variables):
        builder.variables.setdefault(e.text, f"#{i}")
    builder.listed_relations.update(world.relation_lists)
    builder.listed_attributes.update(world.attribute_lists)
    return builder.plan(target)


def first_plan(mentions: dict[str, str], target: LogicalForm) -> list[Action]:
    """The calls from the beginning to the answer, in a graph that is not at hand."""
    return _Builder(partial(mention, mentions)).plan(target)


@dataclass
class _Builder:
    """Builds logical forms bottom up, and reuses the variables and lists that are there already."""

    argument: Callable[[str], str]
    """the argument for an entity"""
    next_number: int = 0
    variables: dict[str, str] = field(default_factory=dict)
    listed_relations: set[str] = field(default_factory=set)
    listed_attributes: set[str] = field(default_factory=set)
    calls: list[Action] = field(default_factory=list)

    def plan(self, target: LogicalForm) -> list[Action]:
        """The calls to a form, and the answer."""
        variable = self.build(target)
        return [*self.calls, Action(name="answer", arguments={"variable": variable})]

    def build(self, e: LogicalForm) -> str:
        """The argument for a form, after the calls collected so far."""
        if e.op == "ENTITY":
            return self.argument(e.name)
        if e.text not in self.variables:
            self.calls.append(self._call(e))
            self.variables[e.text] = f"#{self.next_number}"
            self.next_number += 1
        return self.variables[e.text]

    def _call(self, e: LogicalForm) -> Action:
        words = [self.build(inner) for inner in e.parts]
        if e.op == "JOIN":
            self._list("get_relations", e.parts[0], words[0], self.listed_relations)
            return make_call("get_neighbors", [words[0], e.name])
        if e.op == "AND":
            return make_call("intersection", words)
        if e.op == "COUNT":
            return make_call("count", words)
        self._list("get_attributes", e.parts[0], words[0], self.listed_attributes)
        return make_call(e.op.lower(), [words[0], e.name])

    def _list(self, tool: str, form: LogicalForm, word: str, listed_forms: set[str]) -> None:
        """Call a tool that lists, unless its list is there already."""
        if form.text not in listed_forms:
            listed_forms.add(form.text)
            self.calls.append(make_call(tool, [word]))
