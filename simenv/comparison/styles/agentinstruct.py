"""AgentInstruct (Zeng et al. 2023, arXiv 2310.12823): an agent in the small world of the record, which thinks first.

Only what earned a reward is kept: a trajectory that ends in another answer than the record's makes no example.
"""

from __future__ import annotations

from pathlib import Path

from simenv.comparison.styles.acting import act
from simenv.comparison.styles.reward import earned
from simenv.comparison.styles.style import Chat, Workshop
from simenv.errors import Unusable
from simenv.knowledge.records import Record

PROMPT = Path(__file__).with_suffix(".j2")


async def generate(record: Record, workshop: Workshop) -> Chat:
    """The agent looks at the parts of the record, none of which is its answer, and finishes.

    Unusable where its answer is wrong.
    """
    world = {"context": record.context, "options": "\n".join(record.options)}

    def look(part: str) -> str:
        name = part.strip().casefold()
        return (
            world.get(name)
            or f"nothing here; you can look at: {', '.join(k for k, v in world.items() if v) or 'nothing'}"
        )

    chat, answer = await act(record, workshop, PROMPT, {"look": look})
    if not earned(record, answer):
        why = f"no reward: it answered {answer!r:.200}, the record says {record.answer!r:.200}"
        raise Unusable(why, [why], answer)
    return chat
