"""The environment's expert as an agent: solves every task, and at a chosen rate makes the mistakes that models make."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from simenv.agent import Agent, AgentContext
from simenv.errors import ConfigError
from simenv.options import Options
from simenv.types import Action, Move, Reply, Turn, View

MistakeKind = Literal["format", "action", "premature", "answer", "chat"]

_CHAT = (
    "Thank you, that is very helpful! Is there anything else you would like me to do?",
    "Sure, I can help with that. Could you tell me a little more about what you need?",
    "I believe everything is in order now. Please let me know if you need further assistance.",
    "Great, thanks for the information. I will get back to you with the result shortly.",
)
_GUESSES: dict[str, Any] = {"array": ["unknown"], "string": "unknown", "integer": 0, "number": 0, "boolean": True}


class ExpertOptions(Options):
    """How often it errs, and how."""

    error_rate: float = Field(default=0.0, ge=0, le=1)
    """share of turns that go wrong"""
    kinds: tuple[MistakeKind, ...] = Field(default=("format", "action", "premature", "answer", "chat"), min_length=1)
    """format: an action that cannot be read; action: a wrong one; premature: a guess given as the answer; answer: the
    answer in a wrong form; chat: talking to the environment"""


class Expert(Agent):
    """Plans anew every turn from the world as it is, so it recovers from its own mistakes if that is possible."""

    Options: ClassVar[type[Options]] = ExpertOptions
    needs_oracle: ClassVar[bool] = True
    options: ExpertOptions

    def __init__(self, options: ExpertOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        if context.oracle is None:
            raise ConfigError("agent 'expert' acts only where the rollout gives it full knowledge")
        self._oracle, self._rng = context.oracle, context.rng

    async def act(self, view: View) -> Turn:
        move = await self._next(view)
        if move is None:
            return Turn(text="I see no way to finish this task any more.")
        if self._rng.random() < self.options.error_rate:
            return await self._err(move, view)
        return self._say(move, view)

    async def _next(self, view: View) -> Move | None:
        """The next move of a plan made now; without a plan, the task's own solution turn by turn."""
        plan = await self._oracle.plan()
        if plan is None:
            plan = self._oracle.task.solution[view.turn :]
        return plan[0] if plan else None

    def _say(self, move: Move, view: View) -> Turn:
        return Turn(**dict(self.context.dialect.render(move, view.turn)))

    async def _err(self, move: Move, view: View) -> Turn:
        kind = self.options.kinds[int(self._rng.integers(len(self.options.kinds)))]
        submit = next((a for a in self.context.dialect.actions.values() if a.submit), None)
        final = submit is not None and move.action.name == submit.name
        if kind == "chat":
            return Turn(text=str(self._rng.choice(_CHAT)))
        if kind == "answer" and final:
            return Turn(text=f"{move.thought}\nThe final answer is {_prose(move.action)}.")
        if kind == "premature" and submit is not None and not final:
            guess = {n: _GUESSES.get(p.get("type", ""), "unknown") for n, p in submit.schema["properties"].items()}
            action = Action(name=submit.name, arguments=guess)
            return self._say(Move(thought="I think I know enough to answer.", action=action), view)
        if kind == "format":
            return Turn(text=_mangled(self.context.dialect.render(move, view.turn), move))
        return self._say(await self._oracle.perturb(move, self._rng), view)


def _prose(action: Action) -> str:
    return ", ".join(str(v) for v in action.arguments.values())


def _mangled(reply: Reply, move: Move) -> str:
    """The move as somebody writes it who forgot the format: a call in prose, as if it were code."""
    thought = move.thought if reply.calls else reply.text.partition("\n")[0]
    arguments = ", ".join(repr(v) for v in move.action.arguments.values())
    return f"{thought}\nI will now run {move.action.name}({arguments})"
