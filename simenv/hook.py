"""What a hook is: it watches a live episode and may change its course. Everything it changes is recorded."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from simenv.agent import Agent, AgentContext, Oracle
from simenv.errors import ConfigError
from simenv.model import Model
from simenv.options import Named, Options
from simenv.types import Author, Step, Turn, View

if TYPE_CHECKING:
    from simenv.episode import Episode


STUDENT, TEACHER = "student", "teacher"


def author(name: str) -> Author:
    """Whose turns an agent's are in the record."""
    return "agent" if name == STUDENT else "human" if name == "human" else "teacher"


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
    """Go back to the state before turn number `turn` (from 0) and go on from there, with `note` as in Retry.

    `agent` goes on in place of the one that acted so far; `author` is whose doing the change is.
    """

    turn: int
    reason: str
    note: str = ""
    agent: Agent | None = None
    author: Author | None = None


def nobody(name: str, **options: Any) -> Agent:
    raise ConfigError(f"agent {name!r}: nobody else may act here")


@dataclass(frozen=True)
class HookContext(AgentContext):
    """What a hook is given for one episode: what agents are, the teacher's model, and other agents by name.

    `agent` makes `student` (the rollout's own agent, drawn anew), `teacher`, `human` or any agent there is.
    """

    teacher: Model | None = None
    agent: Callable[..., Agent] = nobody


class Hook(Named, ABC):
    """One intervention. Made anew for each episode; overrides any of the three methods."""

    Options: ClassVar[type[Options]] = Options
    rewinds: ClassVar[bool] = False
    """Whether it may answer with a Rewind, or fork; only then does an episode keep a snapshot before every turn."""
    siblings: ClassVar[bool] = True
    """Whether it also watches the siblings that were split off an episode."""

    def __init__(self, options: Options, seat: HookContext) -> None:
        self.options = options
        self.seat = seat

    @classmethod
    def agents(cls, options: Any) -> tuple[str, ...]:
        """Names of the agents that it may let act, so that a wrong one is told before the first episode."""
        return ()

    @classmethod
    def needs_teacher(cls, options: Any) -> bool:
        """Whether it cannot work without a teacher's model."""
        return False

    @property
    def oracle(self) -> Oracle:
        """Full knowledge of the live episode; ConfigError where the rollout gave none."""
        if self.seat.oracle is None:
            raise ConfigError(f"hook {self.name}: no oracle was given to it")
        return self.seat.oracle

    async def before_turn(self, episode: Episode, view: View) -> View | None:
        """Called with what the agent is about to see; the answer is shown in its place and does not stay in the chat."""
        return None

    async def after_turn(self, episode: Episode, turn: Turn) -> Substitute | Retry | Rewind | None:
        """Called with what the agent said, before it is acted on."""
        return None

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        """Called with what the turn led to; the episode may be over by then."""
        return None
