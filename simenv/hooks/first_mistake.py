"""Finds the first step at which an episode goes wrong, and says how that shows. It changes nothing but the loss.

The expert sees it by its plans: a turn that leads away from the goal, or out of its reach, is wrong; looking around is not.
Without an expert the task's solution serves as the plan, and without that a teacher's model reads the whole episode.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from simenv.hook import EpisodeView, Hook, HookContext, MarkMistake, Mask
from simenv.hooks._plan_trace import PlanTrace, RemainingPlan, remaining
from simenv.options import Options
from simenv.prompts import render
from simenv.types import Data, Mistake, Step, Stop, View, digest

By = Literal["expert", "solution", "judge"]
_JUDGE = Path(__file__).with_name("first_mistake.j2")


class FirstMistakeOptions(Options):
    """Who looks for the mistake, and what counts as one."""

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

    def __init__(self, options: FirstMistakeOptions, context: HookContext) -> None:
        super().__init__(options, context)
        self._trace, self._start = PlanTrace(), -1
        """the trace begins at turn `_start` of the episode, which in a fork is not 0"""
        self._by: By | None = None

    @classmethod
    def needs_teacher(cls, options: FirstMistakeOptions) -> bool:
        return "judge" in options.by

    async def before_turn(self, episode: EpisodeView, view: View) -> None:
        if self._start < 0:
            self._start = episode.turn
            self._by = await self._finder()
        turn = episode.turn - self._start
        self._trace.forget(turn)
        if len(self._trace.plans) == turn:
            self._trace.plans.append(await self._plan(episode))

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> tuple[MarkMistake | Mask, ...]:
        if episode.mistake is not None or episode.stop is Stop.error:
            return ()
        over = episode.stop in (Stop.submitted, Stop.done)
        self._trace.actions.append(tuple(s.action for s in steps if s.action))
        self._trace.plans.append(RemainingPlan() if over else await self._plan(episode))
        mistake = await self._mistake(episode, steps)
        if mistake is None:
            return ()
        return (MarkMistake(mistake), Mask(mistake.step)) if self.options.mask else (MarkMistake(mistake),)

    async def _finder(self) -> By | None:
        """The first of `by` that can find a mistake in this task; None if none can."""
        for by in self.options.by:
            if by == "expert" and await self.oracle.plan() is None:
                continue
            if by == "solution" and not self.oracle.task.solution:
                continue
            return by
        return None

    async def _plan(self, episode: EpisodeView) -> RemainingPlan:
        """What is still to be done."""
        if self._by == "expert":
            plan, cleanup = await self.oracle.distance()
            state = digest(await episode.state())
            if plan is None:
                return RemainingPlan(state=state)
            return RemainingPlan(tuple(m.action for m in plan), len(plan) + cleanup, state)
        if self._by == "solution":
            moves = remaining(self.oracle.task.solution, episode.steps)
            return RemainingPlan(tuple(m.action for m in moves), len(moves))
        return RemainingPlan()

    # One turn, and at the end all of them.

    async def _mistake(self, episode: EpisodeView, steps: tuple[Step, ...]) -> Mistake | None:
        last = len(self._trace.actions) - 1
        first = len(episode.steps) - len(steps)
        for n, step in enumerate(steps, first):
            if step.action is None:
                reason = f"format: {step.observation.text}"
                return Mistake(step=n, by="engine", reason=reason, severity=self._severity(last))
            if step.observation.invalid and self.options.refused:
                return self._caused(episode, last, n, "engine", f"refused: {step.observation.text}")
        over = episode.stop in (Stop.submitted, Stop.done)
        if not over and self._by == "expert" and self._trace.regressed(last):
            return self._caused(episode, last, first, "expert", self._regress(last))
        if episode.stop is None or self._by is None:
            return None
        return await self._failure(episode, last, self._by)

    async def _failure(self, episode: EpisodeView, last: int, by: By) -> Mistake | None:
        """The mistake of an episode that is over; None where it succeeded, or no turn is to blame."""
        grade = await episode.grade()
        if grade.success:
            return None
        reasons = "; ".join(grade.reasons)
        if by == "judge":
            return await self._judgement(episode, reasons)
        if episode.stop is Stop.submitted:
            return self._caused(episode, last, len(episode.steps) - 1, by, f"ended without success: {reasons}")
        turn = self._trace.origin(last + 1)
        turn = self._trace.last_progress() if turn is None else turn
        if turn is None:
            return None
        return self._at(episode, turn, by, f"no nearer to the goal from here on: {reasons}")

    def _regress(self, turn: int) -> str:
        """How a turn led away from the goal, in words."""
        before, after = (self._trace.plans[t].length for t in (turn, turn + 1))
        if after is None:
            return "out of reach after this"
        return f"away from the goal: {after:g} instead of {before:g} to go"

    def _caused(self, episode: EpisodeView, turn: int, step: int, by: By | Literal["engine"], reason: str) -> Mistake:
        """The mistake at a step; or at the turn before that skipped the move that was missing then."""
        origin = self._trace.origin(turn)
        if origin is not None and self._by is not None:
            move = self._trace.plans[origin].moves[0]
            why = f"passed over {move.name}, which was missing at step {step} ({reason})"
            return self._at(episode, origin, self._by, why)
        return Mistake(step=step, by=by, reason=reason, severity=self._severity(turn))

    def _at(self, episode: EpisodeView, turn: int, by: By | Literal["engine"], reason: str) -> Mistake:
        step = episode.first_step(self._start + turn)
        return Mistake(step=step, by=by, reason=reason, severity=self._severity(turn))

    def _severity(self, turn: int) -> Literal["recoverable", "fatal"]:
        """Whether success was still within reach after a turn."""
        return "fatal" if self._trace.plans[turn + 1].length is None else "recoverable"

    async def _judgement(self, episode: EpisodeView, reasons: str) -> Mistake | None:
        messages = episode.messages
        steps = [
            {"said": messages[s.message].content, "action": s.action, "seen": s.observation.text} for s in episode.steps
        ]
        prompt = render(_JUDGE, instruction=episode.task.instruction, steps=steps, reasons=reasons)
        answer = await self.ask(prompt, JudgeAnswer)
        if answer.step is None or not 0 <= answer.step < len(steps):
            return None
        severity: Literal["recoverable", "fatal"] = "recoverable" if answer.recoverable else "fatal"
        return Mistake(step=answer.step, by="judge", reason=answer.reason, severity=severity)
