"""The part of a page that is shown at once; the rest is reached by scrolling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simenv.errors import InvalidAction


@dataclass
class Window:
    """`size` characters of a view from `top` on."""

    size: int
    top: int = 0

    def end(self, view: str) -> int:
        """The end of the part that is shown, between words if possible."""
        end = self.top + self.size
        return len(view) if end >= len(view) else max(view.rfind(" ", self.top, end) + 1, self.top + 1)

    def scroll(self, view: str, direction: Literal["down", "up"]) -> None:
        """Go on to the next part, or back; InvalidAction where there is no more."""
        position = self.end(view) if direction == "down" else max(0, self.top - self.size)
        if position == self.top or position >= len(view):
            raise InvalidAction(f"there is nothing more to see when scrolling {direction}")
        self.top = position
