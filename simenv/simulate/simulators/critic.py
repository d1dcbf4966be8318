"""A grounded model in a loop with itself: it thinks what the action does, answers as the environment, and is criticised."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, Field

from simenv.errors import Unusable
from simenv.options import Options
from simenv.prompts import render
from simenv.simulate import SimulatorContext
from simenv.simulate.prompted import Line, PromptedOptions, PromptedSimulator, StatefulLine, Tab
from simenv.types import Action, Message

HERE = Path(__file__).parent


class ThoughtfulLine(StatefulLine):
    """An answer after a thought."""

    thought: str


class Criticism(BaseModel):
    """What is wrong with an answer; nothing where it may be given."""

    problems: list[str]


class CriticOptions(PromptedOptions):
    revisions: int = Field(default=2, ge=0)
    """how often an answer may be sent back by the critic"""


class Critic(PromptedSimulator):
    """Thought, Environment, Critic: after so many revisions the last answer is given, whatever is left to criticise; so is
    one whose revision cannot be used."""

    Options: ClassVar[type[Options]] = CriticOptions
    grounded: ClassVar[bool] = True
    options: CriticOptions

    @property
    def shape(self) -> type[Line]:
        return ThoughtfulLine

    async def speak(self, context: SimulatorContext, action: Action, tab: Tab) -> Line:
        line = await super().speak(context, action, tab)
        for _ in range(self.options.revisions):
            problems = await self._criticise(line, context, action, tab)
            if not problems:
                break
            note = render(HERE / "revise.j2", line=line, problems=problems)
            try:
                line = await self.ask(await self.request(context, action, note), self.shape, context, action, tab)
            except Unusable:
                break
        return line

    async def _criticise(self, line: Line, context: SimulatorContext, action: Action, tab: Tab) -> list[str]:
        """What a critic finds; nothing where it cannot say it in the form it was asked for."""
        prompt = render(
            HERE / "critic.j2", moment=self.moment(context, action), line=line, overview=self.setting.overview
        )
        request = (await self.request(context, action)).model_copy(
            update={"messages": (Message(role="user", content=prompt),)}
        )
        try:
            return (await self.ask(request, Criticism, context, action, tab)).problems
        except Unusable:
            return []
