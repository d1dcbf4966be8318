"""The fields in which a person fills in an action's arguments, from its JSON Schema, and back from what was typed."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from simenv.dialects import Dialect
from simenv.errors import ConfigError
from simenv.types import Action, Move, Turn

Kind = Literal["text", "choice", "whole", "number", "flag", "json"]
_KINDS: dict[str, Kind] = {"string": "text", "integer": "whole", "number": "number", "boolean": "flag"}


class Field(NamedTuple):
    """One argument. `options`: the only values there are, or (of a text) some that can be done now."""

    name: str
    kind: Kind
    required: bool
    default: Any = None
    options: tuple[Any, ...] = ()
    about: str = ""


def fields(schema: dict[str, Any], choices: tuple[str, ...] = ()) -> list[Field]:
    """The fields of an action. `choices` are what the world says can be done now, where its only argument is a text."""
    properties, required = schema.get("properties", {}), set(schema.get("required", ()))
    made = [_field(name, p, name in required) for name, p in properties.items()]
    if len(made) == 1 and made[0].kind == "text" and choices:
        return [made[0]._replace(options=choices)]
    return made


def _field(name: str, p: dict[str, Any], required: bool) -> Field:
    if "enum" in p:
        return Field(name, "choice", required, p.get("default"), tuple(p["enum"]), p.get("description", ""))
    return Field(name, _KINDS.get(p.get("type", ""), "json"), required, p.get("default"), (), p.get("description", ""))


def value(field: Field, typed: Any) -> Any:
    """What was typed, as JSON. A list or an object is written as JSON; other text there stands for itself."""
    if field.kind != "json" or not isinstance(typed, str):
        return typed
    try:
        return json.loads(typed)
    except ValueError as e:
        if typed.lstrip()[:1] in ("[", "{"):
            raise ConfigError(f"{field.name}: no JSON: {e}") from e
        return typed


def move(dialect: Dialect, turn: int, name: str, typed: dict[str, Any], thought: str = "") -> Turn:
    """An action with what was typed into its fields, as an agent of this dialect would say it."""
    given = {}
    for field in fields(dialect.actions[name].schema):
        read = value(field, typed.get(field.name))
        if read not in (None, "") or field.required:
            given[field.name] = "" if read is None else read
    reply = dialect.render(Move(thought=thought, action=Action(name=name, arguments=given)), turn)
    return Turn(**dict(reply))
