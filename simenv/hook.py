"""What a hook is: it watches a live episode and may change its course. Everything it changes is recorded."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from simenv.options import Options
from simenv.types import Step, Turn

if TYPE_CHECKING:
    from simenv.episode import Episode


@dataclass(frozen=True)
class Substitute:
    """Let this turn stand in place of the agent's."""

    turn: Turn
    reason: str


@dataclass(frozen=True)
class Retry:
    """Ask for the turn again. `note` is shown to the agent this once and does not stay in the chat."""

    reason: str
    note: str = ""


@dataclass(frozen=True)
class Rewind:
    """Go back to the state before turn number `turn` (from 0) and go on from there, with `note` as in Retry."""

    turn: int
    reason: str
    note: str = ""


class Hook(ABC):
    """One intervention. Made anew for each episode; overrides either method or both."""

    Options: ClassVar[type[Options]] = Options
    rewinds: ClassVar[bool] = False
    """Whether it may answer with a Rewind; only then does an episode keep a snapshot before every turn."""

    def __init__(self, options: Options) -> None:
        self.options = options

    async def after_turn(self, episode: Episode, turn: Turn) -> Substitute | Retry | Rewind | None:
        """Called with what the agent said, before it is acted on."""
        return None

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        """Called with what the turn led to; the episode may be over by then."""
        return None
