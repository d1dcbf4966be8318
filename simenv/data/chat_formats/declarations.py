"""Tools that a system prompt declares as text, as models' own templates write them; a chat with `tools` needs no such text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from simenv.data.chat_formats.calls import Turn
from simenv.data.chat_formats.format import Malformed
from simenv.data.chat_formats.schemas import schemas
from simenv.documents import parse
from simenv.errors import Unreadable

_KIMI = re.compile(r"\A\s*<\|im_system\|>tool_declare<\|im_middle\|>(.*?)<\|im_end\|>\s*\Z", re.S)
_HERMES = re.compile(r"<tools>(.*)</tools>", re.S)
_HERMES_PROMPT = re.compile(r"\A\s*(?:You are a function calling AI model|# Tools)\b")
"""How the system prompts begin that say nothing but how to call."""


def without_declaration(
    turns: list[Turn], tools: Sequence[dict[str, Any]]
) -> tuple[list[Turn], tuple[dict[str, Any], ...]]:
    """Turns and tools, with what the system turn declares among the tools and not in the text.

    Hermes' declaration is one only where the chat calls as Hermes does.
    """
    first = turns[0].message if turns else None
    if first is None or first.role != "system":
        return turns, tuple(tools)
    if match := _KIMI.match(first.content):
        return turns[1:], tuple(tools) or _declared(match[1])
    match = _HERMES.search(first.content)
    if match is None or not any("<tool_call>" in t.message.content for t in turns[1:]):
        return turns, tuple(tools)
    declared = tuple(tools) or _declared(match[1])
    if _HERMES_PROMPT.match(first.content):
        return turns[1:], declared
    rest = first.content[: match.start()] + first.content[match.end() :]
    return [Turn(first.model_copy(update={"content": rest.strip()})), *turns[1:]], declared


def _declared(text: str) -> tuple[dict[str, Any], ...]:
    """Schemas of a list, or one on each line."""
    body = text.strip()
    try:
        return schemas(parse(body if body.startswith("[") else f"[{','.join(body.splitlines())}]", "tools"), "tools")
    except Unreadable as e:
        raise Malformed(f"tools in the system prompt: expected a list, or an object on each line: {e.reason}") from e
