"""FireAct (Chen et al. 2023, arXiv 2310.05915): ReAct trajectories of an agent that searches, here the user's own texts."""

from __future__ import annotations

from pathlib import Path

from simenv.comparison.styles.acting import act
from simenv.comparison.styles.style import Chat, Workshop
from simenv.knowledge.records import Record

PROMPT = Path(__file__).with_suffix(".j2")


async def generate(record: Record, workshop: Workshop) -> Chat:
    """The agent searches for what it needs and finishes."""

    def search(query: str) -> str:
        found = workshop.library.passages_for(query)
        return "\n".join(f"{n}. {e.text}" for n, e in enumerate(found, 1)) or "nothing was found"

    chat, _ = await act(record, workshop, PROMPT, {"search": search})
    return chat
