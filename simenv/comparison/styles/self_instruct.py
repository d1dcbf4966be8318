"""Self-Instruct (Wang et al. 2023, arXiv 2212.10560): a new instruction with its answer, the record being the seed."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from simenv.comparison.styles.style import Chat, Workshop, exchange, told
from simenv.knowledge.records import Record
from simenv.model import ask
from simenv.prompts import render
from simenv.types import Data, Text

PROMPT = Path(__file__).with_suffix(".j2")


class Instruction(Data):
    """What the model writes."""

    instruction: Text = Field(min_length=1)
    input: Text = ""
    output: Text = Field(min_length=1)


async def generate(record: Record, workshop: Workshop) -> Chat:
    """One instruction, with its input if it has one, and its output."""
    made = await ask(workshop.model, render(PROMPT, record=told(record)), Instruction)
    return exchange([("\n\n".join(filter(None, (made.instruction, made.input))), made.output)])
