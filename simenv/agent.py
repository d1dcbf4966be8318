"""An agent sees a View and answers with a Turn. The agents themselves are files in agents/."""

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

_Options = Options
"""The same class; within classes that have their own, `Options` names theirs."""


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
        plan: tuple[Move, ...] | None = await self._engine.call(self._expert.plan, self._engine, self.task)
        return plan if plan is None or all(map(self._can, plan)) else None

    async def distance(self) -> tuple[tuple[Move, ...] | None, int]:
        """How far away success is: the plan, and the number of unwanted changes still to be undone (`Expert.cleanup_cost`)."""
        plan, expert, engine = await self.plan(), self._expert, self._engine
        if plan is None or expert is None or engine is None:
            return plan, 0
        return plan, await engine.call(expert.cleanup_cost, engine, self.task)

    @property
    def answers(self) -> tuple[str, ...]:
        """The values that answer the task; () where it asks for none, or there is no expert to read its goal."""
        return self._expert.answers(self.task) if self._expert else ()

    async def perturb(self, move: Move, rng: Generator) -> Move:
        """A plausible wrong move in place of a right one; the right one where there is no expert."""
        if self._expert is None or self._engine is None:
            return move
        wrong: Move = await self._engine.call(self._expert.perturb, self._engine, self.task, move, rng)
        return wrong if self._can(wrong) else move

    def _can(self, move: Move) -> bool:
        """Whether the agent has this action: a run may give it fewer than the world knows."""
        return self._engine is None or move.action.name in self._engine.actions


@dataclass(frozen=True)
class AgentContext:
    """What an agent has for one episode: how actions are written, its random numbers, a model if there is one.

    `oracle` is there only if its class says `needs_oracle`.
    """

    dialect: Dialect
    rng: Generator
    model: Model | None = None
    oracle: Oracle | None = None


class Agent(ABC):
    """Acts in one episode. Made anew for each, so it may remember things in attributes."""

    Options: ClassVar[type[Options]] = Options
    needs_model: ClassVar[bool] = False
    needs_oracle: ClassVar[bool] = False
    concurrent: ClassVar[bool] = True
    """Whether several episodes may wait for turns at once; a person at a terminal takes them one by one."""
    preface: str = ""
    """The agent's way of working, put into the opening of the chat."""

    def __init__(self, options: _Options, context: AgentContext) -> None:
        self.options = options
        self.context = context

    @abstractmethod
    async def act(self, view: View) -> Turn:
        """The next turn. ModelError is the model's fault and ends the episode as an error."""


class StandIn(Agent):
    """One agent in another's place: its turns bear `author`; after `turns` of them `successor` goes on (None: never)."""

    def __init__(self, agent: Agent, author: Author, turns: int | None = None, successor: Agent | None = None) -> None:
        super().__init__(agent.options, agent.context)
        self._agent, self._author, self._successor = agent, author, successor
        self._left = turns

    async def act(self, view: View) -> Turn:
        if self._left == 0 and self._successor is not None:
            return await self._successor.act(view)
        if self._left:
            self._left -= 1
        turn = await self._agent.act(view)
        return turn.model_copy(update={"author": self._author})
