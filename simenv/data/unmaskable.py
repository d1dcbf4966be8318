"""What keeps a sample out of training: loss that has no exact place, or a call that nobody could read."""

from __future__ import annotations

from collections.abc import Sequence

from simenv.errors import SimenvError
from simenv.models.calls import arguments
from simenv.types import Message


class Unmaskable(SimenvError):
    """Loss cannot be placed exactly on a sample; it is left out of training. `cause` is the reason in a word or two."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(text)
        self.cause = cause


def require_arguments(messages: Sequence[Message]) -> None:
    """Refuse to train a call whose arguments nobody could read."""
    for place, m in enumerate(messages):
        if m.carries_loss and any(arguments(c.arguments) == {"malformed": c.arguments} for c in m.acted_part.calls):
            raise Unmaskable(f"message {place + 1}: the arguments of its call are no JSON object", "arguments")
