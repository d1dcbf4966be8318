"""SWE-agent's `.traj` files: the history of messages, or, where there is none, steps of response and observation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, joined
from simenv.data.chat_formats.format import Chat, Format, object_list, own_id
from simenv.data.chat_formats.turns import OpenAI

_STEP = frozenset(
    ("action", "observation", "response", "thought", "state", "query", "messages", "execution_time", "extra_info",
     "tool_calls", "tool_call_ids", "thinking_blocks")
)  # fmt: skip
_HISTORY = frozenset(("agent", "message_type", "thought", "action", "is_demo", "tags", "cache_control"))


class SweAgent(Format):
    """`trajectory` of steps, `history` of messages, `info`; loss falls on no demonstration."""

    name = "swe-agent"
    shape = '{"trajectory": [{"response": "…", "observation": "…"}, …], "history": [{"role": "…", "content": "…"}, …]}'
    fields = {
        "": frozenset(("trajectory", "history", "info", "environment", "replay_config", "instance_id")),
        "trajectory[]": _STEP,
        "history[]": OpenAI.fields["messages[]"] | _HISTORY,
    }

    def fits(self, record: dict[str, Any]) -> bool:
        steps = record.get("trajectory")
        return isinstance(steps, list) and all(isinstance(s, dict) and "observation" in s for s in steps[:1])

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        steps = object_list(record["trajectory"], "trajectory")
        history = object_list(record.get("history") or [], "history")
        turns = self._history(history) if history else self._steps(steps)
        messages, notes = joined(turns)
        extra = {"info": record["info"]} if isinstance(record.get("info"), dict) else {}
        yield Chat(tuple(messages), (), extra, own_id(record, "environment", "instance_id"), "", tuple(notes))

    def _history(self, history: list[dict[str, Any]]) -> list[Turn]:
        turns = OpenAI().turns(history, "history")
        return [
            Turn(turn.message.model_copy(update={"train": False}), turn.call) if entry.get("is_demo") else turn
            for entry, turn in zip(history, turns, strict=True)
        ]

    def _steps(self, steps: list[dict[str, Any]]) -> list[Turn]:
        """What was asked before the first step, and for each step what the model wrote and was shown."""
        first = steps[0].get("query") or steps[0].get("messages") or [] if steps else []
        turns = OpenAI().turns(first, "trajectory[0].query")
        for n, step in enumerate(steps):
            said = {"role": "assistant", "content": step.get("response") or "", "tool_calls": step.get("tool_calls")}
            shown = step.get("observation") or ""
            place = f"trajectory[{n}]"
            [answer] = OpenAI().turns([said], place)
            role = "tool" if answer.message.calls else "user"
            [result] = OpenAI().turns([{"role": role, "content": shown}], f"{place}.observation")
            turns += [answer, result]
        return turns if turns and turns[-1].message.content else turns[:-1]
