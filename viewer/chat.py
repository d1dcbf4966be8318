"""A trajectory as a chat that can be read: thought, action and observation apart, and what is to be noted of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Literal, NamedTuple

from simenv.types import Action, Message, Step, StepCheck, Trajectory

Part = Literal["system", "user", "thought", "action", "observation", "raw"]
LANGUAGES = {"execute_sql": "sql", "bash": "bash"}
"""How the input of an action is highlighted, by the action's name; others as they are."""


class Badge(NamedTuple):
    """A note on a message: two or three words, and what tone they have."""

    text: str
    tone: Literal["good", "bad", "warning", "plain"]

    @property
    def tells_nothing(self) -> bool:
        """Whether a reviewer may see it who is not to know who acted and how well."""
        return self.text in ("edited", "invalid", "cut", "masked", "trained", _UNREAD.text)


class Entry(NamedTuple):
    """One block of the chat. `message` is the index of the message its text stands in, `turn` that of the turn it belongs
    to, `step` that of its step; None where there is none. `was`: what stood there before a person edited it.
    """

    part: Part
    text: str
    author: str
    message: int | None
    turn: int | None = None
    step: int | None = None
    title: str = ""
    language: str | None = None
    badges: tuple[Badge, ...] = ()
    check: StepCheck | None = None
    was: str | None = None


def entries(t: Trajectory, original: Trajectory | None = None) -> Iterator[Entry]:
    """The chat in order. An assistant message comes as its thought and actions, each followed by what was seen.

    `original` is the trajectory as it was recorded, where `t` holds edits of people; they are told apart message by message
    where both have the same messages.
    """
    steps: dict[int, list[tuple[int, Step]]] = {}
    for number, step in enumerate(t.steps):
        steps.setdefault(step.message, []).append((number, step))
    same = original is not None and [m.role for m in original.messages] == [m.role for m in t.messages]
    chat = _Chat(t, original if same else None, _answers(t), {at: n for n, at in enumerate(steps)})
    seen_by_world = {m for answers in chat.answers.values() for m in answers}
    for at, message in enumerate(t.messages):
        if at in seen_by_world:
            continue
        if at in steps:
            yield from _turn(chat, at, message, steps[at])
        else:
            part: Part = "raw" if message.role == "assistant" else "system" if message.role == "system" else "user"
            badges = (*_of_message(message), *chat.edit(at))
            yield Entry(part, body(message), message.author, at, badges=badges, was=chat.was(at))


class _Chat(NamedTuple):
    """A trajectory with where the answers to each acting message stand, and the number of each acting message's turn."""

    t: Trajectory
    original: Trajectory | None
    answers: dict[int, list[int]]
    turns: dict[int, int]

    def was(self, at: int) -> str | None:
        """A message's text before it was edited; None where it was not."""
        if self.original is None:
            return None
        old = body(self.original.messages[at])
        return old if old != body(self.t.messages[at]) else None

    def edit(self, at: int) -> tuple[Badge, ...]:
        return (Badge("edited", "warning"),) if self.was(at) is not None else ()


def _answers(t: Trajectory) -> dict[int, list[int]]:
    """By acting message, the messages that only repeat its observations: those up to the next assistant message."""
    acting = {turn.message_index for turn in t.turns}
    found: dict[int, list[int]] = {}
    after: int | None = None
    for at, message in enumerate(t.messages):
        if message.role == "assistant":
            after = at if at in acting else None
        elif after is not None:
            found.setdefault(after, []).append(at)
    return found


def _turn(chat: _Chat, at: int, message: Message, steps: list[tuple[int, Step]]) -> Iterator[Entry]:
    number, first = steps[0]
    turn, was = chat.turns[at], chat.was(at)
    readable = [s for _, s in steps if s.action is not None]
    marks = (*_of_message(message), *chat.edit(at))
    said = was is not None or not readable
    if said:
        unread = () if readable else (_UNREAD,)
        yield Entry("raw", body(message), message.author, at, turn, number, badges=(*marks, *unread), was=was)
    elif first.thought:
        yield Entry("thought", first.thought, message.author, at, turn, number, badges=marks)
    for order, (number, step) in enumerate(steps):
        if step.action is not None and not said:
            own = marks if order == 0 and not first.thought else ()
            yield _action(message, at, turn, number, step.action, own)
        yield _observation(chat, at, order, number, step)


def _action(message: Message, at: int, turn: int, number: int, action: Action, badges: tuple[Badge, ...]) -> Entry:
    arguments = action.arguments
    text = str(next(iter(arguments.values()))) if len(arguments) == 1 else json.dumps(arguments, ensure_ascii=False)
    return Entry("action", text, message.author, at, turn, number, action.name, LANGUAGES.get(action.name), badges)


_UNREAD = Badge("no action found", "bad")


def _observation(chat: _Chat, at: int, order: int, number: int, step: Step) -> Entry:
    seen, t = step.observation, chat.t
    answers = chat.answers.get(at, [])
    message = answers[order] if order < len(answers) else None
    was = chat.was(message) if message is not None else None
    badges = [*(chat.edit(message) if message is not None else ())]
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
    if was is not None and message is not None:
        shown = body(t.messages[message])
    turn = chat.turns[at]
    return Entry(
        "observation", shown, seen.source, message, turn, number, badges=tuple(badges), check=seen.check, was=was
    )


def _of_check(check: StepCheck) -> list[Badge]:
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


MOST = 100_000
"""Characters of a text that are compared; a diff of huge texts takes longer than anybody waits."""


def difference(one: str, other: str, names: tuple[str, str] = ("engine", "model")) -> str:
    """Two texts as a unified diff of their lines; '' where they are equal. Of huge texts the beginnings are compared."""
    return "\n".join(unified_diff(one[:MOST].splitlines(), other[:MOST].splitlines(), *names, lineterm=""))
