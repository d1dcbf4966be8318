"""Whether an instruction gives away what it asks for: the answer, or the way there, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.hooks.leaks import INSTRUCTION, Secrets, find_leak
from simenv.source import leaves
from simenv.types import Task
from simenv.world import World

_NO_SECRET = ("yes", "true", "false", "null", "none")
"""Answers that any instruction may name."""


def leak(world: type[World], task: Task) -> str:
    """What the instruction gives away; '' for nothing.

    An answer may be named as one of several to choose from (`A or B`). A world with one action beside the submitting one
    takes commands in a language of their own, and a gold command must not be there; of other worlds, no name of an action
    that is plainly code.
    """
    first = find_leak(task.instruction, _secrets(world, task), INSTRUCTION)
    if first is None:
        return ""
    if first.kind == "name":
        return f"the instruction names the action {first.secret}"
    secret = "the answer" if first.kind == "answer" else "a step of the solution"
    return f"the instruction tells {secret}: {first.secret[:80]!r}"


def _secrets(world: type[World], task: Task) -> Secrets:
    answers = tuple(a for a in _answers(world, task) if a.strip().lower() not in _NO_SECRET)
    if len(set(answers)) > 1:  # one number of several may well be a limit that the question sets
        answers = tuple(a for a in answers if not a.strip().lstrip("+-").replace(".", "", 1).isdecimal())
    acting = {name for name, spec in world.actions.items() if not spec.submit} & {m.action.name for m in task.solution}
    if sum(not spec.submit for spec in world.actions.values()) == 1:
        commands = [v for m in task.solution if m.action.name in acting for v in leaves(m.action.arguments)]
        return Secrets(answers, actions=tuple(c for c in commands if " " in c.strip()))
    return Secrets(answers, names=tuple(name for name in sorted(acting) if "_" in name))


def _answers(world: type[World], task: Task) -> Iterator[str]:
    """What the gold solution submits, if the goal is about an answer at all, and the names of entities that the goal lists."""
    expected = [v for key, v in task.goal.items() if key.startswith("answer")]
    if not expected:
        return
    for move in task.solution:
        spec = world.actions.get(move.action.name)
        if spec and spec.submit:
            yield from leaves(move.action.arguments)
    for value in leaves(expected):
        yield value
        yield from _names(task.spec, value)


def _names(value: Any, id: str) -> Iterator[str]:
    """The names of the things that a world files under an id."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key == id and isinstance(inner, dict) and isinstance(inner.get("name"), str):
            yield inner["name"]
        yield from _names(inner, id)
