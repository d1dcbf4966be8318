"""Records as questions in a user's voice: a model says what a person would say who has the record's question in real life."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pydantic import Field

from simenv.knowledge.records import Record
from simenv.model import Model, ask
from simenv.prompts import fenced, render
from simenv.types import Data, Text, Usage

_PROMPT = Path(__file__).with_suffix(".j2")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TELLING = 4
"""Characters of an answer from which on it may not stand in the question; `yes` and `no` may."""


class Voiced(Data):
    """What the person says."""

    question: Text = Field(min_length=10, max_length=5000)


class Question(Data):
    """A record as a question with a goal. `raw` is the record as it was, `asked` its own question; `voice` what a person says,
    '' where no model was asked."""

    id: str
    record: str
    file: str
    row: int
    asked: Text
    voice: Text = ""
    options: tuple[Text, ...] = ()
    answers: tuple[Text, ...]
    raw: Text

    @property
    def text(self) -> str:
        """The question, with the possible answers below it."""
        lines = [f"{letter}) {option}" for letter, option in zip(_LETTERS, self.options, strict=False)]
        return "\n".join([self.voice or self.asked, *lines])


def question(record: Record, voice: str = "") -> Question:
    """A record's question. Of a choice, the letter of the right option counts as an answer too, alone or before it."""
    right = [a for a, option in zip(_LETTERS, record.options, strict=False) if option == record.answer]
    letters = [form for letter in right for form in (letter, f"{letter}) {record.answer}")]
    return Question(
        id=f"q-{record.id}", record=record.id, file=record.source.file, row=record.row, asked=record.question,
        voice=voice, options=record.options[: len(_LETTERS)], answers=(record.answer, *letters), raw=record.raw,
    )  # fmt: skip


def prompt(record: Record) -> str:
    """What the model is asked."""
    return render(_PROMPT, question=fenced(record.question), options=fenced("\n".join(record.options)))


async def voiced(model: Model, record: Record, spent: Callable[[Usage], None] | None = None) -> Question:
    """The record in a user's voice. Unusable where the model adds or drops numbers, or gives the answer away, each time."""
    answer = await ask(model, prompt(record), Voiced, faults=lambda v: _faults(record, v.question), spent=spent)
    return question(record, answer.question)


def _faults(record: Record, text: str) -> list[str]:
    """What is wrong with a question: numbers that came or went, an answer that is given away."""
    had, has = set(_NUMBER.findall(record.question)), set(_NUMBER.findall(text))
    faults = []
    if added := sorted(has - had):
        faults.append(f"question: it has the numbers {', '.join(added)}, which the original does not have; add nothing")
    if dropped := sorted(n for n in had - has if len(n) > 1):
        faults.append(
            f"question: the numbers {', '.join(dropped)} of the original are missing; keep every number as it stands"
        )
    answer = record.answer.casefold()
    if len(answer) >= _TELLING and answer in text.casefold() and answer not in record.question.casefold():
        faults.append("question: it names the right answer; leave it out")
    return faults
