"""`Episode.run` is the episode loop, the only one there is and the only place that turns a SimenvError into data."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from simenv.agent import Agent
from simenv.env import Checkpoint, Env
from simenv.errors import BudgetSpent, ContextLimit, ModelError, SimenvError, WorldError
from simenv.hook import Hook, Retry, Rewind, Substitute
from simenv.types import (
    VERSION,
    Grade,
    Intervention,
    Message,
    Observation,
    Stop,
    Task,
    Timing,
    Trajectory,
    Turn,
    Usage,
    View,
    digest,
)

GRADING_SECONDS = 300
"""Wall time that grading an ended episode may take."""
MAX_INTERVENTIONS = 100
"""Interventions in one episode after which its hooks count as broken."""


class Episode:
    """One live episode: what hooks see."""

    def __init__(self, env: Env, agent: Agent, hooks: list[Hook], task: Task) -> None:
        self.env, self.agent, self.hooks, self.task = env, agent, hooks, task
        self.checkpoints: list[Checkpoint] = []
        self.interventions: list[Intervention] = []
        self.usage = Usage()
        self._rewinds = any(h.rewinds for h in hooks)

    async def run(self, id: str, seed: int, attempt: int, world_seed: int) -> Trajectory:
        """From reset to grade. BudgetSpent passes through: such an episode never happened."""
        started, clock = datetime.now(UTC).isoformat(), perf_counter()
        env, error, before = self.env, "", self.env.world.usage
        try:
            async with asyncio.timeout(env.limits.seconds) as limit:
                view = await env.reset(self.task, world_seed, self.agent.preface)
                while env.stop is None:
                    view = await self._turn(view)
                if env.stop is Stop.error:
                    raise ModelError(_given_up(env.steps[-1].observation))
        except BudgetSpent:
            raise
        except ContextLimit:
            env.stop = Stop.context_limit
        except SimenvError as e:
            env.stop, error = Stop.error, _told(e)
        except TimeoutError:
            if not limit.expired():
                raise
            env.stop = Stop.timeout
        grade, state = None, ""
        if not error:
            try:
                grade, state = await self._ending()
            except SimenvError as e:
                env.stop, error = Stop.error, _told(e)
        played = env.world.usage - before
        return Trajectory(
            version=VERSION,
            id=id,
            task=self.task.id,
            environment=self.task.environment,
            kind=self.task.kind,
            attempt=attempt,
            seed=seed,
            agent=type(self.agent).__name__.lower(),
            dialect=env.dialect.name,
            tools=env.dialect.tools,
            messages=tuple(env.messages),
            steps=tuple(env.steps),
            stop=env.stop,
            grade=grade,
            error=error,
            interventions=tuple(self.interventions),
            state=state,
            simulator=env.world.simulator and {**env.world.simulator, "usage": played.model_dump(mode="json")},
            usage=self.usage + played,
            timing=Timing(started=started, seconds=round(perf_counter() - clock, 6)),
        )

    async def _ending(self) -> tuple[Grade, str]:
        """Grade and digest of the final state, in bounded time."""
        if not self.env.messages:
            raise WorldError(f"the world was not built within {self.env.limits.seconds:g} seconds")
        try:
            async with asyncio.timeout(GRADING_SECONDS):
                return await self.env.grade(), digest(await self.env.world.state())
        except TimeoutError as e:
            raise WorldError(f"the world did not answer its grader within {GRADING_SECONDS} seconds") from e

    async def _turn(self, view: View) -> View:
        """One turn of the agent, with the interventions of the hooks, acted on; the view after it."""
        if self._rewinds:
            self.checkpoints.append(await self.env.checkpoint())
        turn, view = await self._agree(view)
        if turn is None:
            return view
        steps = await self.env.step(turn, view)
        for hook in self.hooks:
            answer = await hook.after_step(self, steps)
            if answer is not None:
                return await self._rewind(hook, answer)
        return self.env.view()

    async def _agree(self, view: View) -> tuple[Turn | None, View]:
        """Ask the agent until no hook objects: the turn and what it answers; no turn where a hook went back instead."""
        while True:
            turn = await self.agent.act(view)
            self.usage += turn.usage
            for hook in self.hooks:
                answer = await hook.after_turn(self, turn)
                if isinstance(answer, Rewind):
                    return None, await self._rewind(hook, answer)
                if isinstance(answer, Retry):
                    self._record(hook, "retry", answer.reason, (_said(turn),))
                    view = self.env.view(answer.note, view.retry + 1)
                    break
                if isinstance(answer, Substitute):
                    self._record(hook, "substitute", answer.reason, (_said(turn),))
                    turn = answer.turn
            else:
                return turn, view

    async def _rewind(self, hook: Hook, to: Rewind) -> View:
        if not 0 <= to.turn < len(self.checkpoints):
            raise SimenvError(
                f"hook {type(hook).__name__}: no snapshot before turn {to.turn}; it must set rewinds = True"
            )
        point = self.checkpoints[to.turn]
        self._record(hook, "rewind", to.reason, tuple(self.env.messages[len(point.messages) :]))
        del self.checkpoints[to.turn :]
        await self.env.rewind(point)
        return self.env.view(to.note, retry=len(self.interventions))

    def _record(self, hook: Hook, kind: Any, reason: str, discarded: tuple[Message, ...]) -> None:
        name, step = type(hook).__name__.lower(), len(self.env.steps)
        self.interventions.append(Intervention(hook=name, step=step, kind=kind, reason=reason, discarded=discarded))
        if len(self.interventions) > MAX_INTERVENTIONS:
            raise SimenvError(f"hook {name}: more than {MAX_INTERVENTIONS} interventions in one episode")


def _told(error: SimenvError) -> str:
    return f"{type(error).__name__}: {error}"


def _given_up(last: Observation) -> str:
    """Why a world ended the episode: its model's answer is not believed."""
    check = last.check
    return f"simulator: {check.error or 'no answer'}: {check.reason}" if check else last.text


def _said(turn: Turn) -> Message:
    return Message(role="assistant", content=turn.text, calls=turn.calls, author=turn.author, usage=turn.usage)
