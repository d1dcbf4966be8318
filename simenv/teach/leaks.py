"""Whether an instruction gives away what it asks for: the answer, or the way there, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simenv.source import leaves
from simenv.types import Task
from simenv.world import World

LEAST = 3
"""Characters of the shortest answer that is looked for: shorter ones stand in a text by chance."""
COMMAND = 12
"""The same for a command; it must also be more than one word."""


def leak(world: type[World], task: Task) -> str:
    """What the instruction gives away; '' for nothing.

    An answer may be named as one of several to choose from (`A or B`). A world with one action beside the submitting one
    takes commands in a language of their own, and a gold command must not be there; of other worlds, no name of an action
    that is plainly code.
    """
    for answer in _answers(world, task):
        if _named(answer, task.instruction):
            return f"the instruction tells the answer: {answer[:80]!r}"
    acting = {name for name, spec in world.actions.items() if not spec.submit} & {m.action.name for m in task.solution}
    folded = _folded(task.instruction)
    if sum(not spec.submit for spec in world.actions.values()) == 1:
        commands = (v for m in task.solution if m.action.name in acting for v in leaves(m.action.arguments))
        told = next((c for c in commands if len(c) >= COMMAND and " " in c.strip() and _folded(c) in folded), None)
        return f"the instruction tells a step of the solution: {told[:80]!r}" if told else ""
    code = next((n for n in sorted(acting) if "_" in n and re.search(rf"\b{re.escape(n)}\b", task.instruction)), None)
    return f"the instruction names the action {code}" if code else ""


def _answers(world: type[World], task: Task) -> Iterator[str]:
    """What the gold solution submits, if the goal is about an answer at all, and the names of entities that the goal lists."""
    told = [v for key, v in task.goal.items() if key.startswith("answer")]
    if not told:
        return
    for move in task.solution:
        spec = world.actions.get(move.action.name)
        if spec and spec.submit:
            yield from leaves(move.action.arguments)
    for value in leaves(told):
        yield value
        yield from _names(task.spec, value)


def _names(value: Any, id: str) -> Iterator[str]:
    """The names of the things that a world files under an id."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key == id and isinstance(inner, dict) and isinstance(inner.get("name"), str):
            yield inner["name"]
        yield from _names(inner, id)


def _named(answer: str, instruction: str) -> bool:
    answer, text = _folded(answer), _folded(instruction)
    if len(answer) < LEAST or answer in ("yes", "true", "false", "null", "none"):
        return False
    found = [m.span() for m in re.finditer(rf"(?<![\w.-]){re.escape(answer)}(?![\w-]|\.\w)", text)]
    return any(not _choice(text[:start], text[end:]) for start, end in found)


def _choice(left: str, right: str) -> bool:
    quotes = "\"'`‘’“”*, "
    return bool(re.search(r"(\bor|/)$", left.rstrip(quotes)) or re.match(r"(or\b|/)", right.lstrip(quotes)))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
