"""Tool calls and their results as others write them, and which result belongs to which call."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from simenv.data.chat_formats.format import Malformed, listed
from simenv.documents import parse
from simenv.errors import Unreadable
from simenv.types import Call, Message

UNANSWERED = "calls without a result"
"""The note on calls after which the chat goes on without their results."""


class Turn(NamedTuple):
    """A message as its record has it; of a result, `call` is the name of what was called, "" where it does not say."""

    message: Message
    call: str = ""


def json_text(value: Any) -> str:
    """A value as JSON in one line, letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def call(value: Any, place: str, id: str) -> Call:
    """A call with its name in `function.name`, `function` or `name`; `id` is for one that has none of its own."""
    if not isinstance(value, dict):
        raise Malformed(f"{place}: expected a call as an object, got {value!r:.80}")
    function = value.get("function")
    body = function if isinstance(function, dict) else value
    name = function if isinstance(function, str) else body.get("name")
    if not isinstance(name, str) or not name:
        raise Malformed(f"{place}: expected a call with name and arguments, got {value!r:.80}")
    arguments = body.get("arguments", body.get("parameters", {}))
    if arguments is None or arguments == "":
        arguments = {}
    text = arguments if isinstance(arguments, str) else json_text(arguments)
    return Call(id=str(value.get("id") or value.get("call_id") or id), name=name, arguments=text)


def calls(values: Any, place: str, prefix: str) -> tuple[Call, ...]:
    """The calls of a list, which may be missing; ids are made from `prefix`."""
    items = listed(values) or []
    if not isinstance(items, list | tuple):
        raise Malformed(f"{place}: expected a list of calls, got {items!r:.80}")
    return tuple(call(item, f"{place}[{number}]", f"{prefix}_{number}") for number, item in enumerate(items))


def text_calls(text: str, place: str, prefix: str) -> tuple[Call, ...]:
    """The calls of a text that is a JSON object or a list of them."""
    try:
        value = parse(text, place)
    except Unreadable as e:
        raise Malformed(f"{place}: expected a call as JSON with name and arguments: {e.reason}") from e
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str) or "arguments" not in item:
            raise Malformed(f"{place}: expected a call with name and arguments, got {item!r:.80}")
    return calls(value if isinstance(value, list) else [value], place, prefix)


def joined(turns: Sequence[Turn]) -> tuple[list[Message], list[str]]:
    """The messages with each result joined to its call, by id, else by name, else by order; and notes.

    Malformed where a result has an id that no call has, or there are more results than calls.
    """
    messages: list[Message] = []
    notes: list[str] = []
    known: set[str] = set()
    waiting: OrderedDict[str, Call] = OrderedDict()
    for is_result, group in groupby(turns, key=lambda turn: turn.message.role == "tool"):
        run = list(group)
        if is_result:
            results = _apart(run, len(waiting)) if known else run
            messages += (_answer(r, waiting, known, f"result {n}") for n, r in enumerate(results, 1))
            notes += [UNANSWERED] * len(waiting)
            waiting.clear()
        else:
            messages += (turn.message for turn in run)
            waiting = _by_id(run)
            known.update(waiting)
    return messages, notes


def _by_id(run: Iterable[Turn]) -> OrderedDict[str, Call]:
    """The calls of turns in a row by their ids. Malformed where two have the same."""
    waiting: OrderedDict[str, Call] = OrderedDict()
    for c in (c for turn in run for c in turn.message.calls):
        if c.id in waiting:
            raise Malformed(f"calls: expected an id for each, got {c.id!r:.80} twice")
        waiting[c.id] = c
    return waiting


def _answer(turn: Turn, waiting: OrderedDict[str, Call], known: set[str], place: str) -> Message:
    """A result with the id of its call, which waits no longer."""
    id = turn.message.call_id
    if id is None and known:
        match = next((c for c in waiting.values() if not turn.call or c.name == turn.call), None)
        if match is None:
            asked = f"a call of {turn.call}" if turn.call else "a call"
            names = ", ".join(c.name for c in waiting.values()) or "none"
            raise Malformed(f"{place} after a turn: expected {asked} that waits for it; waiting: {names:.200}")
        del waiting[match.id]
        return turn.message.model_copy(update={"call_id": match.id})
    if known and id not in known:
        raise Malformed(f"{place} after a turn: no call has its id {id!r:.80}; calls: {', '.join(sorted(known)):.200}")
    if id is not None:
        waiting.pop(id, None)
    return turn.message


def _apart(run: list[Turn], number: int) -> Iterator[Turn]:
    """A lone result that is a JSON list with one item for each of several calls, as their results; others as they are."""
    [*items] = listed(run[0].message.content) if _holds_all(run, number) else ()
    for item in items:
        text = item if isinstance(item, str) else json_text(item)
        yield Turn(run[0].message.model_copy(update={"content": text}))
    if not items:
        yield from run


def _holds_all(run: list[Turn], number: int) -> bool:
    if number < 2 or len(run) != 1 or run[0].message.call_id is not None or run[0].call:
        return False
    items = listed(run[0].message.content)
    return isinstance(items, list) and len(items) == number
