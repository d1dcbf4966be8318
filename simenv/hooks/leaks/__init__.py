"""The leak check: whether a text gives a task away by naming a gold answer or a gold action, plainly or in disguise, or by
taking from a gold action's arguments what the agent has not seen (`arguments`).

It errs on the side of refusing: a hint that names a value that happens to be the answer does not pass. Not found: paraphrase,
translation, sums to be done, ciphers with a key. `Rules` says how strict it is; hints and instructions differ in that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from simenv.types import Message, Move

from .arguments import Arguments, Knowledge
from .numerals import digits
from .readings import ciphered, decoded, plain, words

_DEEP = 2
"""Encodings within encodings that are undone."""
_SHORT = 4
"""Characters below which a secret may stand in a ciphered reading by chance."""
_TELLING = 5
"""Letters from which one word of an answer gives it away."""


@dataclass(frozen=True)
class Secrets:
    """What a text must not name. `public` is the text that the agent was given with the task; `names` are names of actions
    that no text says by chance."""

    answers: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    public: str = ""
    names: tuple[str, ...] = ()
    arguments: Arguments = field(default_factory=Arguments)


@dataclass(frozen=True)
class Rules:
    """What counts as naming a secret."""

    disguised: bool = True
    """readings other than the plain one: ciphers, encodings, numbers in words; and a part of a secret, such as one telling word
    of an answer"""
    choices: bool = False
    """an answer may be named as one of several to choose from (`A or B`)"""
    shortest_answer: int = 1
    """characters below which an answer is not looked for; shorter ones may stand in a text by chance"""
    shortest_action: int = 1


HINT = Rules()
INSTRUCTION = Rules(disguised=False, choices=True, shortest_answer=3, shortest_action=12)


class Leak(NamedTuple):
    """A secret that a text names, and in which reading."""

    kind: Literal["answer", "action", "name", "argument"]
    secret: str
    how: str


class _Reading(NamedTuple):
    how: str
    words: Sequence[str]
    sure: bool
    """whether a word of it stands there by intent, however short"""


def secrets(answers: Iterable[str], moves: Iterable[Move], public: str, chat: Sequence[Message] = ()) -> Secrets:
    """The secrets of a task: its answers, and the moves that may be next, as a whole and by their arguments.

    `public` is the instruction, `chat` what the agent has seen and said beside it; what stands in either may be repeated.
    """
    knowledge = Knowledge(public, chat)
    actions, arguments = [], []
    for move in moves:
        values = [str(v) for v in move.action.arguments.values()]
        if values or len(words(move.action.name)) > 1:  # `finish` alone is a word as any other
            actions.append(" ".join([move.action.name, *values]))
        unknown = [v for v in values if plain(v) not in knowledge.all]
        actions += [v for v in unknown if len(words(v)) > 1 or len(v) > _TELLING]
        arguments += values
    return Secrets(
        answers=tuple(dict.fromkeys(filter(None, answers))),
        actions=tuple(dict.fromkeys(actions)),
        public=public,
        arguments=Arguments(tuple(dict.fromkeys(arguments)), knowledge),
    )


def leak(text: str, secret: Secrets) -> str:
    """What a hint gives away, and in which reading, in words; '' for nothing."""
    first = find_leak(text, secret)
    return f"the {first.kind} {first.secret!r}, {first.how}" if first else ""


def find_leak(text: str, secret: Secrets, rules: Rules = HINT) -> Leak | None:
    """The first secret that a text names; None if it names none."""
    answers = [a for a in secret.answers if len(a.strip()) >= rules.shortest_answer]
    actions = [a for a in secret.actions if len(a) >= rules.shortest_action]
    if rules.disguised:
        leaks = _disguised(text, answers, actions, set(words(secret.public)))
    else:
        leaks = _stated(text, answers, actions, rules.choices)
    names = (Leak("name", n, "plainly") for n in secret.names if re.search(rf"\b{re.escape(n)}\b", text))
    taken = (Leak("argument", part, "in a gold action alone") for part in secret.arguments.taken(text))
    return next(leaks, None) or next(names, None) or next(taken, None)


# As it stands.


def _stated(text: str, answers: Iterable[str], actions: Iterable[str], choices: bool) -> Iterator[Leak]:
    yield from (Leak("answer", answer, "plainly") for answer in answers if _stands_alone(answer, text, choices))
    yield from (Leak("action", action, "plainly") for action in actions if _folded(action) in _folded(text))


def _stands_alone(answer: str, text: str, choices: bool) -> bool:
    """Whether an answer stands in a text on its own; `choices`: and not only as one of several to choose from."""
    answer, text = _folded(answer), _folded(text)
    spans = [m.span() for m in re.finditer(rf"(?<![\w.-]){re.escape(answer)}(?![\w-]|\.\w)", text)]
    return any(not (choices and _is_choice(text[:start], text[end:])) for start, end in spans)


def _is_choice(before: str, after: str) -> bool:
    quotes = "\"'`‘’“”*, "
    return bool(re.search(r"(\bor|/)$", before.rstrip(quotes)) or re.match(r"(or\b|/)", after.lstrip(quotes)))


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


# In disguise.


def _disguised(text: str, answers: Sequence[str], actions: Sequence[str], public: set[str]) -> Iterator[Leak]:
    for reading in _readings(text, _DEEP):
        in_digits = digits(reading.words)
        for answer in answers:
            if _names_answer(reading, in_digits, answer, public):
                yield Leak("answer", answer, reading.how)
        for action in actions:
            if _holds(reading.words, action, reading.sure) or (reading.sure and _loosely(reading.words, words(action))):
                yield Leak("action", action, reading.how)


def _readings(text: str, deep: int) -> Iterator[_Reading]:
    yield _Reading("plainly", words(text), True)
    for how, tokens in ciphered(text):
        yield _Reading(how, tokens, False)
    if deep:
        for how, inner in decoded(text):
            if inner.strip():
                for reading in _readings(inner, deep - 1):
                    name = how if reading.how == "plainly" else f"{how}, {reading.how}"
                    sure = reading.sure and len("".join(reading.words)) > 1
                    yield _Reading(name, reading.words, sure)


def _names_answer(reading: _Reading, in_digits: Sequence[str], answer: str, public: set[str]) -> bool:
    """Whether a reading, or the same with its number words as digits, holds an answer or a telling word of it."""
    if _holds(reading.words, answer, reading.sure) or _holds(in_digits, answer, reading.sure):
        return True
    return reading.sure and _partly(reading.words, answer, public)


def _holds(tokens: Sequence[str], secret: str, sure: bool) -> bool:
    """Whether words in a row, run together, are the secret; a long one also inside of a word."""
    for form in _forms(secret):
        if len(form) < (1 if sure else _SHORT):
            continue
        if len(form) > _TELLING and any(form in word for word in tokens):
            return True
        for start in range(len(tokens)):
            run = ""
            for word in tokens[start:]:
                run += word
                if len(run) >= len(form):
                    break
            if run == form:
                return True
    return False


def _forms(secret: str) -> set[str]:
    """A secret without what is between its letters and digits; of a number, also without closing zeros and fraction."""
    forms = {"".join(words(secret)), "".join(digits(words(secret)))}
    try:
        value = float(secret.replace(",", ""))
    except ValueError:
        return forms - {""}
    return forms | {"".join(words(f"{value:g}")), *([str(round(value))] if abs(value) < 1e15 else [])}


def _partly(tokens: Sequence[str], answer: str, public: set[str]) -> bool:
    """Whether a telling word of an answer of several stands there."""
    parts = words(answer)
    return len(parts) > 1 and any(len(w) >= _TELLING and w.isalpha() and w not in public and w in tokens for w in parts)


def _loosely(tokens: Sequence[str], action: Sequence[str]) -> bool:
    """Whether the words of an action stand there in their order, with a few others between."""
    if len(action) < 2:
        return False
    for start in (i for i, word in enumerate(tokens) if word == action[0]):
        count = 0
        for word in tokens[start : start + 2 * len(action)]:
            count += word == action[count]
            if count == len(action):
                return True
    return False
