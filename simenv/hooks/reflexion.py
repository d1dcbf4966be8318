"""Reflexion (Shinn et al., arXiv 2303.11366): an agent reflects on a failed trial and tries again with what it noted.

Every trial but the first is a fork from the beginning of the task, so that the record, the viewer and preference pairs see all.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from simenv.agent import Agent
from simenv.errors import ConfigError, Unusable
from simenv.hook import STUDENT, EpisodeView, Hook, HookContext, Note, Show, StartFork
from simenv.model import ask
from simenv.options import Options
from simenv.prompts import fenced, render
from simenv.types import Data, Message, Step, Stop, Turn, View, turn_records

_REQUEST = Path(__file__).with_name("reflection_request.j2")
_MEMORY = Path(__file__).with_name("reflections.j2")
_LONGEST = 20_000
"""Characters of a trial that the reflection is shown, the last ones."""
_NOTED = 2_000
"""Characters of a reflection that are kept."""
_ENDINGS = {Stop.max_steps: "there were no turns left, and no answer had been given"}


class ReflexionOptions(Options):
    """How many trials, how many reflections are remembered, and what tells that a trial failed."""

    trials: int = Field(default=3, ge=2, le=20)
    """most trials of one task, the first included"""
    memory: int = Field(default=3, ge=1, le=20)
    """reflections that a trial is shown, the last ones; Reflexion keeps three"""
    feedback: Literal["grade", "ending"] = "grade"
    """grade: the grade of a trial tells whether it failed, which makes training data and is no fair measurement;
    ending: only a trial without an answer failed"""


class Reflection(Data):
    """What one learns from a failed trial for the next one."""

    reflection: str = Field(min_length=1)


class Trial(Agent):
    """The student in a later trial, with what was noted after those before it."""

    def __init__(self, student: Agent, reflections: tuple[str, ...]) -> None:
        super().__init__(student.options, student.context)
        self._student, self.reflections = student, reflections

    async def act(self, view: View) -> Turn:
        return await self._student.act(view)


class Reflexion(Hook):
    """The run's own model reflects; what that takes is counted apart from the agent's turns, as a teacher's is."""

    Options: ClassVar[type[Options]] = ReflexionOptions
    options: ReflexionOptions
    finds_mistakes = False
    rewinds = True

    @classmethod
    def agents(cls, options: ReflexionOptions) -> tuple[str, ...]:
        return (STUDENT,)

    @classmethod
    def needs_model(cls, options: ReflexionOptions) -> bool:
        return True

    def __init__(self, options: ReflexionOptions, context: HookContext) -> None:
        super().__init__(options, context)
        if context.model is None:
            raise ConfigError(
                "hook 'reflexion' needs a model, which reflects; for example model=openai model.model=NAME"
            )
        self._model = context.model

    async def before_turn(self, episode: EpisodeView, view: View) -> Show | None:
        """Show the memory behind the opening in every turn but the first, which the fork's own note does."""
        agent = episode.agent
        if not isinstance(agent, Trial) or view.turn == 0:
            return None
        opening = next((n for n, m in enumerate(view.messages) if m.role == "assistant"), len(view.messages))
        memory = Message(role="user", content=self._memory(agent.reflections))
        messages = (*view.messages[:opening], memory, *view.messages[opening:])
        return Show(view.model_copy(update={"messages": messages}))

    async def after_step(self, episode: EpisodeView, steps: tuple[Step, ...]) -> tuple[Note | StartFork, ...]:
        past = episode.agent.reflections if isinstance(episode.agent, Trial) else ()
        number = len(past) + 1
        if episode.stop is None or number >= self.options.trials or not await self._failed(episode):
            return ()
        text = await self._reflect(episode, past)
        reflections = (*past, text)
        trial = Trial(self.context.agent(STUDENT), reflections)
        return (
            Note(f"trial {number} failed; reflected on it", text, "agent"),
            StartFork(0, f"trial {number + 1}", trial, STUDENT, "agent", self._memory(reflections)),
        )

    async def _failed(self, episode: EpisodeView) -> bool:
        if self.options.feedback == "ending":
            return episode.stop not in (Stop.submitted, Stop.done)
        return not (await episode.grade()).success

    async def _reflect(self, episode: EpisodeView, past: tuple[str, ...]) -> str:
        """What the model notes; where it writes no JSON, its words as they are."""
        prompt = render(
            _REQUEST,
            task=fenced(episode.task.instruction),
            reflections=past[-self.options.memory :],
            trial=fenced(_told(episode)[-_LONGEST:]),
            ending=_ENDINGS.get(episode.stop or Stop.submitted, "the answer that was given, if any, was wrong"),
        )
        try:
            answer = await ask(self._model, prompt, Reflection, spent=self._usages.append)
        except Unusable as e:
            return e.text.strip()[:_NOTED] or "The last trial failed. I will try another way."
        return answer.reflection[:_NOTED]

    def _memory(self, reflections: tuple[str, ...]) -> str:
        return render(_MEMORY, reflections=reflections[-self.options.memory :])


def _told(episode: EpisodeView) -> str:
    """A trial as it went: each turn and what came of it."""
    lines: list[str] = []
    for turn in turn_records(episode.messages, episode.steps):
        said = turn.message.content or " ".join(f"{c.name} {c.arguments}" for c in turn.message.calls)
        seen = "\n".join(step.observation.text for step in turn.steps)
        lines.append(f"{said}\nObservation: {seen}" if seen else said)
    return "\n\n".join(lines)
