"""Whether a text gives a task away: a gold answer or a gold action in it, plain or disguised.

It errs on the side of refusing: a hint that names a value that happens to be the answer does not pass, whatever it meant.
Not found: paraphrase, translation, sums to be done, ciphers with a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simenv.types import Move

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
    """What must not be said: answers, actions. `public` is what the agent was told by the task itself."""

    answers: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    public: str = ""


def secrets(answers: Iterable[str], moves: Iterable[Move], public: str) -> Secrets:
    """The secrets of a task: its answers, and the moves that may be next, by their arguments and as a whole."""
    known, actions = plain(public), []
    for move in moves:
        values = [str(v) for v in move.action.arguments.values()]
        actions.append(" ".join([move.action.name, *values]))
        actions += [v for v in values if len(words(v)) > 1 and plain(v) not in known]
        actions += [v for v in values if len(v) > _TELLING and plain(v) not in known]
    return Secrets(tuple(dict.fromkeys(filter(None, answers))), tuple(dict.fromkeys(actions)), public)


def leak(text: str, secret: Secrets) -> str:
    """What a text gives away, and in which reading; '' for nothing."""
    known = set(words(secret.public))
    for how, read, sure in _readings(text, _DEEP):
        numbered = digits(read)
        for answer in secret.answers:
            if _holds(read, answer, sure) or _holds(numbered, answer, sure) or (sure and _partly(read, answer, known)):
                return f"the answer {answer!r}, {how}"
        for action in secret.actions:
            if _holds(read, action, sure) or (sure and _loosely(read, words(action))):
                return f"the action {action!r}, {how}"
    return ""


def _readings(text: str, deep: int) -> Iterator[tuple[str, list[str], bool]]:
    """Name, words, and whether a word of it stands there by intent, however short."""
    yield "plainly", words(text), True
    for how, read in ciphered(text):
        yield how, read, False
    if deep:
        for how, inner in decoded(text):
            if inner.strip():
                for then, read, sure in _readings(inner, deep - 1):
                    yield how if then == "plainly" else f"{how}, {then}", read, sure and len("".join(read)) > 1


def _holds(read: Sequence[str], secret: str, sure: bool) -> bool:
    """Whether words in a row, run together, are the secret; a long one also inside of a word."""
    for form in _forms(secret):
        if len(form) < (1 if sure else _SHORT):
            continue
        if len(form) > _TELLING and any(form in word for word in read):
            return True
        for start in range(len(read)):
            joined = ""
            for word in read[start:]:
                joined += word
                if len(joined) >= len(form):
                    break
            if joined == form:
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


def _partly(read: Sequence[str], answer: str, known: set[str]) -> bool:
    """Whether a telling word of an answer of several stands there."""
    parts = words(answer)
    return len(parts) > 1 and any(len(w) >= _TELLING and w.isalpha() and w not in known and w in read for w in parts)


def _loosely(read: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words of an action stand there in their order, with a few others between."""
    if len(wanted) < 2:
        return False
    for start in (i for i, word in enumerate(read) if word == wanted[0]):
        at = 0
        for word in read[start : start + 2 * len(wanted)]:
            at += word == wanted[at]
            if at == len(wanted):
                return True
    return False
