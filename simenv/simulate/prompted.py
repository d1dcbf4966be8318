"""What the simulators that are models share: the prompt, the shape of an answer, and what becomes of an unusable one."""

from __future__ import annotations

import json
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, Field

from simenv.chat_detection import chat_phrases
from simenv.compare import Prediction, Transition
from simenv.config import Ref
from simenv.errors import EndOfRun, ModelError, Unusable
from simenv.model import Model, Request, ask, fit
from simenv.options import Options
from simenv.prompts import render
from simenv.simulate import HERE, Exchange, Simulator, SimulatorContext, SimulatorReply, SimulatorSetup
from simenv.simulate.state_patch import Change, apply_changes, changes
from simenv.types import Action, Flaw, Message, Observation, Usage

S = TypeVar("S", bound=BaseModel)
APART = 1_000_003
"""Between the seeds of two answers to one step."""
CUT = "\n[… cut: this is longer than context_chars]"


class Line(BaseModel):
    """What the environment answers. `invalid`: the action was a mistake and changed nothing."""

    observation: str
    invalid: bool = False


class StatefulLine(Line):
    """And what it changed."""

    changes: list[Change] = []


class PromptedOptions(Options):
    """Settings of every simulator that is a model."""

    model: Ref | None = None
    """the model client that plays, its options follow as simulator.model.KEY; None: the one that acts"""
    tries: int = Field(default=5, ge=1)
    """answers asked for until one is JSON of the right shape and stays in character"""
    temperature: float | None = Field(default=None, ge=0)
    """None: the client's own"""
    max_tokens: int | None = Field(default=None, ge=1)
    """tokens of one answer"""
    history: int = Field(default=30, ge=0)
    """exchanges of the episode that it is shown, the newest ones"""
    context_chars: int = Field(default=60_000, ge=200)
    """characters of the spec that it is shown, and as many of the state"""


class Tab:
    """What one step has consumed."""

    def __init__(self) -> None:
        self.usage, self.tries = Usage(), 0

    def add(self, usage: Usage) -> None:
        self.usage += usage
        self.tries += 1


