"""Baize (Xu et al. 2023, arXiv 2304.01196): the model chats with itself about the question of a record."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from simenv.comparison.styles.style import Chat, Workshop, exchange, told
from simenv.knowledge.records import Record
from simenv.model import ask
from simenv.prompts import render
from simenv.types import Data, Text

PROMPT = Path(__file__).with_suffix(".j2")


class Round(Data):
    """What both say in a round."""

    user: Text = Field(min_length=1)
    assistant: Text = Field(min_length=1)


class SelfChat(Data):
    """What the model writes: the whole chat."""

    rounds: tuple[Round, ...] = Field(min_length=1, max_length=20)


async def generate(record: Record, workshop: Workshop) -> Chat:
    """A chat of as many rounds as the workshop says, or fewer where the subject is exhausted."""
    made = await ask(workshop.model, render(PROMPT, record=told(record), rounds=workshop.rounds), SelfChat)
    return exchange([(r.user, r.assistant) for r in made.rounds[: workshop.rounds]])
