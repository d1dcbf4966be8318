"""The arguments of an action as fields of a form, from its JSON Schema, and what was typed into them as an agent's turn."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from simenv.dialects import Dialect
from simenv.documents import parse
from simenv.errors import Unreadable
from simenv.types import Action, Move, Turn

Kind = Literal["text", "choice", "whole", "number", "flag", "json"]
_KINDS: dict[str, Kind] = {"string": "text", "integer": "whole", "number": "number", "boolean": "flag"}


class ActionField(NamedTuple):
    """One argument as a field. `options` are the only values of a "choice" and suggestions for a "text"; `about` is help."""

    name: str
    kind: Kind
    required: bool
    default: Any = None
    options: tuple[Any, ...] = ()
    about: str = ""


def action_fields(schema: dict[str, Any], choices: tuple[str, ...] = ()) -> list[ActionField]:
    """The fields of an action by the JSON Schema of its arguments.

    `choices` are the inputs that the world accepts now; they become suggestions where the only argument is a text.
    """
    properties, required = schema.get("properties", {}), set(schema.get("required", ()))
    fields = [_field(name, p, name in required) for name, p in properties.items()]
    if len(fields) == 1 and fields[0].kind == "text" and choices:
        return [fields[0]._replace(options=choices)]
    return fields


def _field(name: str, p: dict[str, Any], required: bool) -> ActionField:
    if "enum" in p:
        return ActionField(name, "choice", required, p.get("default"), tuple(p["enum"]), p.get("description", ""))
    return ActionField(
        name, _KINDS.get(p.get("type", ""), "json"), required, p.get("default"), (), p.get("description", "")
    )


def parse_value(field: ActionField, raw: Any) -> Any:
    """The value of what was typed into a field. Only a "json" field is parsed; text there that is not JSON stands for itself,
    but ConfigError where it begins like a list or an object."""
    if field.kind != "json" or not isinstance(raw, str):
        return raw
    try:
        return parse(raw, field.name)
    except Unreadable:
        if raw.lstrip()[:1] in ("[", "{"):
            raise
        return raw


def write_turn(dialect: Dialect, turn: int, name: str, raw: dict[str, Any], thought: str = "") -> Turn:
    """An agent's turn in this dialect: the thought, and the action `name` with what was typed into its fields.

    Empty fields are left out unless they are required. ConfigError for a list or an object that is not JSON.
    """
    arguments = {}
    for field in action_fields(dialect.actions[name].schema):
        value = parse_value(field, raw.get(field.name))
        if value not in (None, "") or field.required:
            arguments[field.name] = "" if value is None else value
    reply = dialect.render(Move(thought=thought, action=Action(name=name, arguments=arguments)), turn)
    return Turn(**dict(reply))
