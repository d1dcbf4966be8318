"""What an agent is: it sees a View and answers with a Turn. The agents themselves are files in agents/."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from numpy.random import Generator

from simenv.dialects import Dialect
from simenv.model import Model
from simenv.options import Options
from simenv.source import Expert
from simenv.types import Author, Move, Task, Turn, View
from simenv.world import World


class Oracle:
    """Full knowledge of one live episode, for agents that demonstrate: never handed to one that is measured."""

    def __init__(self, expert: Expert | None, world: World, task: Task) -> None:
        self.task = task
        self._expert = expert
        self._engine = world.engine

    async def plan(self) -> tuple[Move, ...] | None:
        """The moves from the present state to success; None where the expert finds none or there is no expert."""
        if self._expert is None or self._engine is None:
            return None
        return await self._engine.call(self._expert.plan, self._engine, self.task)

    async def distance(self) -> tuple[tuple[Move, ...] | None, int]:
        """How far away success is: the plan, and the number of unwanted changes still to be undone (`Expert.harm`)."""
        plan, expert, engine = await self.plan(), self._expert, self._engine
        if plan is None or expert is None or engine is None:
            return plan, 0
        return plan, await engine.call(expert.harm, engine, self.task)

    @property
    def answers(self) -> tuple[str, ...]:
        """The values that answer the task; () where it asks for none, or there is no expert to read its goal."""
        return self._expert.answers(self.task) if self._expert else ()

    async def perturb(self, move: Move, rng: Generator) -> Move:
        """A plausible wrong move in place of a right one; the right one where there is no expert."""
        if self._expert is None or self._engine is None:
            return move
        return await self._engine.call(self._expert.slip, self._engine, self.task, move, rng)


@dataclass(frozen=True)
class AgentContext:
    """What an agent is given for one episode. `oracle` only where its class asks for one."""

    dialect: Dialect
    rng: Generator
    model: Model | None = None
    oracle: Oracle | None = None


class Agent(ABC):
    """Acts in one episode. Made anew for each, so it may keep what it learns on the way."""

    Options: ClassVar[type[Options]] = Options
    needs_model: ClassVar[bool] = False
    needs_oracle: ClassVar[bool] = False
    concurrent: ClassVar[bool] = True
    """Whether several episodes may wait for turns at once; a person at a terminal takes them one by one."""
    preface: str = ""
    """The agent's way of working, put into the opening of the chat."""

    def __init__(self, options: Options, context: AgentContext) -> None:
        self.options = options
        self.context = context

    @abstractmethod
    async def act(self, view: View) -> Turn:
        """The next turn. ModelError is the model's fault and ends the episode as an error."""


class StandIn(Agent):
    """One agent in another's place: what it says bears its author; after so many turns the other goes on."""

    def __init__(self, agent: Agent, author: Author, turns: int | None = None, then: Agent | None = None) -> None:
        super().__init__(agent.options, agent.context)
        self._agent, self._author, self._then = agent, author, then
        self._left = turns

    async def act(self, view: View) -> Turn:
        if self._left == 0 and self._then is not None:
            return await self._then.act(view)
        if self._left:
            self._left -= 1
        turn = await self._agent.act(view)
        return turn.model_copy(update={"author": self._author})