class PromptedSimulator(Simulator):
    """Asks a model to be the environment. `grounded`: spec and state are told and the next state is asked for."""

    Options: ClassVar[type[Options]] = PromptedOptions
    needs_model: ClassVar[bool] = True
    grounded: ClassVar[bool] = False
    options: PromptedOptions

    async def play(
        self, context: SimulatorContext, action: Action, transition: Transition | None = None
    ) -> SimulatorReply:
        tab = Tab()
        try:
            line = await self.speak(context, action, tab)
            return SimulatorReply(claim=self._claim(line, context), tries=tab.tries, usage=tab.usage)
        except EndOfRun:
            raise
        except Unusable as e:
            return self._unusable(e, context, action, tab)
        except ModelError as e:
            return SimulatorReply(claim=None, reason=f"no answer: {e}", tries=max(1, tab.tries), usage=tab.usage)

    async def speak(self, context: SimulatorContext, action: Action, tab: Tab) -> Line:
        """The answer, in as many calls as this way of playing takes; Unusable where none can be used."""
        return await self.ask(await self.request(context, action), self.shape, context, action, tab)

    @property
    def shape(self) -> type[Line]:
        """What is asked for."""
        return StatefulLine if self.grounded else Line

    async def request(self, context: SimulatorContext, action: Action, note: str = "") -> Request:
        """All that a model is told of a step: as the environment in general, and of this moment."""
        messages = (
            Message(role="system", content=self.system(await self.examples())),
            Message(role="user", content=self.moment(context, action, note)),
        )
        return Request(
            messages=messages,
            temperature=self.options.temperature,
            max_tokens=self.options.max_tokens,
            seed=(context.seed + len(context.past) + context.sample * APART) % 2**31,
            sample=context.sample,
        )

    async def examples(self) -> list[Exchange]:
        """Exchanges that show how the environment answers."""
        return list(self.setting.examples)

    def system(self, examples: list[Exchange]) -> str:
        """What it is to be, whatever the moment."""
        return system(self.setting, examples, self.grounded)

    def moment(self, context: SimulatorContext, action: Action, note: str = "") -> str:
        """Where things stand, and the action to be answered."""
        past = context.past[-self.options.history :] if self.options.history else ()
        return render(
            HERE / "moment.j2", opening=context.opening, past=past, action=action, note=note,
            ground=self.ground(context) if self.grounded else "", present=self.present(context) if self.grounded else "",
            omitted=len(context.past) - len(past),
        )  # fmt: skip

    def ground(self, context: SimulatorContext) -> str:
        """What is the same at every step of an episode, as simulate.j2 tells it; the state too, where no state.j2 does."""
        state = {} if self.setting.present else {"state": context.state}
        premises = self.setting.premises(context.spec, context.state)
        text = render(self.setting.ground, spec=context.spec, opening=context.opening, **state, **premises)
        return fitted(text, self.options.context_chars)

    def present(self, context: SimulatorContext) -> str:
        """The state before the action, as state.j2 tells it. It stands behind all that a cache of prefixes can keep."""
        if self.setting.present is None:
            return ""
        text = render(self.setting.present, spec=context.spec, state=context.state)
        return fitted(text, self.options.context_chars)

    async def ask(self, request: Request, shape: type[S], context: SimulatorContext, action: Action, tab: Tab) -> S:
        """The answer in this shape; one that talks, or changes what is not there, is sent back."""

        def faults(line: S) -> list[str]:
            if not isinstance(line, Line):
                return []
            phrases = _unquoted_chat(line.observation, context, action)
            violations = [f"you are the environment, which does not say {s!r}" for s in phrases]
            try:
                self._claim(line, context)
            except ValueError as e:
                violations.append(f"changes: {e}")
            return violations

        model: Model = self.setting.model  # type: ignore[assignment]
        return await ask(model, request, shape, tries=self.options.tries, spent=tab.add, faults=faults)

    def _claim(self, line: Line, context: SimulatorContext) -> Prediction:
        state = apply_changes(context.state, line.changes) if isinstance(line, StatefulLine) else None
        return Prediction(
            observation=Observation(text=line.observation, invalid=line.invalid, source="model"), state=state
        )

    def _unusable(self, e: Unusable, context: SimulatorContext, action: Action, tab: Tab) -> SimulatorReply:
        """What it wrote last, if it could be read, is a claim all the same: of the observation alone."""
        line: Line | None = fit(e.text, Line)[0]
        phrases = _unquoted_chat(line.observation, context, action) if line else chat_phrases(e.text)
        error: Flaw = "out_of_character" if phrases else "format"
        claim = None if line is None else Prediction(
            observation=Observation(text=line.observation, invalid=line.invalid, source="model")
        )  # fmt: skip
        return SimulatorReply(
            claim=claim, text=e.text, error=error, reason="; ".join(e.violations), tries=tab.tries, usage=tab.usage
        )


def system(setting: SimulatorSetup, examples: list[Exchange], grounded: bool) -> str:
    """The part of the prompt that is the same at every step."""
    return render(
        HERE / "play.j2", overview=setting.overview, actions=list(setting.actions.values()), rules=setting.rules,
        examples=examples, grounded=grounded,
    )  # fmt: skip


def fitted(text: str, limit: int) -> str:
    """A text of at most so many characters, and what is said where it is cut."""
    return text if len(text) <= limit else text[:limit] + CUT


def line_text(text: str, invalid: bool, before: Any = None, after: Any = None) -> str:
    """An answer as a model should write it: what a simulator is trained on."""
    line: dict[str, Any] = {"observation": text, "invalid": invalid}
    if before is not None:
        patch = (c.model_dump(exclude={"value"} if c.op == "remove" else None) for c in changes(before, after))
        line["changes"] = list(patch)
    return json.dumps(line, ensure_ascii=False)


def _unquoted_chat(text: str, context: SimulatorContext, action: Action) -> list[str]:
    """Talk that is no quotation: it stands nowhere in the world, the episode or the action."""
    if not chat_phrases(text):
        return []
    past = [e.text for e in context.past]
    world = json.dumps([context.spec, context.state, context.opening, past, action.arguments], ensure_ascii=False)
    return chat_phrases(text, world)
