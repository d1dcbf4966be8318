"""How AgentBench keeps a chat short (v0.2, `src/server/task.py`): the first message stays, the oldest others go."""

from __future__ import annotations

from collections.abc import Sequence

from simenv.types import Message

LIMIT = 3500
"""Segments that a chat may have."""
_LETTERS = 7
"""Letters of a word that make one segment."""


def segments(text: str) -> int:
    """AgentBench's measure of length: a word counts one for every 7 letters begun, anything but space and newline one."""
    count = letters = 0
    for char in text:
        if char.isalpha():
            letters += 1
            if letters == _LETTERS:
                count, letters = count + 1, 0
            continue
        count, letters = count + (letters > 0), 0
        count += char not in " \n"
    return count + (letters > 0)


def trimmed(messages: Sequence[Message], limit: int = LIMIT) -> tuple[Message, ...]:
    """The first message and as many of the newest as stay below the limit; the first one says how many are left out.

    What follows the first message never begins with a user's, so that the two sides keep taking turns.
    """
    first, *rest = messages
    total, start = segments(first.content), len(rest)
    while start:
        total += segments(rest[start - 1].content)
        if total >= limit:
            break
        start -= 1
    if start < len(rest) and rest[start].role == "user":
        start += 1
    if not start:
        return tuple(messages)
    notice = f"{first.content}\n\n[NOTICE] {start} messages are omitted."
    return first.model_copy(update={"content": notice}), *rest[start:]
