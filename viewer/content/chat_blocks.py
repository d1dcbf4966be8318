"""A trajectory as a chat to read: a block for each thought, action and observation, with badges for what is special in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Literal, NamedTuple

from simenv.types import Action, Message, Step, StepCheck, Trajectory

BlockKind = Literal["system", "user", "reasoning", "thought", "action", "observation", "raw"]
HIDDEN = "(kept from readers by its provider)"
LANGUAGES = {"execute_sql": "sql", "bash": "bash"}
"""How the input of an action is highlighted, by the action's name; others as they are."""


class Badge(NamedTuple):
    """A note on a block in two or three words; `tone` says how good the news is."""

    text: str
    tone: Literal["good", "bad", "warning", "plain"]

    @property
    def is_neutral(self) -> bool:
        """Whether a blind reviewer may see it: it tells neither who acted nor how well."""
        return self.text in ("edited", "invalid", "cut", "masked", "trained", _UNREAD.text)


class Block(NamedTuple):
    """One block of the chat.

    `message`, `turn` and `step` are indices of the message that holds the text, of the turn and of the step; None where there
    is none. `author` is who wrote it, `language` how it is highlighted. `before_edit` is the text before a person edited it,
    None where nobody did.
    """

    kind: BlockKind
    text: str
    author: str
    message: int | None
    turn: int | None = None
    step: int | None = None
    title: str = ""
    language: str | None = None
    badges: tuple[Badge, ...] = ()
    check: StepCheck | None = None
    before_edit: str | None = None


def blocks(t: Trajectory, original: Trajectory | None = None) -> Iterator[Block]:
    """The blocks of a chat in order. An assistant message comes as its thought and its actions, each with its observation.

    `original` is the trajectory as it was recorded, where `t` holds edits of people; the edits of a message are shown where
    both chats have the same roles in the same order.
    """
    steps: dict[int, list[tuple[int, Step]]] = {}
    for number, step in enumerate(t.steps):
        steps.setdefault(step.message, []).append((number, step))
    same = original is not None and [m.role for m in original.messages] == [m.role for m in t.messages]
    chat = _Chat(t, original if same else None, _answers(t), {at: n for n, at in enumerate(steps)})
    answer_messages = {m for answers in chat.answers.values() for m in answers}
    for at, message in enumerate(t.messages):
        if at in answer_messages:
            continue
        yield from _reasoning(message, at, chat.turns.get(at))
        if at in steps:
            yield from _turn(chat, at, message, steps[at])
        else:
            kind: BlockKind = "raw" if message.role == "assistant" else "system" if message.role == "system" else "user"
            badges = (*_of_message(message), *chat.edit_badge(at))
            yield Block(
                kind, message_text(message), message.author, at, badges=badges, before_edit=chat.before_edit(at)
            )


class _Chat(NamedTuple):
    """A trajectory, with the indices of the messages that answer each acting message and the turn of each acting message."""

    t: Trajectory
    original: Trajectory | None
    answers: dict[int, list[int]]
    turns: dict[int, int]

    def before_edit(self, at: int) -> str | None:
        """A message's text before it was edited; None where it was not."""
        if self.original is None:
            return None
        old = message_text(self.original.messages[at])
        return old if old != message_text(self.t.messages[at]) else None

    def edit_badge(self, at: int) -> tuple[Badge, ...]:
        return (Badge("edited", "warning"),) if self.before_edit(at) is not None else ()


def _answers(t: Trajectory) -> dict[int, list[int]]:
    """The messages after each acting message up to the next assistant message: they only repeat its observations."""
    acting = {turn.message_index for turn in t.turns}
    answers: dict[int, list[int]] = {}
    after: int | None = None
    for at, message in enumerate(t.messages):
        if message.role == "assistant":
            after = at if at in acting else None
        elif after is not None:
            answers.setdefault(after, []).append(at)
    return answers


def _reasoning(message: Message, at: int, turn: int | None) -> Iterator[Block]:
    if message.reasoning:
        yield Block("reasoning", message.thought or HIDDEN, message.author, at, turn)


