"""What a file may name: texts that know which file they came from, and types of options that act on what they are given.

A run folder, and whatever else somebody may have been sent, only chooses among what is installed. Texts of such a file are
`ForeignText`, made in one place (`foreign`); an option that imports, opens, renders or sends what it is given has a type with
a `Verdict`, which refuses a foreign text. Values that the user names (`--trust VALUE`) are plain texts and pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simenv.documents import json_file
from simenv.errors import ConfigError, Unreadable

_LIBRARIES = ("", "peft", "transformers")
Use = Literal["imported", "opened", "rendered", "sent"]


class ForeignText(str):
    """A text of a file that somebody may have been sent; `origin` is the file."""

    origin: Path

    def __new__(cls, text: str, origin: Path) -> ForeignText:
        self = super().__new__(cls, text)
        self.origin = origin
        return self

    def __getnewargs__(self) -> tuple[str, Path]:  # type: ignore[override]
        return str(self), self.origin


def foreign(value: Any, origin: Path, trust: Collection[str] = ()) -> Any:
    """Settings that a file holds, their texts and keys marked with the file, but for the values that the user trusts."""
    if isinstance(value, str):
        return value if {value, shown(value)} & set(trust) else ForeignText(value, origin)
    if isinstance(value, dict):
        return {foreign(k, origin, trust): foreign(v, origin, trust) for k, v in value.items()}
    return [foreign(v, origin, trust) for v in value] if isinstance(value, list | tuple) else value


def shown(value: str) -> str:
    """A value as messages show it: an address without the password in it."""
    return re.sub(r"//[^/@]*@", "//", value)


class Refusal(NamedTuple):
    """One value of a foreign file that was not acted on: its option, the file, and what would be done with it."""

    value: str
    place: str
    origin: Path
    effect: str

    def __str__(self) -> str:
        return (
            f"{self.origin}: {self.place}: {self.value!r:.200} {self.effect}, and a file that may have been sent to you only "
            f"chooses among what is installed; if you know it, allow it with --trust (in Python trust=[…])"
        )


class NotTrusted(ValueError):
    """A foreign text where an option acts on what it is given; `options.read` makes an Untrusted of it."""

    def __init__(self, value: ForeignText, effect: str) -> None:
        super().__init__(f"{value!r} {effect}")
        self.value, self.origin, self.effect = shown(value), value.origin, effect

    def refusal(self, place: str) -> Refusal:
        """The same with the place of the option."""
        return Refusal(self.value, place, self.origin, self.effect)


def _never(value: ForeignText) -> bool:
    return False


@dataclass(frozen=True)
class Verdict:
    """Makes a type of an option refuse foreign texts: `Annotated[str, Verdict("imported", "would be imported")]`.

    `effect` says what would be done with the value; `allows` tells foreign texts that are harmless.
    """

    use: Use
    effect: str
    allows: Callable[[ForeignText], bool] = _never

    def check(self, value: Any) -> Any:
        """The value; NotTrusted if it is a foreign text that is not harmless, or a mapping with such a key."""
        if isinstance(value, dict):
            for key in value:
                self.check(key)
        if isinstance(value, ForeignText) and value and not self.allows(value):
            raise NotTrusted(value, self.effect)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))


def _has_no_dot(value: ForeignText) -> bool:
    return "." not in value


def _lies_beside(value: ForeignText) -> bool:
    """Whether a path leads to something in the folder of the file that names it."""
    try:
        return Path(value).resolve().is_relative_to(value.origin.parent.resolve())
    except (OSError, ValueError):
        return False


_OPENED = Verdict("opened", "would be opened, outside the folder that names it", _lies_beside)
PluginName = Annotated[str, Verdict("imported", "would be imported as a module", _has_no_dot)]
"""The name of a plugin; one with dots is the path of a module."""
FunctionPath = Annotated[str, Verdict("imported", "would be imported and called")]
"""The dotted path of a function."""
TemplatePath = Annotated[Path, Verdict("rendered", "would be rendered as a template and sent to a model")]
"""A Jinja file."""
DataPath = Annotated[Path, _OPENED]
"""A file or a folder that is read or written."""
DataName = Annotated[str, _OPENED]
"""The same as a text."""
WeightsName = Annotated[str, Verdict("opened", "would be loaded as the weights of a model")]
"""A folder or the name of a model, a tokenizer or a dataset that a library loads."""
WeightsPath = Annotated[Path, Verdict("opened", "would be loaded as the weights of a model")]
Program = Annotated[Path, Verdict("opened", "would be run as a program")]
ProgramOptions = Annotated[dict[str, Any], Verdict("opened", "is a key that a program would act on")]
"""Keys of a program's own config, handed on as they are."""
ImageName = Annotated[str, Verdict("opened", "would be fetched and run as a container")]
"""An image of containers."""
EndpointAddress = Annotated[str, Verdict("sent", "is an address that queries would be sent to")]


def refuse_modules(*folders: Path) -> None:
    """ConfigError for a folder of weights whose adapter names modules, which peft would import; an adapter is weights alone."""
    for folder in folders:
        path = folder / "adapter_config.json"
        try:
            config = json_file(path)
        except Unreadable:
            continue  # whoever loads it says what is wrong
        mapping = config.get("auto_mapping") if isinstance(config, dict) else None
        library = str(mapping.get("parent_library") or "") if isinstance(mapping, dict) else ""
        if isinstance(config, dict) and (config.get("megatron_config") or library.partition(".")[0] not in _LIBRARIES):
            raise ConfigError(
                f"{path}: it names modules to import (megatron_config, auto_mapping), which would be run; expected an adapter "
                "of weights alone"
            )
