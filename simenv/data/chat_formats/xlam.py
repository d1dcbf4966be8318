"""xLAM's function calling (arXiv 2406.18518): a query, the tools, and the calls that answer it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from simenv.data.chat_formats.calls import calls
from simenv.data.chat_formats.content import answer
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, own_id, text_field
from simenv.data.chat_formats.schemas import schemas
from simenv.types import Message

_TYPES = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "tuple": "array",
    "set": "array", "dict": "object",
}  # fmt: skip


class Xlam(Format):
    """`query`, `answers` and `tools`, the last two often as JSON texts, with Python's types in the schemas."""

    name = "xlam"
    shape = '{"id": 0, "query": "…", "tools": "[…]", "answers": "[{\\"name\\": …, \\"arguments\\": {…}}]"}'
    fields = {"": frozenset(("id", "query", "answers", "tools"))}

    def fits(self, record: dict[str, Any]) -> bool:
        return {"query", "answers", "tools"} <= record.keys()

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        made = calls(record["answers"], "answers", "call_1")
        if not made:
            raise Malformed("answers: expected at least one call, got none")
        tools = object_list(record["tools"], "tools")
        messages = (Message(role="user", content=text_field(record, "query", "")), answer("", (), made))
        yield Chat(messages, schemas([_in_json_schema(t) for t in tools], "tools"), {}, own_id(record, "id"))


def _in_json_schema(tool: dict[str, Any]) -> dict[str, Any]:
    """A tool whose parameters are a JSON schema; it is as it was if they are one already."""
    parameters = tool.get("parameters")
    if not isinstance(parameters, dict) or {"type", "properties"} <= parameters.keys():
        return tool
    properties = {k: _property(v) for k, v in parameters.items() if isinstance(v, dict)}
    required = [k for k, v in parameters.items() if isinstance(v, dict) and "optional" not in str(v.get("type"))]
    return tool | {"parameters": {"type": "object", "properties": properties, "required": required}}


def _property(value: dict[str, Any]) -> dict[str, Any]:
    """A parameter, whose type is Python's: `int, optional`, `List[str]`; one without a counterpart is said in words."""
    written = str(value.get("type", ""))
    word = re.match(r"(?:optional\[)?(\w*)", written.lower())
    kind = _TYPES.get(word[1] if word else "")
    rest = {k: v for k, v in value.items() if k != "type"}
    if kind is None:
        return rest | {"description": f"{value.get('description', '')} ({written})".strip()}
    return rest | {"type": kind}
