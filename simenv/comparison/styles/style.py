"""What a style is: it makes the chat of one training example from one record."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from simenv.knowledge.records import Record
from simenv.model import Model
from simenv.prompts import fenced
from simenv.types import Message
from simenv.verify.library import Library

Chat = tuple[Message, ...]


class Workshop(NamedTuple):
    """What styles work with: the model, the texts that may be searched, and the most rounds of a chat or steps of an agent."""

    model: Model
    library: Library
    rounds: int = 3
    steps: int = 6


Style = Callable[[Record, Workshop], Coroutine[Any, Any, Chat]]
"""ModelError where the model fails, Unusable where its answers cannot be read."""


def told(record: Record, answered: bool = True) -> str:
    """A record as prompts show it, between lines that it cannot contain; `answered`: with its answer and explanation."""
    parts = [f"Question: {record.question}"]
    parts += [f"Option {n}: {text}" for n, text in enumerate(record.options, 1)]
    parts += [f"Context: {record.context}"] if record.context else []
    if answered:
        parts += [f"Answer: {record.answer}"]
        parts += [f"Explanation: {record.explanation}"] if record.explanation else []
    return fenced("\n".join(parts))


def asked(record: Record) -> str:
    """The question of a record with its options, as a user puts it."""
    options = "".join(f"\n{n}. {text}" for n, text in enumerate(record.options, 1))
    return f"{record.question}{options}"


def exchange(pairs: Sequence[tuple[str, str]]) -> Chat:
    """A chat of pairs of what the user and the assistant say."""
    chat: list[Message] = []
    for user, assistant in pairs:
        chat.append(Message(role="user", content=user, author="model"))
        chat.append(Message(role="assistant", content=assistant, author="model", train=True))
    return tuple(chat)
