"""What a format of chats is: how it knows its records, which fields it knows, and what it reads from them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from simenv.documents import parse
from simenv.errors import Unreadable
from simenv.types import Message

IDS = ("id", "item_id", "conversation_id", "idx")
"""Names under which records have an id."""
VERDICTS = ("label", "kto_tag", "resolved", "success", "is_correct")
"""Fields of a record that are false, or 0, where its chat is a rejected answer or a failure."""


class Chat(NamedTuple):
    """A chat of a record. `id` is its own, "" where it has none; `extra` holds the record's other keys.

    `failure` says by which field the record calls its chat a failure or a rejected answer; such a chat is no gold.
    `notes` name what stands in the record and has no place here, in a few equal words, so that they can be counted.
    """

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = {}
    id: str = ""
    failure: str = ""
    notes: tuple[str, ...] = ()


class Malformed(ValueError):
    """A record breaks its format, or holds what would be misread; the message names the key and what was expected."""


class Format(ABC):
    """A format of chats in JSON. It is stateless."""

    name: ClassVar[str]
    shape: ClassVar[str]
    """An example, for error messages."""
    fields: ClassVar[Mapping[str, frozenset[str]]]
    """Names of the fields it knows, by the place of the object that has them: "" is the record, `messages[]` each of a list."""

    @abstractmethod
    def fits(self, record: dict[str, Any]) -> bool:
        """Whether a record is of this format by its keys; it may still be malformed."""

    @abstractmethod
    def chats(self, record: dict[str, Any]) -> Iterator[Chat]:
        """The chats of a record. Malformed where a key is missing or wrong."""

    def unknown(self, record: dict[str, Any]) -> Iterator[str]:
        """The fields of a record that this format does not know, once for each place where they stand."""
        for place, names in self.fields.items():
            for part in _parts(record, place.split(".") if place else []):
                for name, value in part.items():
                    if name not in names and value is not None:
                        yield f"{place}.{name}" if place else name


def listed(value: Any) -> Any:
    """A list, which some sources write as JSON text; any other value as it is."""
    try:
        return parse(value, "") if isinstance(value, str) and value.lstrip().startswith("[") else value
    except Unreadable:
        return value


def object_list(value: Any, place: str) -> list[dict[str, Any]]:
    """A list of objects, or its JSON text; Malformed where it is none."""
    items = listed(value)
    if not isinstance(items, list):
        raise Malformed(f"{place}: expected a list of objects, got {items!r:.80}")
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            raise Malformed(f"{place}[{number}]: expected an object, got {item!r:.80}")
    return items


def text_field(record: Mapping[str, Any], name: str, place: str) -> str:
    """A field that holds a text, "" where it is missing or null; Malformed where it holds anything else."""
    value = record.get(name)
    if not isinstance(value, str | None):
        raise Malformed(f"{place}{name}: expected a text, got {value!r:.80}")
    return value or ""


def own_id(record: Mapping[str, Any], *names: str) -> str:
    """The id of a record by the first of these names that it has."""
    return next((str(record[n]) for n in names if isinstance(record.get(n), str | int)), "")


def failure(record: Mapping[str, Any]) -> str:
    """By which field a record calls its chat a rejected answer or a failure, "" if by none."""
    return next((f"{n}: {json.dumps(record[n])}" for n in VERDICTS if record.get(n) in (False, 0) and n in record), "")


def _parts(value: Any, path: list[str]) -> Iterator[dict[str, Any]]:
    if not path:
        if isinstance(value, dict):
            yield value
        return
    if isinstance(value, dict):
        inner = value.get(path[0].removesuffix("[]"))
        items = listed(inner) if path[0].endswith("[]") else [inner]
        for item in items if isinstance(items, list) else ():
            yield from _parts(item, path[1:])
