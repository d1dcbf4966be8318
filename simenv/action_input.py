"""Reads an action's input as models write it: JSON, Python literals, code blocks, pairs, lists, calls or a bare value."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any

from simenv.errors import InvalidAction
from simenv.reply_text import first_fence
from simenv.world import ActionSpec


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(strict=False, parse_constant=_refuse_constant)
_LITERAL = 20_000
"""Characters of a Python literal that are read."""
_SCALARS = frozenset('-0123456789"tfn')
"""What a JSON scalar begins with."""
_OPEN = {"{": "}", "[": "]", "(": ")"}
_PAIR = re.compile(r"\s*[\"'`*]*(\w+)[\"'`*]*\s*[:=]\s*(.+?)\s*", re.S)
_SENTENCE = re.compile(r"[A-Z][^;{}$|=<>\\`]*[a-z)][.!?:]")
_COMMAND = re.compile(r"[a-z][\w]*(?: \w+)+\.")
"""A command in plain words with a full stop, which is no part of it."""
_INTRODUCTION = re.compile(r"[^\n;{}$|=<>`]*:\s*")


def read_arguments(spec: ActionSpec, text: str) -> dict[str, Any]:
    """The arguments of an action. Prose after a whole value is not read. InvalidAction for what is no input of it."""
    text = text.strip()
    if not spec.parameters:
        return value if isinstance(value := leading_value(text), dict) else {}
    if isinstance(value := leading_value(text), dict):
        return _fitted(spec, value)
    if (fence := first_fence(text)) and (not fence[0] or _INTRODUCTION.fullmatch(fence[0])):
        return _of_block(spec, fence[1])
    if len(spec.parameters) == 1:
        return _single(spec, spec.parameters[0], text, value)
    return _several(spec, text, value)


def read_call(spec: ActionSpec, text: str) -> dict[str, Any]:
    """The arguments in `(…)` after an action's name, by place or by name. `text` begins behind the bracket."""
    inside = text[: _end(text, ")")].strip()
    parts = list(_split(inside))
    if isinstance(leading_value(inside), dict) or not inside:
        return read_arguments(spec, inside)
    named = [_named_part(spec, part) for part in parts]
    if all(named):
        return {key: _scalar(spec, key, value) for key, value in filter(None, named)}
    if len(spec.parameters) == 1:
        return read_arguments(spec, inside)
    return _by_place(spec, inside)


def takes_text(spec: ActionSpec) -> bool:
    """Whether the action takes one text and nothing else."""
    return len(spec.parameters) == 1 and _schema(spec, spec.parameters[0]).get("type") == "string"


def _schema(spec: ActionSpec, parameter: str) -> dict[str, Any]:
    schema: dict[str, Any] = spec.schema["properties"][parameter]
    return schema


def _of_block(spec: ActionSpec, block: str) -> dict[str, Any]:
    value = leading_value(block)
    if isinstance(value, dict):
        return _fitted(spec, value)
    if takes_text(spec):
        return {spec.parameters[0]: block}
    return read_arguments(spec, block) if "```" not in block else _several(spec, block, value)


