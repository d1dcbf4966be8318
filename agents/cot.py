"""Chain of thought (Wei et al., arXiv 2201.11903): the model thinks step by step and answers at once, without other actions.

What it thought and its answer become one turn in the dialect of the run, so that it can be trained on beside ReAct's turns.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from simenv.agent import Agent, AgentContext
from simenv.errors import ConfigError
from simenv.model import Request
from simenv.options import Options
from simenv.prompts import rehearse, render
from simenv.reply_text import reasoning_apart
from simenv.trust import TemplatePath
from simenv.types import Action, Message, Move, Reply, Turn, View
from simenv.world import ActionSpec

_TEMPLATE = Path(__file__).with_suffix(".j2")
_ANSWER = re.compile(
    r"^[ \t*_#>-]*(?:the )?(?:final )?answer(?: is)?[*_]*\s*:[*_ \t]*(?P<answer>\S.*?)[*_ \t]*$", re.I | re.M
)
_EXAMPLE = {"question": "Which of the two was founded first?", "instructions": "", "choices": ["yes", "no"]}
"""What a template is tried with before the run."""


class CotOptions(Options):
    """Sampling, in which None leaves the model client's own setting, and a prompt of one's own."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """of the answers; none: the model client's own"""
    max_tokens: int | None = Field(default=None, ge=1)
    """tokens of one turn"""
    instructions: str = Field(default="", max_length=20_000)
    """said to the model beside the question"""
    template: TemplatePath = _TEMPLATE
    """a Jinja file that is the prompt; it may use `question`, `choices` and `instructions`, and ought to ask for a last line
    `Answer: …`"""

    @field_validator("template")
    @classmethod
    def _renders(cls, path: Path) -> Path:
        rehearse(path, **_EXAMPLE)
        return path


class Cot(Agent):
    """Sends the question in its template. A reply without a line `Answer: …` stands as it is, and the world says so."""

    Options: ClassVar[type[Options]] = CotOptions
    needs_model: ClassVar[bool] = True
    options: CotOptions

    def __init__(self, options: CotOptions, context: AgentContext) -> None:
        super().__init__(options, context)
        if context.model is None:
            raise ConfigError("agent 'cot' needs a model")
        self._model = context.model
        self._seed = int(context.rng.integers(2**31))
        self._submit, self._parameter = _answering(list(context.dialect.actions.values()))

    async def act(self, view: View) -> Turn:
        request = Request(
            messages=self._chat(view),
            temperature=self.options.temperature,
            max_tokens=self.options.max_tokens,
            seed=(self._seed + view.turn) % 2**31,
            sample=view.retry,
        )
        return self._turn(await self._model.complete(request), view)

    def _chat(self, view: View) -> tuple[Message, ...]:
        """The prompt in place of the chat's opening, then all that followed; what is shown this once stays at the end."""
        prompt = render(
            self.options.template,
            question=view.instruction,
            choices=list(view.choices),
            instructions=self.options.instructions,
        )
        said = next((n for n, m in enumerate(view.messages) if m.role == "assistant"), len(view.messages))
        notes = [m.content for m in view.messages[:said] if m.role == "user"][1:]
        return (Message(role="user", content="\n\n".join([*notes, prompt])), *view.messages[said:])

    def _turn(self, reply: Reply, view: View) -> Turn:
        """The reply as a turn that answers; as it is where it holds no answer."""
        text, _ = reasoning_apart(reply.text)
        answers = list(_ANSWER.finditer(text))
        if not answers:
            return Turn(**dict(reply))
        last = answers[-1]
        move = Move(
            thought=text[: last.start()].strip(),
            action=Action(name=self._submit, arguments={self._parameter: last["answer"]}),
        )
        said = self.context.dialect.render(move, view.turn)
        return Turn(**dict(reply.model_copy(update={"text": said.text, "calls": said.calls})))


def _answering(actions: list[ActionSpec]) -> tuple[str, str]:
    """The action that ends a task and its parameter for the answer. ConfigError where the world takes no answer in words."""
    for action in actions:
        required = action.schema.get("required", [])
        if action.submit and len(required) == 1:
            return action.name, required[0]
    raise ConfigError(
        "agent 'cot' answers at once, and this environment has no action that takes one answer; agent=react acts there"
    )
