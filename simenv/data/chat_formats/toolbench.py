"""ToolBench (arXiv 2307.16789): ShareGPT's turns, in which the assistant writes Thought, Action and Action Input."""

from __future__ import annotations

import re
from typing import Any

from simenv.data.chat_formats.calls import Turn
from simenv.data.chat_formats.format import listed
from simenv.data.chat_formats.turns import ShareGPT
from simenv.types import Call

_ACTION = re.compile(r"^Action:[ \t]*(\S+)[ \t]*\n+Action Input:\s*", re.M)


class ToolBench(ShareGPT):
    """`conversations` of from and value with the role `function`, whose turns are results of the actions in the text."""

    name = "toolbench"
    shape = '{"id": "Step 3: …", "conversations": [{"from": "function", "value": "{…}"}, …]}'
    roles = ShareGPT.roles | {"function": "tool"}

    def fits(self, record: dict[str, Any]) -> bool:
        turns = listed(record.get(self.key)) if super().fits(record) else ()
        return any(isinstance(t, dict) and t.get("from") == "function" for t in turns)

    def turns(self, value: Any, place: str) -> list[Turn]:
        """The turns; an action in a text is a call, what stands before it is said."""
        return [_with_call(turn, f"call_{n}_0") for n, turn in enumerate(super().turns(value, place))]


def _with_call(turn: Turn, id: str) -> Turn:
    m = turn.message
    match = _ACTION.search(m.content) if m.role == "assistant" else None
    if match is None:
        return turn
    call = Call(id=id, name=match[1], arguments=m.content[match.end() :].strip() or "{}")
    said = m.content[: match.start()].strip()
    return Turn(m.model_copy(update={"content": said, "calls": (call,)}))
