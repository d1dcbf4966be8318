"""Schemas of tools as others write them, made the form that OpenAI, chat templates and the rest of simenv have."""

from __future__ import annotations

from typing import Any

from simenv.data.chat_formats.format import Malformed
from simenv.documents import parse
from simenv.errors import Unreadable

_OUTSIDE = ("type", "input_schema", "cache_control")
"""Keys of a flat schema that are none of its function's."""


def schemas(value: Any, place: str) -> tuple[dict[str, Any], ...]:
    """The schemas of a list or its JSON text: nested in `function`, flat, or Anthropic's with input_schema."""
    if value is None or value == "":
        return ()
    try:
        tools = parse(value, place) if isinstance(value, str) else value
    except Unreadable as e:
        raise Malformed(f"{place}: expected a list or its JSON text: {e.reason}") from e
    if not isinstance(tools, list) or not all(isinstance(t, dict) for t in tools):
        raise Malformed(f"{place}: expected a list of objects, got {tools!r:.80}")
    return tuple(_schema(tool, f"{place}[{number}]") for number, tool in enumerate(tools))


def _schema(tool: dict[str, Any], place: str) -> dict[str, Any]:
    function = tool.get("function")
    if isinstance(function, dict) and isinstance(function.get("name"), str):
        return {"type": "function", **tool}
    if not isinstance(tool.get("name"), str) or tool.get("type", "function") not in ("function", "custom", None):
        raise Malformed(f"{place}: expected a schema of a function with a name, got {tool!r:.80}")
    described = tool if "input_schema" not in tool else tool | {"parameters": tool["input_schema"]}
    return {"type": "function", "function": {k: v for k, v in described.items() if k not in _OUTSIDE and v is not None}}
