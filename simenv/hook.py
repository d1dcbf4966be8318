"""A hook watches a live episode and answers with the changes it wants; the episode makes them and records them."""

from __future__ import annotations

from abc import ABC
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel

from simenv.agent import Agent, AgentContext, Oracle
from simenv.dialects import Dialect
from simenv.errors import ConfigError
from simenv.model import Model, ask
from simenv.options import Named, Options
from simenv.types import Author, Grade, Message, Mistake, Step, Stop, Task, Turn, Usage, View

T = TypeVar("T")
S = TypeVar("S", bound=BaseModel)

STUDENT, TEACHER = "student", "teacher"
_Options = Options
"""The same class; within classes that have their own, `Options` names theirs."""


def author_of(name: str) -> Author:
    """The author of the turns of an agent (a role or a plugin's name) in the record."""
    return "agent" if name == STUDENT else "human" if name == "human" else "teacher"


# Changes that a hook may ask for.


@dataclass(frozen=True)
class Note:
    """Record something, and change nothing. `text` is what the record keeps beside the reason."""

    reason: str
    text: str = ""
    author: Author | None = None


@dataclass(frozen=True)
class MarkMistake:
    """Record the episode's first mistake; a rewind to before it takes it back."""

    mistake: Mistake


@dataclass(frozen=True)
class Mask:
    """Take the loss off the turn that step number `step` (from 0) came from."""

    step: int


@dataclass(frozen=True)
class StartFork:
    """Start a fork: another episode, played after this one, from the state before turn number `turn` (from 0).

    A fork may be forked in its turn; of one task and attempt at most `MAX_FORKS` are played.
    `agent` plays it; `name` is the role or plugin it was made by, `continuation` says in one word who or what goes on.
    `note` is shown to it once. `author` is whose doing the fork is. The hook's class must say `rewinds = True`.
    """

    turn: int
    continuation: str
    agent: Agent
    name: str
    author: Author
    note: str = ""


@dataclass(frozen=True)
class Show:
    """Show the agent this view in place of its own, this once; it does not stay in the chat."""

    view: View


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

    `agent` goes on in place of the one that acted so far; `author` is whose doing the change is. The hook's class must say
    `rewinds = True`.
    """

    turn: int
    reason: str
    note: str = ""
    agent: Agent | None = None
    author: Author | None = None


Remark = Note | MarkMistake | Mask | StartFork
"""Changes that may be asked for at any time."""
BeforeTurn = Remark | Show
AfterTurn = Remark | Substitute | Retry | Rewind
AfterStep = Remark | Rewind
Change = Remark | Show | Substitute | Retry | Rewind


class EpisodeView(Protocol):
    """A live episode as hooks see it. Turns and steps count from 0; nothing here changes the episode."""

    @property
    def task(self) -> Task: ...

    @property
    def dialect(self) -> Dialect: ...

    @property
    def agent(self) -> Agent:
        """The agent that acts at present."""
        ...

    @property
    def turn(self) -> int:
        """Number of the turn that is due or under way; after a step, of the next one."""
        ...

    @property
    def max_turns(self) -> int: ...

    @property
    def messages(self) -> tuple[Message, ...]: ...

    @property
    def steps(self) -> tuple[Step, ...]: ...

    @property
    def choices(self) -> tuple[str, ...]:
        """What the world lists as possible now; () where it lists nothing."""
        ...

    @property
    def stop(self) -> Stop | None:
        """Why the episode is over; None while it goes on."""
        ...

    @property
    def mistake(self) -> Mistake | None: ...

    def turn_of(self, step: int) -> int:
        """The number of the turn that a step belongs to."""
        ...

    def first_step(self, turn: int) -> int:
        """The first step of a turn."""
        ...

    def chat_before(self, turn: int) -> tuple[Message, ...]:
        """The chat as it was before a turn. SimenvError where no hook says `rewinds`, or the turn has not been."""
        ...

    async def state(self) -> Any:
        """All that is true in the world now, as JSON."""
        ...

    async def grade(self) -> Grade:
        """The grade of the present state and answer."""
        ...

    async def back(self, turn: int, look: Callable[[], Awaitable[T]]) -> T:
        """What `look` finds in the world as it was before a turn; the world is as it is now afterwards."""
        ...


def no_agents(name: str, **options: Any) -> Agent:
    """The maker of agents of a context that has none: always a ConfigError."""
    raise ConfigError(f"agent {name!r}: nobody else may act here")


@dataclass(frozen=True)
class HookContext(AgentContext):
    """What a hook has for one episode: beside what agents have, the teacher's model, and other agents by name.

    `agent` makes `student` (the rollout's own agent, drawn anew), `teacher`, `human` or any agent there is.
    """

    teacher: Model | None = None
    agent: Callable[..., Agent] = no_agents


class Hook(Named, ABC):
    """One kind of intervention. Made anew for each episode; overrides any of the three methods.

    Each method answers with None, one change or several. The episode makes them in their order; after a Retry or a Rewind
    the rest of the answer is dropped.
    """

    Options: ClassVar[type[Options]] = Options
    rewinds: ClassVar[bool] = False
    """Whether it may answer with a Rewind or a StartFork, or looks back; only then does an episode keep a snapshot before
    every turn."""
    finds_mistakes: ClassVar[bool] = True
    """Whether it may answer with a MarkMistake. One that acts on mistakes (`needs_mistake`) must stand behind one that may."""
    watches_forks: ClassVar[bool] = True
    """Whether it also watches the forks of an episode."""

    def __init__(self, options: _Options, context: HookContext) -> None:
        self.options = options
        self.context = context
        self._usages: list[Usage] = []

    @classmethod
    def agents(cls, options: Any) -> tuple[str, ...]:
        """Names of the agents that it may let act, so that a wrong one is refused before the first episode."""
        return ()

    @classmethod
    def needs_mistake(cls, options: Any) -> bool:
        """Whether it does nothing in an episode in which no mistake was marked before."""
        return False

    @classmethod
    def needs_teacher(cls, options: Any) -> bool:
        """Whether it cannot work without a teacher's model."""
        return False

    @classmethod
    def needs_model(cls, options: Any) -> bool:
        """Whether it cannot work without the run's own model."""
        return False

    @property
    def oracle(self) -> Oracle:
        """Full knowledge of the live episode; ConfigError where the rollout gave none."""
        if self.context.oracle is None:
            raise ConfigError(f"hook {self.name}: no oracle was given to it")
        return self.context.oracle

    async def ask(self, prompt: str, shape: type[S]) -> S:
        """The answer of the teacher's model as data; the episode counts what it consumed.

        ConfigError without a teacher's model; errors of `simenv.model.ask` else.
        """
        if self.context.teacher is None:
            raise ConfigError(f"hook {self.name}: no teacher's model was given to it")
        return await ask(self.context.teacher, prompt, shape, spent=self._usages.append)

    def collect_usage(self) -> tuple[Usage, ...]:
        """Usage of the model's answers since the last call; the episode calls it after each method."""
        usages, self._usages = tuple(self._usages), []
        return usages

    async def before_turn(self, episode: EpisodeView, view: View) -> BeforeTurn | Sequence[BeforeTurn] | None:
        """Called before the agent is asked; `view` is what it is about to see."""
        return None

    async def after_turn(self, episode: EpisodeView, turn: Turn) -> AfterTurn | Sequence[AfterTurn] | None:
        """Called with the agent's turn, before it is acted on."""
        return None

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> AfterStep | Sequence[AfterStep] | None:
        """Called with the steps that the turn led to; the episode may be over by then."""
        return None
