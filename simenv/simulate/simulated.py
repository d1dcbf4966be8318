"""A world that a model plays. Nobody corrects it; where there is an engine of the environment, it lives through the same
actions unseen: it says how far the model has drifted, when the episode is over, and what the actions were worth."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, ClassVar

from simenv.compare import Transition
from simenv.concurrency import task_group
from simenv.containment import boundary
from simenv.errors import ConfigError, InvalidAction, ModelError, WorldError, unknown
from simenv.simulate import Exchange, Simulator, SimulatorContext, SimulatorReply
from simenv.simulate.step_check import judge
from simenv.types import Action, Grade, Observation, StepCheck, Stop, Task
from simenv.world import Engine, World

NO_ENGINE = "no engine of this environment says what is true"


class Simulated(World):
    """The model's words are what the agent sees, and its own next state is what it is told before the next step.

    `engine` opens and ends the episode, lists what can be done next, and grades, as if the actions were replayed in it.
    Without one every step is UNVERIFIABLE, an episode ends when an answer is submitted, and the goal's `answer` is all there
    is to grade.
    """

    mode: ClassVar[str] = "simulated"
    resets_to_engine_state: ClassVar[bool] = False
    """Whether the model is told the true state before each step."""

    def __init__(self, simulator: Simulator, engine: Engine | None = None) -> None:
        setting = simulator.setting
        if engine is None and simulator.needs_engine_answer:
            raise ConfigError(f"simulator {simulator.identity['name']!r} takes the truth from an engine: there is none")
        self.actor, self.setting = simulator, setting
        self.name, self.overview, self.actions = setting.name, setting.overview, setting.actions  # type: ignore[misc]
        self.max_turns = setting.max_turns  # type: ignore[misc]
        self.shadow = engine
        self.comparison = setting.comparison
        if engine is not None:
            self.ends_at_goal, self.max_turns = engine.ends_at_goal, engine.max_turns  # type: ignore[misc]

    @property
    def engine(self) -> Engine | None:
        return self.shadow

    @property
    def simulator(self) -> dict[str, Any]:  # type: ignore[override]
        return {"mode": self.mode, **self.actor.identity, "engine": self.shadow is not None}

    async def reset(self, task: Task, seed: int = 0) -> Observation:
        self.task = task
        self._truth: Any = None
        first = Observation(text=str(task.spec.get("opening", "")), source="model")
        if self.shadow is not None:
            first = await self.shadow.reset(task, seed)
            self._truth = await self.shadow.state()
        state = task.spec.get("state", task.spec) if self.shadow is None else self._truth
        self.context = SimulatorContext(spec=task.spec, opening=first.text, state=state, seed=seed)
        return first

    async def step(self, action: Action) -> Observation:
        fault = await self._fault(action)
        if fault or self.actions[action.name].submit:
            return self._answer_without_model(action, await self._live(action), fault)
        transition, reply = await self._run_both(action)
        return await self._observe(action, transition, reply)

    # One step.

    async def _run_both(self, action: Action) -> tuple[Transition | None, SimulatorReply]:
        """The engine's answer and the simulator's: at once, where the one does not need the other."""
        if self.actor.needs_engine_answer or self.shadow is None:
            transition = await self._live(action)
            return transition, await self._play(action, transition)
        async with task_group() as group:
            transition_task = group.create_task(self._live(action))
            reply = group.create_task(self._play(action, None))
        return transition_task.result(), reply.result()

    async def _live(self, action: Action) -> Transition | None:
        """The action in the engine, with the states around it; the one after it is the next one's before."""
        if self.shadow is None:
            return None
        before = self._truth
        truth = await self.shadow.step(action)
        self._truth = before if truth.stop is Stop.submitted else await self.shadow.state()
        return Transition(spec=self.task.spec, action=action, before=before, after=self._truth, truth=truth)

    async def _fault(self, action: Action) -> str:
        """Why no model is asked: no such action, arguments of the wrong form, or a text no engine would run."""
        spec = self.actions.get(action.name)
        if spec is None:
            return unknown("action", action.name, self.actions)
        try:
            spec.read(action.arguments)
        except InvalidAction as e:
            return str(e)
        if spec.submit:
            return ""
        if self.shadow is not None and self.shadow.blocking:  # its syntax is checked by a program, too
            return await asyncio.to_thread(self._malformed, action)
        return self._malformed(action)

    def _malformed(self, action: Action) -> str:
        with boundary(self.comparison.malformed):
            return self.comparison.malformed(action)

    def _answer_without_model(self, action: Action, transition: Transition | None, fault: str) -> Observation:
        """The answer to what needs no model: a malformed action, or the answer that ends the episode."""
        if transition is not None:
            observation = transition.truth
        elif fault:
            observation = Observation(text=fault, invalid=True)
        else:
            observation = Observation(
                text="", stop=Stop.submitted, answer=_answer(self.actions[action.name].read(action.arguments))
            )
        self._append(
            action,
            observation.text,
            transition.after if transition and self.resets_to_engine_state else self.context.state,
        )
        source = "checked" if self.resets_to_engine_state else "engine"
        return observation.model_copy(
            update={"source": source, "check": _unasked_check(fault, observation.text) if fault else None}
        )

    async def _play(self, action: Action, transition: Transition | None, sample: int = 0) -> SimulatorReply:
        """What the model says to it; its spending is noted."""
        context = self.context.model_copy(update={"sample": sample})
        with boundary("simulators", str(self.actor.identity.get("name", "")), "play"):
            reply = await self.actor.play(context, action, transition if self.actor.needs_engine_answer else None)
        self.usage += reply.usage
        return reply

    async def _observe(self, action: Action, transition: Transition | None, reply: SimulatorReply) -> Observation:
        """What the agent sees: the model's words, whatever they are worth. ModelError where there are none."""
        if reply.claim is None or (transition is None and reply.error):
            raise ModelError(f"simulator {self.actor.identity['name']}: {reply.reason}")
        observation = reply.claim.observation
        if transition is not None:
            check = judge(self.comparison, transition, reply).model_copy(update={"shown": "model"})
        else:
            check = StepCheck(
                label="unverifiable", reason=NO_ENGINE, model=observation.text, shown="model", tries=reply.tries
            )
        state = self.context.state if reply.claim.state is None else reply.claim.state
        self._append(action, observation.text, state)
        shown = Observation(text=observation.text, invalid=observation.invalid, source="model", check=check)
        if transition is None:
            return shown
        return shown.model_copy(update={"stop": transition.truth.stop, "choices": transition.truth.choices})

    def _append(self, action: Action, text: str, state: Any) -> None:
        """Put a step behind."""
        past = (*self.context.past, Exchange(action=action, text=text))
        self.context = self.context.model_copy(update={"past": past, "state": state})

    # The rest of a world.

    async def grade(self, answer: Any = None) -> Grade:
        return await self.shadow.grade(answer) if self.shadow is not None else grade_by_goal(self.task.goal, answer)

    async def state(self) -> Any:
        return await self.shadow.state() if self.shadow is not None else self.context.state

    async def snapshot(self) -> bytes:
        head = self.context.model_dump_json(exclude={"spec"}).encode()
        return struct.pack(">I", len(head)) + head + (await self.shadow.snapshot() if self.shadow is not None else b"")

    async def restore(self, blob: bytes) -> None:
        try:
            (length,) = struct.unpack_from(">I", blob)
            context = SimulatorContext.model_validate({"spec": self.task.spec} | json.loads(blob[4 : 4 + length]))
        except (ValueError, struct.error) as e:
            raise WorldError(f"{self.name}: this is no snapshot of a simulated world: {type(e).__name__}: {e}") from e
        if self.shadow is not None:
            await self.shadow.restore(blob[4 + length :])
            self._truth = await self.shadow.state()
        self.context = context

    async def close(self) -> None:
        if self.shadow is not None:
            await self.shadow.close()


def grade_by_goal(goal: dict[str, Any], answer: Any) -> Grade:
    """A grade where no engine knows what the actions did: the answer, as text, is the one that the goal names."""
    if "answer" not in goal:
        return Grade(
            success=False, progress=0, reasons=("no engine, and the goal names no answer: this cannot be graded",)
        )
    right = _plain(answer) == _plain(goal["answer"])
    reasons = () if right else (f"{_plain(answer)!r:.200} was answered",)
    return Grade(success=right, progress=float(right), subgoals={"answered": right}, reasons=reasons)


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    return " ".join(text.split()).casefold()


def _answer(arguments: dict[str, Any]) -> Any:
    """What a submitted answer is: the only argument there is, or all of them."""
    return next(iter(arguments.values())) if len(arguments) == 1 else arguments


def _unasked_check(fault: str, text: str) -> StepCheck:
    return StepCheck(label="match", reason=f"not asked: {fault}", engine=text, tries=0)
