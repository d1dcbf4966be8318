"""The options of a pydantic model as fields of a form, and the values of a form as KEY=VALUE arguments of a command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simenv import documents
from simenv.errors import ConfigError

STEP = 1e-6
"""How far a number field stays from a bound that its option excludes."""


class OptionField(NamedTuple):
    """One option as a field of a form.

    `low` and `high` bound a number. `choices` are the values to choose from; "several" without choices takes any texts.
    `empty`: it may be left empty, which means None.
    """

    name: str
    kind: Literal["switch", "whole", "number", "one", "several", "text", "yaml"]
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    empty: bool = False


def option_fields(shape: type[BaseModel], without: tuple[str, ...] = ()) -> list[OptionField]:
    """The fields of a model, those named in `without` left out; a nested model is a field that takes YAML."""
    return [option_field(name, field) for name, field in shape.model_fields.items() if name not in without]


def option_field(name: str, field: FieldInfo) -> OptionField:
    """One field of a model: what it takes, its bounds, its help."""
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    help = " ".join((field.description or "").split())
    kind, choices, empty = _kind(field.annotation)
    low, high = _bounds(field, 1 if kind == "whole" else STEP)
    return OptionField(name, kind, default, help, low, high, choices, empty)


def _kind(annotation: Any) -> tuple[Any, tuple[str, ...], bool]:
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    origin, args = get_origin(annotation), get_args(annotation)
    if NoneType in args:
        inner_types = [a for a in args if a is not NoneType]
        return (*_kind(inner_types[0])[:2], True) if len(inner_types) == 1 else ("yaml", (), True)
    if origin is Literal:
        return "one", tuple(map(str, args)), False
    if origin is tuple and get_origin(args[0]) is Literal:
        return "several", tuple(map(str, get_args(args[0]))), False
    if origin is tuple and _kind(args[0])[0] == "text":
        return "several", (), False
    return {bool: "switch", int: "whole", float: "number", str: "text"}.get(annotation, "yaml"), (), False


def _bounds(field: FieldInfo, step: float) -> tuple[float | None, float | None]:
    low = high = None
    for constraint in field.metadata:
        if isinstance(constraint, Ge):
            low = constraint.ge
        elif isinstance(constraint, Gt):
            low = constraint.gt + step  # type: ignore[operator]
        elif isinstance(constraint, Le):
            high = constraint.le
        elif isinstance(constraint, Lt):
            high = constraint.lt - step  # type: ignore[operator]
    return low, high  # type: ignore[return-value]


def is_changed(option: OptionField, value: Any) -> bool:
    """Whether a value differs from the default; a list equals the tuple of its items."""
    return bool(_plain(value) != _plain(option.default))


def parse_yaml(option: OptionField, text: str) -> Any:
    """The value of what was typed into a field that takes YAML; ConfigError, with the field's name, where it is not YAML."""
    try:
        return documents.parse_yaml(text) if text.strip() else option.default
    except documents.YamlError as e:
        raise ConfigError(f"{option.name}: not a YAML value: {text[:80]!r}: {e}") from e


def as_yaml(value: Any) -> str:
    """A value as it would be typed into a field that takes YAML; '' for None."""
    return "" if value is None else json.dumps(_plain(value), ensure_ascii=False)


def arguments(settings: Mapping[str, Any]) -> list[str]:
    """KEY=VALUE for each setting that is not None; read as YAML, VALUE is the same value again."""
    return [f"{key}={_value(value)}" for key, value in settings.items() if value is not None]


def _value(value: Any) -> str:
    """A value as YAML on one line, without quotation marks where it needs none."""
    plain = _plain(value)
    return plain if isinstance(plain, str) and _read(plain) == plain else _flow(plain)


def _read(text: str) -> Any:
    try:
        return documents.parse_yaml(text)
    except documents.YamlError:
        return None


def _flow(value: Any) -> str:
    style = '"' if isinstance(value, str) else None
    text = yaml.safe_dump(value, default_flow_style=True, default_style=style, width=10**9, sort_keys=False)
    return str(text).removesuffix("...\n").strip()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
