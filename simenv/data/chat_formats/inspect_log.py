"""Logs of Inspect: one chat for each sample, with its scores. Packed logs (.eval) are read by inspect_ai itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simenv.data.chat_formats.calls import Turn, calls, joined
from simenv.data.chat_formats.content import answer, plain_text
from simenv.data.chat_formats.format import Chat, Format, Malformed, object_list, text_field
from simenv.documents import LARGEST, is_file
from simenv.errors import ConfigError, Unreadable
from simenv.reasoning import Reasoning
from simenv.types import Message

_FAILED = ("I", "N", "P", 0, False)
"""Values of scores that are no success: incorrect, no answer, partly right."""
_MESSAGE = frozenset(
    ("id", "content", "source", "role", "tool_calls", "tool_call_id", "function", "error", "model", "metadata")
)


class InspectLog(Format):
    """`eval` and `samples`, each with messages and scores."""

    name = "inspect"
    shape = '{"version": 2, "eval": {…}, "samples": [{"id": 1, "epoch": 1, "messages": […], "scores": {…}}, …]}'
    fields = {
        "": frozenset(
            ("version", "status", "eval", "plan", "results", "stats", "error", "samples", "reductions", "tags", "metadata",
             "invalidated", "log_updates", "config_updates")
        ),
        "samples[].messages[]": _MESSAGE,
        "samples[].messages[].tool_calls[]": frozenset(("id", "function", "arguments", "type", "view", "parse_error")),
    }  # fmt: skip

    def fits(self, record: dict[str, Any]) -> bool:
        return isinstance(record.get("eval"), dict) and isinstance(record.get("samples"), list)

    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        for n, sample in enumerate(object_list(record["samples"], "samples")):
            place = f"samples[{n}].messages"
            listed = object_list(sample.get("messages") or [], place)
            messages, notes = joined([_turn(m, f"{place}[{i}]", i) for i, m in enumerate(listed)])
            id = f"{sample.get('id', n)}.{sample.get('epoch', 1)}"
            yield Chat(tuple(messages), (), {}, id, _failure(sample), tuple(notes))


def inspect_json(path: Path) -> dict[str, Any]:
    """A packed log as JSON, through the reader of inspect_ai. ConfigError where that is not installed, or cannot read it."""
    if not is_file(path):
        raise ConfigError(f"{path}: no such file")
    if path.stat().st_size > LARGEST:
        raise Unreadable(str(path), f"{path.stat().st_size:,} bytes; expected at most {LARGEST:,}")
    try:
        from inspect_ai.log import read_eval_log
    except ImportError as e:
        raise ConfigError(f"{path}: logs of Inspect that are packed need its package: pip install inspect_ai") from e
    try:
        value: dict[str, Any] = read_eval_log(str(path)).model_dump(mode="json", exclude_none=True)
    except Exception as e:  # its reader names no errors of its own
        raise Unreadable(str(path), f"no log of Inspect: {type(e).__name__}: {e!s:.200}") from e
    return value


def _turn(m: dict[str, Any], place: str, number: int) -> Turn:
    role = m.get("role")
    if role == "assistant":
        thoughts, text = _apart(m.get("content"), f"{place}.content")
        return Turn(answer(text, thoughts, calls(m.get("tool_calls"), f"{place}.tool_calls", f"call_{number}")))
    if role not in ("system", "user", "tool"):
        raise Malformed(f"{place}.role: expected system, user, assistant or tool, got {role!r:.80}")
    text = plain_text(m.get("content"), f"{place}.content")
    error = m.get("error")
    if role == "tool" and isinstance(error, dict) and not text:
        text = text_field(error, "message", f"{place}.error.")
    id = text_field(m, "tool_call_id", f"{place}.") if role == "tool" else ""
    return Turn(Message(role=role, content=text, call_id=id or None), text_field(m, "function", f"{place}."))


def _apart(content: Any, place: str) -> tuple[list[Reasoning], str]:
    """The reasoning and the text of a content."""
    if not isinstance(content, list):
        return [], plain_text(content, place)
    thoughts, text = [], ""
    for n, part in enumerate(content):
        if isinstance(part, dict) and part.get("type") == "reasoning":
            words = text_field(part, "reasoning", f"{place}[{n}].") if not part.get("redacted") else ""
            data = {"signature": part["signature"]} if part.get("signature") else {}
            thoughts.append(Reasoning(kind="thinking", text=words, data=data, characters=len(text)))
        else:
            text += plain_text([part], place)
    return thoughts, text


def _failure(sample: dict[str, Any]) -> str:
    """Why a sample is no success: an error, or a score of those that say right or wrong."""
    if sample.get("error"):
        return "error: the sample failed"
    scores = sample.get("scores")
    for name, score in scores.items() if isinstance(scores, dict) else ():
        value = score.get("value") if isinstance(score, dict) else None
        if isinstance(value, str | int | float) and value in _FAILED:
            return f"scores.{name}: {value}"
    return ""