def _fitted(spec: ActionSpec, value: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object in the types of the schema: an unknown name of an only text, numbers for texts."""
    if takes_text(spec) and len(value) == 1 and not set(value) & set(spec.parameters):
        value = {spec.parameters[0]: next(iter(value.values()))}
    return {k: _cast(_schema(spec, k), v) if k in spec.parameters else v for k, v in value.items()}


def _cast(schema: dict[str, Any], value: Any) -> Any:
    kind = schema.get("type")
    if kind == "string" and isinstance(value, int | float):
        return json.dumps(value)
    if kind == "array":
        items = value if isinstance(value, list) else [value]
        return [_cast(schema.get("items", {}), item) for item in items]
    return value


def _single(spec: ActionSpec, parameter: str, text: str, value: Any) -> dict[str, Any]:
    """The input of an action with one parameter."""
    schema = _schema(spec, parameter)
    if not text and parameter not in spec.schema.get("required", ()):
        return {}
    if schema.get("type") == "string":
        value = _bare(_unnamed(parameter, text))
        return {parameter: value[:-1] if not spec.submit and _COMMAND.fullmatch(value) else value}
    if schema.get("type") == "array":
        return {parameter: _cast(schema, value if isinstance(value, list) else _bare(text))}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    elif value is None and (pair := _PAIR.fullmatch(text)) and (pair[1] == parameter or _number(pair[2]) is not None):
        value = _value(pair[2])
    return {parameter: _value(_bare(text)) if value is None else value}


def _several(spec: ActionSpec, text: str, value: Any) -> dict[str, Any]:
    """The input of an action with several parameters that is no object."""
    lines = [line for line in text.splitlines() if line.strip()]
    for parts in sorted((lines, list(_split(text))), key=len, reverse=True):
        named = [_named_part(spec, part) for part in parts]
        if parts and all(named):
            return {key: _scalar(spec, key, value) for key, value in filter(None, named)}
    if isinstance(value, list) and len(value) == len(spec.parameters):
        return {k: _cast(_schema(spec, k), v) for k, v in zip(spec.parameters, value, strict=True)}
    return _by_place(spec, lines[0] if lines else "")


def _by_place(spec: ActionSpec, text: str) -> dict[str, Any]:
    """One part for each parameter; the last parameter, if it is a text, takes what is left."""
    takes_rest = _schema(spec, spec.parameters[-1]).get("type") == "string"
    parts = list(_split(text, len(spec.parameters) if takes_rest else None))
    if len(parts) != len(spec.parameters):
        raise InvalidAction(f"{spec.name}: expected a JSON object with {', '.join(spec.parameters)} as Action Input")
    return {key: _scalar(spec, key, part) for key, part in zip(spec.parameters, parts, strict=True)}


def _named_part(spec: ActionSpec, part: str) -> tuple[str, str] | None:
    pair = _PAIR.fullmatch(part)
    return (pair[1], pair[2].rstrip(",")) if pair and pair[1] in spec.parameters else None


def _unnamed(parameter: str, text: str) -> str:
    """The quoted value of `parameter="…"`; any other text as it is."""
    pair = _PAIR.fullmatch(text)
    return pair[2] if pair and pair[1] == parameter and pair[2][0] in "\"'" else text


def _scalar(spec: ActionSpec, parameter: str, text: str) -> Any:
    """A part of a text in the type of its parameter."""
    schema = _schema(spec, parameter)
    return _bare(text) if schema.get("type") == "string" else _cast(schema, _value(_bare(text)))


def _value(text: str) -> Any:
    """A JSON number, list or literal; any other text as it is."""
    try:
        return _decoded(text)
    except (ValueError, RecursionError):
        return text.strip("\"'")


def _decoded(text: str, *, whole: bool = True) -> Any:
    """JSON, in the whole text or at its beginning. ValueError for NaN and half a surrogate pair, which nothing can store."""
    value, end = _DECODER.raw_decode(text)
    if whole and text[end:].strip():
        raise ValueError("more than JSON")
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _bare(text: str) -> str:
    """A text without the quotes around it, or the prose behind it."""
    paragraphs = re.split(r"\n[ \t]*\n", text.strip())
    while len(paragraphs) > 1 and _SENTENCE.fullmatch(paragraphs[-1].strip()) and not _is_sentence(paragraphs[0]):
        paragraphs.pop()
    text = "\n\n".join(paragraphs) if len(paragraphs) > 1 else paragraphs[0].strip()
    if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'`":
        return text
    if text[0] == '"':
        return value if isinstance(value := _value(text), str) and value != text.strip("\"'") else _inside(text)
    return _inside(text)


def _inside(text: str) -> str:
    return text if text[0] in text[1:-1] else text[1:-1]


def _is_sentence(text: str) -> bool:
    return _SENTENCE.fullmatch(text.strip()) is not None


def leading_value(text: str) -> Any:
    """The object or list that a text begins with, as JSON or as Python; a scalar if it is the whole text. None without."""
    if text[:1] not in ("{", "["):
        return _scalar_text(text)
    try:
        return _decoded(text, whole=False)
    except (ValueError, RecursionError):
        return _literal(text[: _end(text[1:], _OPEN[text[0]]) + 2])


def _scalar_text(text: str) -> Any:
    if text[:1] not in _SCALARS:
        return None
    try:
        return _decoded(text)
    except (ValueError, RecursionError):
        return None


def _literal(text: str) -> Any:
    """A Python literal of JSON's types; None for anything else."""
    if len(text) > _LITERAL:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decoded(json.dumps(ast.literal_eval(text)))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _end(text: str, closing: str) -> int:
    """Where the bracket that stands before a text is closed; its length if nowhere."""
    depth = 0
    for position, char in _code(text):
        if char == closing and not depth:
            return position
        depth += (char in _OPEN) - (char in ")]}")
    return len(text)


def _split(text: str, count: int | None = None) -> Iterator[str]:
    """The parts between commas that stand in no quotes and brackets; the last of `count` parts takes the rest."""
    depth, start, number = 0, 0, 1
    for position, char in _code(text):
        depth += (char in _OPEN) - (char in ")]}")
        if char == "," and depth <= 0 and number != count:
            yield text[start:position].strip()
            start, number = position + 1, number + 1
    if text[start:].strip():
        yield text[start:].strip()


def _code(text: str) -> Iterator[tuple[int, str]]:
    """The characters of a text, with their places, that stand in no quotes."""
    quote, escaped = "", False
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote and not escaped else quote
            escaped = char == "\\" and not escaped
        elif char in "\"'" and not text[position - 1 : position].isalnum():
            quote = char
        else:
            yield position, char
