"""What a training set does with reasoning: it is learnt, shown without loss, or left out."""

from __future__ import annotations

from collections.abc import Sequence

from simenv.recipe import ReasoningUse
from simenv.reply_text import reasoning_apart
from simenv.types import Extent, Message


def used(messages: Sequence[Message], use: ReasoningUse) -> tuple[Message, ...]:
    """The chat as it is rendered: without reasoning if it is dropped, also where it stands between tags in the words."""
    return tuple(_without(m) if use == "drop" and m.role == "assistant" else m for m in messages)


def _without(m: Message) -> Message:
    content = reasoning_apart(m.content)[0]
    if content == m.content:
        return m.model_copy(update={"reasoning": ()})
    acted = m.acted and Extent(characters=len(reasoning_apart(m.content[: m.acted.characters])[0]), calls=m.acted.calls)
    return m.model_copy(update={"content": content, "reasoning": (), "acted": acted})
