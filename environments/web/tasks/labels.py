"""Solutions that name elements by what is written on them, in place of the numbers that a page gives them."""

from __future__ import annotations

from numpy.random import default_rng

from simenv.errors import InvalidAction
from simenv.types import Move, Task

from ..world import Web


def with_labels(task: Task) -> tuple[Move, ...]:
    """The moves of a task's solution with labels; none of them where an element cannot be told from others by its label."""
    world = Web()
    world.task = task
    world.begin(task.spec, default_rng(0))
    moves = []
    for move in task.solution:
        labelled = _with_label(world, move)
        if labelled is None:
            return ()
        moves.append(labelled)
        spec = world.actions[move.action.name]
        getattr(world, spec.name)(**spec.read(labelled.action.arguments))
    return tuple(moves)


def _with_label(world: Web, move: Move) -> Move | None:
    """A move whose element is named by its label; None if that is the label of another one first, or of none."""
    reference = move.action.arguments.get("element")
    if not isinstance(reference, int):
        return move
    element = world.find(reference)
    try:
        is_named = bool(element.label) and not element.label.isdecimal() and world.find(element.label) is element
    except InvalidAction:
        return None
    if not is_named:
        return None
    arguments = move.action.arguments | {"element": element.label}
    return move.model_copy(update={"action": move.action.model_copy(update={"arguments": arguments})})
