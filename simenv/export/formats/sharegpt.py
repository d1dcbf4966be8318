"""Rows of ShareGPT, which knows no masks, as LLaMA-Factory reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from simenv.export.format import Format, Json
from simenv.export.messages import json_text, said_text, speaker, spoken_text
from simenv.types import Message, Sample

_ASSISTANT = ("gpt", "function_call")


class ShareGPT(Format):
    """With the roles function_call and observation.

    LLaMA-Factory takes chats alone in which the assistant has every second turn, beginning with the user and ending with the
    assistant. So neighbours of one side become one turn, such as the results of parallel calls, and what follows the last
    answer is left out. A chat that the assistant begins has no row.
    """

    def rows(self, sample: Sample) -> Iterator[Json]:
        messages = [m.acted_part for m in sample.messages]
        system = [m for m in messages[:1] if m.role == "system"]
        turns = [_turn(side) for side in _sides(messages[len(system) :])]
        while turns and turns[-1]["from"] not in _ASSISTANT:
            turns.pop()
        if not turns or turns[0]["from"] in _ASSISTANT:
            return
        tools = json_text(list(sample.tools)) if sample.tools else ""
        yield {"id": sample.id, "conversations": [*map(_alone, system), *turns], "tools": tools}


def _sides(messages: Sequence[Message]) -> Iterator[list[Message]]:
    for _, side in groupby(messages, key=lambda m: m.role == "assistant"):
        yield list(side)


def _turn(side: list[Message]) -> Json:
    """Neighbours of one side as one turn; what they say is kept in its order."""
    if len(side) == 1:
        return _alone(side[0])
    if side[0].role == "assistant":
        return {"from": "gpt", "value": "\n\n".join(map(said_text, side))}
    of_tools = any(m.role == "tool" for m in side)
    return {"from": "observation" if of_tools else "human", "value": "\n".join(m.content for m in side)}


def _alone(m: Message) -> Json:
    return {"from": speaker(m), "value": spoken_text(m)}
