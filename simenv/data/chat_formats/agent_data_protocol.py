"""The Agent Data Protocol (arXiv 2510.24702): a list of actions and observations, each named by `class_`.

A description is what the agent says before it acts. Code is text in a fence, for the protocol names no tool that runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import Turn, call, joined
from simenv.data.chat_formats.content import answer
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, own_id, text_field
from simenv.types import Message

_CLASSES = ("api_action", "code_action", "message_action", "text_observation", "web_observation")


class AgentDataProtocol(Format):
    """`content` of objects with `class_`, and `details`."""

    name = "agent data protocol"
    shape = '{"id": "…", "content": [{"class_": "text_observation", "content": "…", "source": "user"}, …]}'
    fields = {
        "": frozenset(("id", "content", "details")),
        "content[]": frozenset(
            (
                "class_",
                "function",
                "kwargs",
                "description",
                "language",
                "content",
                "name",
                "source",
                "axtree",
                "html",
                "url",
            )
        ),
    }

    def fits(self, record: dict[str, Any]) -> bool:
        content = record.get("content")
        return isinstance(content, list) and all(isinstance(c, dict) and "class_" in c for c in content[:1])

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        turns: list[Turn] = []
        for number, item in enumerate(object_list(record["content"], "content")):
            called = bool(turns and turns[-1].message.calls)
            turns.append(_turn(item, f"content[{number}]", f"call_{number}_0", called))
        messages, notes = joined(turns)
        extra = {"details": record["details"]} if record.get("details") else {}
        yield Chat(tuple(messages), (), extra, own_id(record, "id"), "", tuple(notes))


def _turn(item: dict[str, Any], place: str, id: str, called: bool) -> Turn:
    kind = item.get("class_")
    said = text_field(item, "description", f"{place}.")
    if kind == "api_action":
        made = call({"name": item.get("function"), "arguments": item.get("kwargs")}, place, id)
        return Turn(answer(said, (), (made,)))
    if kind == "code_action":
        code = f"```{text_field(item, 'language', f'{place}.')}\n{text_field(item, 'content', f'{place}.')}\n```"
        return Turn(answer("\n\n".join(filter(None, (said, code)))))
    if kind == "message_action":
        return Turn(answer("\n\n".join(filter(None, (said, text_field(item, "content", f"{place}."))))))
    if kind not in _CLASSES:
        raise Malformed(f"{place}.class_: expected one of {', '.join(_CLASSES)}, got {kind!r:.80}")
    names = ("content",) if kind == "text_observation" else ("axtree", "html")
    text = next((t for n in names if (t := text_field(item, n, f"{place}."))), "")
    if kind == "web_observation" and not text:
        raise Malformed(f"{place}: expected axtree or html, got neither; pictures are not read")
    is_result = called and item.get("source") not in ("user", "agent")
    return Turn(Message(role="tool" if is_result else "user", content=text))