def _turn(chat: _Chat, at: int, message: Message, steps: list[tuple[int, Step]]) -> Iterator[Block]:
    number, first = steps[0]
    turn, before = chat.turns[at], chat.before_edit(at)
    readable = [s for _, s in steps if s.action is not None]
    marks = (*_of_message(message), *chat.edit_badge(at))
    is_whole = before is not None or not readable
    if is_whole:
        unread = () if readable else (_UNREAD,)
        yield Block(
            "raw", message_text(message), message.author, at, turn, number, badges=(*marks, *unread), before_edit=before
        )
    elif first.thought:
        yield Block("thought", first.thought, message.author, at, turn, number, badges=marks)
    for order, (number, step) in enumerate(steps):
        if step.action is not None and not is_whole:
            first_marks = marks if order == 0 and not first.thought else ()
            yield _action(message, at, turn, number, step.action, first_marks)
        yield _observation(chat, at, order, number, step)


def _action(message: Message, at: int, turn: int, number: int, action: Action, badges: tuple[Badge, ...]) -> Block:
    arguments = action.arguments
    text = str(next(iter(arguments.values()))) if len(arguments) == 1 else json.dumps(arguments, ensure_ascii=False)
    return Block("action", text, message.author, at, turn, number, action.name, LANGUAGES.get(action.name), badges)


_UNREAD = Badge("no action found", "bad")


def _observation(chat: _Chat, at: int, order: int, number: int, step: Step) -> Block:
    observation, t = step.observation, chat.t
    answers = chat.answers.get(at, [])
    message = answers[order] if order < len(answers) else None
    before = chat.before_edit(message) if message is not None else None
    badges = [*(chat.edit_badge(message) if message is not None else ())]
    if observation.invalid:
        badges.append(Badge("invalid", "bad"))
    if observation.truncated:
        badges.append(Badge("cut", "plain"))
    if observation.check is not None:
        badges += _of_check(observation.check)
    if t.mistake is not None and t.mistake.step == number:
        badges.append(Badge(f"first mistake, {t.mistake.severity}", "bad"))
    if observation.stop is not None:
        badges.append(Badge(f"ended: {observation.stop.value}", "plain"))
    text = observation.text or (
        f"answer: {json.dumps(observation.answer, ensure_ascii=False)}" if observation.answer is not None else ""
    )
    if before is not None and message is not None:
        text = message_text(t.messages[message])
    turn = chat.turns[at]
    return Block(
        "observation",
        text,
        observation.source,
        message,
        turn,
        number,
        badges=tuple(badges),
        check=observation.check,
        before_edit=before,
    )


def _of_check(check: StepCheck) -> list[Badge]:
    if check.label == "match":
        return [Badge("MATCH", "good")]
    if check.label == "unverifiable":
        return [Badge("UNVERIFIABLE", "warning")]
    is_corrected = check.shown == "engine"
    title = f"DRIFT: {check.error.replace('_', ' ')}" if check.error else "DRIFT"
    return [Badge(title, "warning" if is_corrected else "bad"), *([Badge("corrected", "good")] if is_corrected else [])]


def _of_message(message: Message) -> tuple[Badge, ...]:
    if message.role != "assistant":
        return ()
    by = () if message.author == "agent" else (Badge(message.author, "plain"),)
    ended = () if not message.finish else (Badge(f"finish: {message.finish}", "warning"),)
    return (*by, *ended, Badge("trained", "good") if message.train else Badge("masked", "plain"))


def message_text(message: Message) -> str:
    """A message's text with its tool calls below it, one a line."""
    return "\n".join([message.content, *(f"{c.name}({c.arguments})" for c in message.calls)]).strip()


MAX_DIFF = 100_000
"""Characters of each text that are compared; a diff of huge texts takes longer than anybody waits."""


def text_diff(one: str, other: str, names: tuple[str, str] = ("engine", "model")) -> str:
    """A unified diff of the lines of two texts, called `names` in it; '' where their first MAX_DIFF characters are equal."""
    return "\n".join(unified_diff(one[:MAX_DIFF].splitlines(), other[:MAX_DIFF].splitlines(), *names, lineterm=""))
