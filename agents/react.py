"""ReAct with a language model (Yao et al., arXiv 2210.03629): thought, action, observation, in text or by tool calls."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from simenv.agent import Agent, AgentContext
from simenv.errors import ConfigError
from simenv.model import Request
from simenv.options import Options
from simenv.prompts import render
from simenv.trust import TemplatePath
from simenv.types import Turn, View


class ReactOptions(Options):
    """Sampling, in which None leaves the model client's own setting, and an opening of one's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """of the answers; none: the model client's own"""
    max_tokens: int | None = Field(default=None, ge=1)
    """tokens of one turn"""
    template: TemplatePath | None = None
    """a Jinja file that is put into the opening of the chat; it may use `actions`, each with name, description and schema"""


class React(Agent):
    """Sends the chat as it stands and says what the model says. The dialect decides between text and tool calls."""

    Options: ClassVar[type[Options]] = ReactOptions
    needs_model: ClassVar[bool] = True
    options: ReactOptions

    def __init__(self, options: ReactOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        if context.model is None:
            raise ConfigError("agent 'react' needs a model")
        self._model = context.model
        self._seed = int(context.rng.integers(2**31))
        if options.template is not None:
            self.preface = render(options.template, actions=list(context.dialect.actions.values()))

    async def act(self, view: View) -> Turn:
        request = Request(
            messages=view.messages,
            tools=view.tools,
            temperature=self.options.temperature,
            max_tokens=self.options.max_tokens,
            stop=self.context.dialect.stops,
            seed=(self._seed + view.turn) % 2**31,
            sample=view.retry,
        )
        return Turn(**dict(await self._model.complete(request)))
