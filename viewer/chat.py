"""A trajectory as a chat that can be read: thought, action and observation apart, and what is to be noted of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Literal, NamedTuple

from simenv.types import Check, Message, Step, Trajectory

Part = Literal["system", "user", "thought", "action", "observation", "raw"]
LANGUAGES = {"execute_sql": "sql", "bash": "bash"}
"""How the input of an action is highlighted, by the action's name; others as they are."""


class Badge(NamedTuple):
    """A note on a message: two or three words, and what tone they have."""

    text: str
    tone: Literal["good", "bad", "warning", "plain"]


class Entry(NamedTuple):
    """One block of the chat. `message` and `step` are its indices in the trajectory; `step` is None outside of steps."""

    part: Part
    text: str
    author: str
    message: int
    step: int | None = None
    title: str = ""
    language: str | None = None
    badges: tuple[Badge, ...] = ()
    check: Check | None = None


def entries(t: Trajectory) -> Iterator[Entry]:
    """The chat in order. An assistant message comes as its thought and actions, each followed by what was seen."""
    steps: dict[int, list[tuple[int, Step]]] = {}
    for number, step in enumerate(t.steps):
        steps.setdefault(step.message, []).append((number, step))
    seen_by_world = _answers(t)
    for at, message in enumerate(t.messages):
        if at in seen_by_world:
            continue
        if at in steps:
            yield from _turn(t, at, message, steps[at])
        else:
            part: Part = "raw" if message.role == "assistant" else "system" if message.role == "system" else "user"
            yield Entry(part, body(message), message.author, at, badges=_of_message(message))


def _answers(t: Trajectory) -> set[int]:
    """The messages that only repeat an observation: those between an acting turn and the next assistant message."""
    acting = {s.message for s in t.steps}
    found: set[int] = set()
    after = False
    for at, message in enumerate(t.messages):
        if message.role == "assistant":
            after = at in acting
        elif after:
            found.add(at)
    return found


def _turn(t: Trajectory, at: int, message: Message, steps: list[tuple[int, Step]]) -> Iterator[Entry]:
    number, first = steps[0]
    readable = [s for _, s in steps if s.action is not None]
    if readable and first.thought:
        yield Entry("thought", first.thought, message.author, at, number, badges=_of_message(message))
    elif not readable:
        yield Entry("raw", body(message), message.author, at, number, badges=(*_of_message(message), _UNREAD))
    for number, step in steps:
        if step.action is not None:
            arguments = step.action.arguments
            text = (
                str(next(iter(arguments.values())))
                if len(arguments) == 1
                else json.dumps(arguments, ensure_ascii=False)
            )
            marks = () if first.thought else _of_message(message)
            language = LANGUAGES.get(step.action.name)
            yield Entry("action", text, message.author, at, number, step.action.name, language, marks)
        yield _observation(t, at, number, step)


_UNREAD = Badge("no action found", "bad")


def _observation(t: Trajectory, at: int, number: int, step: Step) -> Entry:
    seen = step.observation
    badges = []
    if seen.invalid:
        badges.append(Badge("invalid", "bad"))
    if seen.truncated:
        badges.append(Badge("cut", "plain"))
    if seen.check is not None:
        badges += _of_check(seen.check)
    if t.mistake is not None and t.mistake.step == number:
        badges.append(Badge(f"first mistake, {t.mistake.severity}", "bad"))
    if seen.stop is not None:
        badges.append(Badge(f"ended: {seen.stop.value}", "plain"))
    shown = seen.text or (f"answer: {json.dumps(seen.answer, ensure_ascii=False)}" if seen.answer is not None else "")
    return Entry("observation", shown, seen.source, at, number, badges=tuple(badges), check=seen.check)


def _of_check(check: Check) -> list[Badge]:
    if check.label == "match":
        return [Badge("MATCH", "good")]
    if check.label == "unverifiable":
        return [Badge("UNVERIFIABLE", "warning")]
    corrected = check.shown == "engine"
    named = f"DRIFT: {check.error.replace('_', ' ')}" if check.error else "DRIFT"
    return [Badge(named, "warning" if corrected else "bad"), *([Badge("corrected", "good")] if corrected else [])]


def _of_message(message: Message) -> tuple[Badge, ...]:
    if message.role != "assistant":
        return ()
    by = () if message.author == "agent" else (Badge(message.author, "plain"),)
    return (*by, Badge("trained", "good") if message.train else Badge("masked", "plain"))


def body(message: Message) -> str:
    """A message's text with its tool calls below it."""
    return "\n".join([message.content, *(f"{c.name}({c.arguments})" for c in message.calls)]).strip()


def difference(check: Check) -> str:
    """What the engine said and what the model invented, as a unified diff of their lines; '' where they are equal."""
    lines = unified_diff(check.engine.splitlines(), check.model.splitlines(), "engine", "model", lineterm="")
    return "\n".join(lines)
