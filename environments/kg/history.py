"""AgentBench's way to keep a chat short: its first message and the newest ones, up to 3500 segments of text."""

from __future__ import annotations

from collections.abc import Sequence

from simenv.types import Message

_MOST = 3500
_LETTERS = 7


def segments(text: str) -> int:
    """AgentBench's guess at tokens (v0.2, src/server/task.py): up to seven letters of a word, or any other character."""
    total = run = 0
    for char in text:
        if char.isalpha():
            run += 1
            if run == _LETTERS:
                total, run = total + 1, 0
            continue
        total += (run > 0) + (char not in " \n")
        run = 0
    return total + (run > 0)


def trimmed(messages: Sequence[Message]) -> tuple[Message, ...]:
    """What is sent of a chat. A notice in the first message tells how many are missing."""
    total, kept = segments(messages[0].content), list[Message]()
    for message in reversed(messages[1:]):
        total += segments(message.content)
        if total >= _MOST:
            break
        kept.insert(0, message)
    if kept and kept[0].role == "user":
        del kept[0]
    omitted = len(messages) - 1 - len(kept)
    if not omitted:
        return tuple(messages)
    notice = f"{messages[0].content}\n\n[NOTICE] {omitted} messages are omitted."
    return (messages[0].model_copy(update={"content": notice}), *kept)
