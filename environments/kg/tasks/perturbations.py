"""The wrong calls an expert may make on purpose: a wrong relation or attribute, a missing list, an answer given too early."""

from __future__ import annotations

from collections.abc import Iterator

from simenv.types import Action

from ..engine.local_graph import LocalGraph
from ..engine.logical_forms import LogicalForm
from ..engine.tool_calls import make_call
from ..world import KG


def wrong_calls(world: KG, target: LogicalForm, right: Action, plan: list[Action]) -> list[Action]:
    """Plausible wrong calls in place of the right one. None is right, and none answers the question correctly."""
    calls = [*_misread(world, right), *_without_list(right, plan), *_premature(world, target)]
    if not calls:
        calls = [make_call("get_attributes", [w]) for w in map(str, right.arguments.values()) if w]
    return [call for call in calls if call != right]


def _misread(world: KG, right: Action) -> Iterator[Action]:
    """A wrong relation or attribute, the inverse relation, or arguments in the wrong order."""
    words = [str(v) for v in right.arguments.values()]
    if right.name in ("get_neighbors", "argmax", "argmin"):
        form = (
            world.variables[int(words[0][1:])].text
            if words[0].startswith("#")
            else world.mentions.get(words[0], words[0])
        )
        lists = world.relation_lists if right.name == "get_neighbors" else world.attribute_lists
        yield from (make_call(right.name, [words[0], name]) for name in lists.get(form, ()) if name != words[1])
        yield make_call(right.name, [words[1], words[0]])
    if (
        right.name == "get_neighbors"
        and isinstance(world.graph, LocalGraph)
        and (back := world.graph.inverse(words[1]))
    ):
        yield make_call("get_neighbors", [words[0], back])
    if right.name in ("argmax", "argmin"):
        yield make_call("argmin" if right.name == "argmax" else "argmax", words)
    if right.name == "intersection":
        variables = [f"#{i}" for i in range(len(world.variables)) if f"#{i}" not in words]
        yield from (make_call("intersection", [words[0], variable]) for variable in variables)
        yield make_call("count", words[:1])
    if right.name == "count":
        yield make_call("get_relations", words)


def _without_list(right: Action, plan: list[Action]) -> Iterator[Action]:
    """The call after a list, made without the list."""
    if right.name in ("get_relations", "get_attributes"):
        yield from (call for call in plan[1:2] if call.name != "answer")


def _premature(world: KG, target: LogicalForm) -> Iterator[Action]:
    """An answer given too early, but only if it is wrong: another form may have the right members."""
    if not world.variables or world.variables[-1].text == target.text:
        return
    gold = set(world.task.goal["answers"])
    if isinstance(world.graph, LocalGraph) and set(world.graph.answer(world.variables[-1])) != gold:
        yield Action(name="answer", arguments={"variable": f"#{len(world.variables) - 1}"})
