"""The thoughts that go with an expert's commands: short, in the first person, and different from task to task."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from ..engine.goal import Goal
from ..engine.layout import kind_of
from .belief_state import BeliefState
from .planner import Intent

_FIRST = (
    "First I need to find {a} {kind}. The {r} is a likely place, so I'll go there.",
    "I have to get hold of {a} {kind}. Let me look at the {r}.",
    "{A} {kind} could well be in or on the {r}. I'll check there.",
    "I don't know yet where {a} {kind} is; I'll start at the {r}.",
)
_NEXT = (
    "There is {no} {kind} {here}; next I'll look at the {r}.",
    "I see {no} {kind} {here}. Let me check the {r}.",
    "{No} {kind} {here}. Maybe there is one at the {r}.",
    "I found {no} {kind} {here}, so I'll go on to the {r}.",
    "Still {no} {kind} {here}. The {r} is worth a look.",
)
_STILL = (
    "I still need {a} {kind}. I'll look at the {r}.",
    "I haven't found {a} {kind} yet; the {r} may have one.",
)
_SECOND = (
    "One {kind} is done. Now I need another one; I'll look at the {r}.",
    "I need a second {kind}. The {r} may have one.",
)
_LAMP = (
    "I have the {o}. Now I need {a} {kind}; the {r} may have one.",
    "Next I have to find {a} {kind} to look at the {o}. I'll try the {r}.",
)
_BEHIND = (
    "The {r} is closed. I'll open it to see whether {a} {kind} is inside.",
    "I can't see into the {r} while it is closed, so I'll open it.",
    "{A} {kind} may be in the {r}. I'll open it.",
)
_BESIDE = (
    "The {r} is within reach, too. I'll look for {a} {kind} there.",
    "I'll also check the {r} here for {a} {kind}.",
)
_BACK = (
    "I saw the {o} at the {r}. I'll go back there.",
    "I remember the {o} at the {r}, so that is where I go.",
    "The {r} had {a} {kind}: the {o}. I'll go and get it.",
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
    "I hold the {o}, and I saw the {lamp} at the {r}. I'll go there.",
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


def thought(goal: Goal, intent: Intent, salt: str) -> str:
    """The thought before the next command; it mentions nothing that the agent has not seen.

    The same command and `salt` give the same words.
    """
    belief, command = intent.belief, intent.commands[0]
    forms = _search_forms(goal, intent) if intent.target else _action_forms(goal, intent.commands)
    verb, first, second = _parts(command)
    _, name, other = _purpose(intent.commands)
    kind, more = intent.target or goal.object, goal.count == 2 and bool(goal.fullest(belief))
    article, no = "another" if more else "an" if kind[0] in "aeiou" else "a", "no other" if more else "no"
    words = {
        "o": belief.holding or name,
        "r": first if verb in ("go", "open", "examine") else second or other,
        "here": _seen_places(belief),
        "kind": kind,
        "lamp": goal.lamp,
    }
    words |= {"a": article, "A": article.capitalize(), "no": no, "No": no.capitalize()}
    return _pick(forms, salt + command).format(**words)


def _search_forms(goal: Goal, intent: Intent) -> Sequence[str]:
    """The sentences for a command that searches."""
    belief = intent.belief
    if not intent.commands[0].startswith("go "):
        return _BEHIND if intent.commands[0].startswith("open ") else _BESIDE
    if belief.place is None and not belief.seen:
        return _FIRST
    if intent.target == goal.lamp and any((belief.holding, r.name) in belief.taken for r in belief.within_reach):
        return _LAMP
    if goal.count == 2 and any(goal.objects_in(belief, r) for r in belief.within_reach if r.kind == goal.receptacle):
        return _SECOND
    return _NEXT if any(r.name in belief.seen for r in belief.within_reach) else _STILL


def _action_forms(goal: Goal, commands: Sequence[str]) -> Sequence[str]:
    """The sentences for a command towards something known."""
    verb, (purpose, name, _) = _parts(commands[0])[0], _purpose(commands)
    if verb == "open":
        return _OPEN
    if purpose == "put" and kind_of(name) != goal.object:
        return _FREE
    if verb != "go":
        return _NOW[verb]
    return {"take": _BACK, "put": _BRING, **_MAKE}.get(purpose, _LIGHT)


def _purpose(commands: Sequence[str]) -> tuple[str, str, str]:
    """The parts of the first command that is neither `go` nor `open`; the commands before it only serve it."""
    return next((p for p in map(_parts, commands) if p[0] not in ("go", "open")), ("", "", ""))


def _seen_places(belief: BeliefState) -> str:
    """The receptacles within reach whose content the agent knows, as a phrase."""
    if all(r.name in belief.seen for r in belief.within_reach):
        return "here"
    return "at the " + " and the ".join(r.name for r in belief.within_reach if r.name in belief.seen)


def _parts(command: str) -> tuple[str, str, str]:
    """Verb, first and second name of a command, such as `put`, `mug 1`, `desk 1`; '' for a name it lacks."""
    verb, _, rest = command.partition(" ")
    verb = "put" if verb == "move" else verb
    for link in (" from ", " in/on ", " with ", " to "):
        if link in rest:
            name, _, other = rest.partition(link)
            return verb, name, other
    return verb, rest.removeprefix("to "), ""


def false_thought(command: str, salt: str) -> str:
    """The thought before a command that does not help; the same command and `salt` give the same words."""
    return _pick(_FALSE, salt + command).format(command=command)
