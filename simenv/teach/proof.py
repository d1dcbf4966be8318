"""Proof of a task: its gold solution is played in two worlds, and must do each step, reach the goal, and show its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from simenv.evidence import Evidence, PlayedStep, Playthrough
from simenv.plugins import Environment
from simenv.source import Fault
from simenv.types import Action, Grade, Move, Observation, Stop, Task, canonical
from simenv.world import Engine

SHOWN, TRACE = 400, 4000
"""Characters of one action or observation, and of the whole trace, that a failed proof keeps."""
AROUND = 40
"""Characters before the first that is new on a page, which a trace shows with it."""


class Proof(NamedTuple):
    """A solution that was played, its grade, and what is wrong with it; no faults where it proves the task."""

    played: Playthrough
    grade: Grade
    faults: tuple[Fault, ...]

    @property
    def trace(self) -> str:
        """What happened step by step, each observation from where it differs from the one before it."""
        texts = [self.played.opening.text, *(step.observation.text for step in self.played.steps)]
        lines = [
            f"{_call(step.action)}\n-> {_news(before, after)}"
            for step, before, after in zip(self.played.steps, texts, texts[1:], strict=False)
        ]
        return "\n".join(lines)[-TRACE:]


@dataclass
class Prover:
    """Proves one task in one world. `is_draft`: a solution may not be the answer alone, as the label of a benchmark may."""

    world: Engine
    environment: Environment
    task: Task
    is_draft: bool = False

    @property
    def evidence(self) -> Evidence:
        """The rules of the environment."""
        return self.environment.evidence()

    async def prove(self, solution: tuple[Move, ...], opening: Observation) -> Proof:
        """Play a solution in the world, which has just begun with `opening`, and judge it there."""
        steps: list[PlayedStep] = []
        for move in solution:
            step = PlayedStep(move.action, await self.world.step(move.action))
            steps.append(step)
            if step.observation.stop is not None:
                break
        last = steps[-1].observation if steps else opening
        played = Playthrough(opening, tuple(steps), last.answer if last.stop is Stop.submitted else None)
        grade = await self.world.grade(played.answer)
        return Proof(played, grade, await self.world.call(self._faults, played, grade))

    def _faults(self, played: Playthrough, grade: Grade) -> tuple[Fault, ...]:
        is_label = not self.is_draft and not played.looks
        doubt = "" if is_label else self.evidence.doubt(self.task, played)
        faults = list(self._failures(played))
        if not grade.success:
            faults.append(Fault(cause="gold", reason=self._lack(played, grade, doubt)))
        if doubt:
            agreed = "; the goal says the same as the solution" if grade.success and played.answer is not None else ""
            faults.append(Fault(cause="evidence", reason=doubt + agreed))
        return tuple(faults)

    def _failures(self, played: Playthrough) -> Iterator[Fault]:
        for number, step in enumerate(played.steps, 1):
            if text := self.evidence.failure(step):
                reason = f"step {number} of the solution fails: {_call(step.action)} -> {text[:SHOWN]}"
                yield Fault(cause="step", reason=reason)

    def _lack(self, played: Playthrough, grade: Grade, doubt: str) -> str:
        """What the end of the solution lacks beside the goal, and which of the two is at fault."""
        told = [*grade.reasons, self.evidence.difference(self.world, self.task, played.answer)]
        reason = f"the gold solution grades {grade.progress:.2f}: {'; '.join(filter(None, told))}"
        if not self.evidence.asks(self.task.goal, played):
            return reason
        if doubt:
            return f"{reason}. The solution is at fault: it gives an answer that its steps do not show"
        return f"{reason}. The solution gives what its steps show; if they are right, the goal is at fault"

    async def second_world(self) -> Observation:
        """Begin the task's world once more, with whatever it draws by chance drawn anew."""
        return await self.world.reset(self.task, seed=1)

    async def stays(self, proof: Proof, solution: tuple[Move, ...]) -> Fault | None:
        """The fault of a solution whose answer is not the same in a second world; None if it is."""
        if not self.evidence.asks(self.task.goal, proof.played):
            return None
        if not proof.faults and (why := await self.world.call(self.evidence.volatile, proof.played)):
            return Fault(cause="volatile", reason=f"the answer cannot be kept: {why}")
        again = await self.prove(solution, await self.second_world())
        first, second = (p.played.last_text for p in (proof, again))
        if first == second or (not proof.faults and not again.faults):
            return None
        reason = f"played twice, the solution shows {first[:SHOWN]!r} and then {second[:SHOWN]!r}"
        return Fault(cause="volatile", reason=f"the answer is another one in each world: {reason}")


def _call(action: Action) -> str:
    return f"{action.name} {canonical(action.arguments)}"[:SHOWN]


def _news(before: str, after: str) -> str:
    """An observation, from shortly before the first character in which a long one differs from the one before it."""
    if not after:
        return "(nothing)"
    if len(after) <= SHOWN:
        return after
    same = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - AROUND)
    return f"{'… ' if start else ''}{after[start : start + SHOWN]}{' …' if len(after) > start + SHOWN else ''}"
