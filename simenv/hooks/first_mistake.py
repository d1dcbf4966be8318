"""Finds the first step at which an episode goes wrong, and says how that was seen. It changes nothing but the loss.

The expert sees it by its plans: a turn that leads away from the goal, or out of its reach, is wrong; looking around is not.
Without an expert the task's solution serves as the plan, and without that a teacher's model reads the whole episode.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from simenv.episode import Episode
from simenv.hook import Hook, HookContext, Rewind
from simenv.hooks._plan_trace import PlanTrace, RemainingPlan
from simenv.model import ask
from simenv.options import Options
from simenv.prompts import render
from simenv.types import Data, Mistake, Step, Stop, View, digest

By = Literal["expert", "solution", "judge"]
_JUDGE = Path(__file__).with_name("judge.j2")


class FirstMistakeOptions(Options):
    by: tuple[By, ...] = Field(default=("expert", "solution"), min_length=1)
    """who tells, in this order, the first who can: expert (plans), solution (the task's own), judge (the teacher's model)"""
    refused: bool = True
    """whether an action that the world refuses is a mistake, as one that cannot be read is"""
    mask: bool = True
    """whether the mistaken turn loses its loss"""


class JudgeAnswer(Data):
    """A judge's finding; no step where none is wrong. `recoverable`: whether success was still within reach after it."""

    reason: str
    step: int | None = None
    recoverable: bool = True


class FirstMistake(Hook):
    """At most one mistake an episode, the first; after a rewind to before it the search goes on.

    Of a turn with several actions the whole turn is judged; the mistake is then its first step.
    """

    Options: ClassVar[type[Options]] = FirstMistakeOptions
    options: FirstMistakeOptions

    def __init__(self, options: FirstMistakeOptions, seat: HookContext) -> None:
        super().__init__(options, seat)
        self._course, self._start = PlanTrace(), -1
        self._by: By | None = None

    @classmethod
    def needs_teacher(cls, options: FirstMistakeOptions) -> bool:
        return "judge" in options.by

    async def before_turn(self, episode: Episode, view: View) -> View | None:
        if self._start < 0:
            self._start = episode.env.turn
            self._by = await self._who()
        at = episode.env.turn - self._start
        self._course.forget(at)
        if len(self._course.ways) == at:
            self._course.ways.append(await self._way(episode))
        return None

    async def after_step(self, episode: Episode, steps: tuple[Step, ...]) -> Rewind | None:
        if episode.mistake is not None or episode.env.stop is Stop.error:
            return None
        over = episode.env.stop in (Stop.submitted, Stop.done)
        self._course.deeds.append(tuple(s.action for s in steps if s.action))
        self._course.ways.append(RemainingPlan() if over else await self._way(episode))
        episode.mistake = await self._found(episode, steps)
        if episode.mistake is not None and self.options.mask:
            episode.mask(episode.mistake.step)
        return None

    async def _who(self) -> By | None:
        """The first of those asked for who can tell."""
        for by in self.options.by:
            if by == "expert" and await self.oracle.plan() is None:
                continue
            if by == "solution" and not self.oracle.task.solution:
                continue
            return by
        return None

    async def _way(self, episode: Episode) -> RemainingPlan:
        """What is still to be done."""
        if self._by == "expert":
            plan, harm = await self.oracle.outlook()
            state = digest(await episode.env.world.state())
            return (
                RemainingPlan(tuple(m.action for m in plan), len(plan) + harm, state)
                if plan is not None
                else RemainingPlan(state=state)
            )
        if self._by == "solution":
            left = [m.action for m in self.oracle.task.solution]
            for step in episode.env.steps:
                if left and step.action == left[0]:
                    del left[0]
            return RemainingPlan(tuple(left), len(left))
        return RemainingPlan()

    # One turn, and at the end all of them.

    async def _found(self, episode: Episode, steps: tuple[Step, ...]) -> Mistake | None:
        env, last = episode.env, len(self._course.deeds) - 1
        first = len(env.steps) - len(steps)
        for n, step in enumerate(steps, first):
            if step.action is None:
                return Mistake(
                    step=n, by="engine", reason=f"format: {step.observation.text}", severity=self._left(last)
                )
            if step.observation.invalid and self.options.refused:
                return self._traced(episode, last, n, "engine", f"refused: {step.observation.text}")
        over = env.stop in (Stop.submitted, Stop.done)
        if not over and self._by == "expert" and self._course.astray(last):
            return self._traced(episode, last, first, "expert", self._told(last))
        if env.stop is None or self._by is None:
            return None
        grade = await env.grade()
        if grade.success:
            return None
        reasons = "; ".join(grade.reasons)
        if self._by == "judge":
            return await self._judged(episode, reasons)
        if env.stop is Stop.submitted:
            return self._traced(episode, last, len(env.steps) - 1, self._by, f"ended without success: {reasons}")
        turn = self._course.origin(last + 1)
        turn = self._course.standstill() if turn is None else turn
        return (
            None
            if turn is None
            else self._at(episode, turn, self._by, f"no nearer to the goal from here on: {reasons}")
        )

    def _told(self, turn: int) -> str:
        before, after = (self._course.ways[t].length for t in (turn, turn + 1))
        return (
            "out of reach after this" if after is None else f"away from the goal: {after:g} instead of {before:g} to go"
        )

    def _traced(self, episode: Episode, turn: int, step: int, by: By | Literal["engine"], reason: str) -> Mistake:
        """The mistake at a step; or at the turn before that passed over what then was missing."""
        origin = self._course.origin(turn)
        if origin is not None and self._by is not None:
            move = self._course.ways[origin].moves[0]
            why = f"passed over {move.name}, which was missing at step {step} ({reason})"
            return self._at(episode, origin, self._by, why)
        return Mistake(step=step, by=by, reason=reason, severity=self._left(turn))

    def _at(self, episode: Episode, turn: int, by: By | Literal["engine"], reason: str) -> Mistake:
        step = episode.first_of(self._start + turn)
        return Mistake(step=step, by=by, reason=reason, severity=self._left(turn))

    def _left(self, turn: int) -> Literal["recoverable", "fatal"]:
        """Whether there was a way to success after a turn."""
        return "fatal" if self._course.ways[turn + 1].length is None else "recoverable"

    async def _judged(self, episode: Episode, reasons: str) -> Mistake | None:
        steps = [
            {"said": episode.env.messages[s.message].content, "action": s.action, "seen": s.observation.text}
            for s in episode.env.steps
        ]
        prompt = render(_JUDGE, instruction=episode.task.instruction, steps=steps, reasons=reasons)
        assert self.seat.teacher is not None  # needs_teacher
        ruling = await ask(self.seat.teacher, prompt, JudgeAnswer, spent=episode.spend)
        if ruling.step is None or not 0 <= ruling.step < len(steps):
            return None
        severity: Literal["recoverable", "fatal"] = "recoverable" if ruling.recoverable else "fatal"
        return Mistake(step=ruling.step, by="judge", reason=ruling.reason, severity=severity)
