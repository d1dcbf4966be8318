"""Options as a form shows them, and what was filled in as the words of a command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import yaml
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simenv.errors import ConfigError

STEP = 1e-6
"""How far a number stays from a bound that is not allowed."""


class Entry(NamedTuple):
    """One field of a form. `choices` are what can be chosen, one or several; several without choices are texts of any kind.
    `empty`: it may be left empty."""

    name: str
    kind: Literal["switch", "whole", "number", "one", "several", "text", "yaml"]
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    empty: bool = False


def entries(shape: type[BaseModel], leave: tuple[str, ...] = ()) -> list[Entry]:
    """The fields of a model as entries; nested ones are given as YAML."""
    return [entry(name, field) for name, field in shape.model_fields.items() if name not in leave]


def entry(name: str, field: FieldInfo) -> Entry:
    """One field: what it takes, its bounds, its help."""
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    help = " ".join((field.description or "").split())
    kind, choices, empty = _kind(field.annotation)
    low, high = _bounds(field, 1 if kind == "whole" else STEP)
    return Entry(name, kind, default, help, low, high, choices, empty)


def _kind(annotation: Any) -> tuple[Any, tuple[str, ...], bool]:
    of, args = get_origin(annotation), get_args(annotation)
    if NoneType in args:
        rest = [a for a in args if a is not NoneType]
        return (*_kind(rest[0])[:2], True) if len(rest) == 1 else ("yaml", (), True)
    if of is Literal:
        return "one", tuple(map(str, args)), False
    if of is tuple and get_origin(args[0]) is Literal:
        return "several", tuple(map(str, get_args(args[0]))), False
    if of is tuple and args == (str, ...):
        return "several", (), False
    return {bool: "switch", int: "whole", float: "number", str: "text"}.get(annotation, "yaml"), (), False


def _bounds(field: FieldInfo, step: float) -> tuple[float | None, float | None]:
    low = high = None
    for bound in field.metadata:
        if isinstance(bound, Ge):
            low = bound.ge
        elif isinstance(bound, Gt):
            low = bound.gt + step  # type: ignore[operator]
        elif isinstance(bound, Le):
            high = bound.le
        elif isinstance(bound, Lt):
            high = bound.lt - step  # type: ignore[operator]
    return low, high  # type: ignore[return-value]


def changed(entry: Entry, value: Any) -> bool:
    """Whether a value is another than the default; a list is no other than a tuple."""
    return bool(_plain(value) != _plain(entry.default))


def parsed(entry: Entry, text: str) -> Any:
    """What was typed for an entry that takes YAML; ConfigError names it."""
    try:
        return yaml.safe_load(text) if text.strip() else entry.default
    except yaml.YAMLError as e:
        raise ConfigError(f"{entry.name}: not a YAML value: {text[:80]!r}") from e


def as_yaml(value: Any) -> str:
    """A value as it would be typed."""
    return "" if value is None else json.dumps(_plain(value), ensure_ascii=False)


def words(settings: Mapping[str, Any]) -> list[str]:
    """KEY=VALUE for each setting that is not None; a value is read back as what it was."""
    return [f"{key}={_value(value)}" for key, value in settings.items() if value is not None]


def _value(value: Any) -> str:
    """A value as YAML on one line, without quotation marks where it needs none."""
    value = _plain(value)
    return value if isinstance(value, str) and _read(value) == value else _flow(value)


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):  # the latter for dates that are none
        return None


def _flow(value: Any) -> str:
    quoted = '"' if isinstance(value, str) else None
    text = yaml.safe_dump(value, default_flow_style=True, default_style=quoted, width=10**9, sort_keys=False)
    return str(text).removesuffix("...\n").strip()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
