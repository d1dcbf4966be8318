"""The record as it is: its question, and its answer with the explanation."""

from __future__ import annotations

from simenv.comparison.styles.style import Chat, Workshop, asked
from simenv.knowledge.records import Record
from simenv.types import Message


async def generate(record: Record, workshop: Workshop) -> Chat:
    """One question and its answer; no model is asked."""
    answer = "\n".join(dict.fromkeys(filter(None, (record.answer, record.explanation))))
    return (
        Message(role="user", content=asked(record)),
        Message(role="assistant", content=answer, train=True),
    )
