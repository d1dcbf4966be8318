"""The thoughts that go with an expert's commands: short, in the first person, and different from task to task."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from .goal import Goal
from .house import House
from .layout import kind_of

_FIND = (
    "First I need to find {a} {kind}. The {r} is a likely place, so I'll go there.",
    "I have to get hold of {a} {kind}. Let me look at the {r}.",
    "{A} {kind} could well be in or on the {r}. I'll check there.",
    "To do this I need {a} {kind}; I'll start at the {r}.",
)
_SECOND = (
    "One {kind} is done. Now I need another one; I'll look at the {r}.",
    "I need a second {kind}. The {r} may have one.",
)
_BRING = (
    "I have the {o}. Now I need to put it in/on the {r}.",
    "Next, I take the {o} to the {r}.",
    "The {o} belongs in/on the {r}, so I'll go there.",
)
_MAKE = {
    "heat": ("I have the {o}. Next, I need to heat it with the {r}.", "The {o} must be hot, so I'll go to the {r}."),
    "cool": ("I have the {o}. Next, I need to cool it with the {r}.", "The {o} must be cold, so I'll go to the {r}."),
    "clean": ("I have the {o}. Next, I need to clean it at the {r}.", "The {o} must be clean, so I'll go to the {r}."),
}
_LIGHT = (
    "I hold the {o}. Now I need a {lamp}; there should be one at the {r}.",
    "With the {o} in hand I'll go to the {r}, where the {lamp} is.",
)
_FREE = (
    "I can hold only one thing at a time, so I'll first put the {o} down at the {r}.",
    "The {o} is in my way. I'll leave it at the {r}.",
)
_OPEN = (
    "The {r} is closed. I'll open it.",
    "I need to open the {r} first.",
    "The {r} is closed, so I have to open it before I can reach in.",
)
_NOW = {
    "take": ("Here is the {o}. I'll take it.", "I found the {o}. Next, I need to take it.", "The {o} is what I need."),
    "put": ("Now I can put the {o} in/on the {r}.", "I am at the {r}, so I'll put the {o} here."),
    "heat": ("I'll heat the {o} with the {r}.", "Now I can heat the {o}."),
    "cool": ("I'll cool the {o} with the {r}.", "Now I can cool the {o}."),
    "clean": ("I'll clean the {o} with the {r}.", "Now I can clean the {o}."),
    "use": ("Here is the {lamp}. I'll turn it on to look at the {o}.", "Now I turn on the {lamp}."),
}
_FALSE = (
    "Maybe this helps: {command}.",
    "I think I should {command}.",
    "Let me try something else and {command}.",
    "I'm not sure, but I'll {command}.",
)


def _pick(forms: Sequence[str], salt: str) -> str:
    return forms[crc32(salt.encode()) % len(forms)]


def thoughts(house: House, goal: Goal, commands: Sequence[str], salt: str) -> list[str]:
    """A thought for each command of a plan that starts in this house."""
    said: list[str] = []
    held, delivered = house.holding, 0
    for position, command in enumerate(commands):
        said.append(_thought(goal, commands[position:], held, delivered, f"{salt}{command}"))
        verb, name, _ = _parts(command)
        if verb == "take":
            held = name
        elif verb == "put":
            held, delivered = None, delivered + (kind_of(name) == goal.object)
    return said


def _parts(command: str) -> tuple[str, str, str]:
    """Verb, first and second name of a command: `put`, `mug 1`, `desk 1`."""
    verb, _, rest = command.partition(" ")
    for link in (" from ", " in/on ", " with "):
        if link in rest:
            name, _, other = rest.partition(link)
            return verb, name, other
    return verb, rest.removeprefix("to "), ""


def _thought(goal: Goal, ahead: Sequence[str], held: str | None, delivered: int, salt: str) -> str:
    verb, first, second = _parts(ahead[0])
    purpose, name, other = next((p for p in map(_parts, ahead) if p[0] not in ("go", "open")), ("", first, ""))
    useless = purpose == "put" and kind_of(name) != goal.object
    if verb == "open":
        forms: Sequence[str] = _OPEN
    elif useless:
        forms = _FREE
    elif verb != "go":
        forms = _NOW[verb]
    elif purpose == "take":
        forms = _SECOND if delivered else _FIND
    else:
        forms = _BRING if purpose == "put" else _MAKE.get(purpose, _LIGHT)
    place = first if verb in ("go", "open") else second or other
    thing = held if purpose in ("use", "") else name
    article = "an" if goal.object[0] in "aeiou" else "a"
    words = {"o": thing, "r": place, "kind": goal.object, "lamp": goal.lamp, "a": article, "A": article.capitalize()}
    return _pick(forms, salt).format(**words)


def false_thought(command: str, salt: str) -> str:
    """What goes through the head of somebody about to do something that does not help."""
    return _pick(_FALSE, salt + command).format(command=command)
