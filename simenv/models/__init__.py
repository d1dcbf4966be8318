"""Language models by name. Each client is a module with one Model in it, imported only when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from simenv.errors import ConfigError, unknown
from simenv.model import Model
from simenv.models.budget import Budget
from simenv.models.keys import NAME
from simenv.options import read
from simenv.plugins import one

CLIENTS = ("anthropic", "cassette", "openai", "scripted", "transformers")
PIP = {
    "openai": "'openai>=3,<4'",
    "anthropic": "'anthropic>=2,<3'",
    "torch": "'simenv[train]'",
    "transformers": "'simenv[train]'",
    "peft": "'simenv[train]'",
}
"""What to install where a client's package is missing."""


def connect(name: str, options: Mapping[str, Any] | None = None, *, budget: float | Budget | None = None) -> Model:
    """A model, ready to be asked: `connect("openai", {"model": "gpt-4o-mini"}, budget=5.0)`.

    `name` is one of CLIENTS or the dotted path of a module with one Model in it. `budget` is a spend cap in US dollars;
    pass one Budget to several models to share it. ConfigError: unknown name, bad option, no key, package not installed.
    """
    client = load(name)
    cap = Budget(budget) if isinstance(budget, int | float) else budget
    return client(settings(client, options or {}, f"model {name}"), cap)  # type: ignore[call-arg]


def load(name: str) -> type[Model]:
    """The class of a client by name, imported now."""
    if name not in CLIENTS and "." not in name:
        raise ConfigError(unknown("model client", name, CLIENTS))
    path = name if "." in name else f"{__name__}.clients.{name}"
    try:
        return one(import_module(path), Model)  # type: ignore[type-abstract]
    except ModuleNotFoundError as e:
        missing = (e.name or "").partition(".")[0]
        if e.name and (path == e.name or path.startswith(f"{e.name}.")):
            raise ConfigError(f"model client {name!r}: there is no module {e.name}") from e
        raise ConfigError(
            f"model client {name!r} needs the package {missing}: pip install {PIP.get(missing, missing)}"
        ) from e


def settings(client: type[Model], options: Mapping[str, Any], where: str) -> Any:
    """A client's options, read. A key given by mistake in place of a variable's name is not repeated in the error."""
    shape = client.Options  # type: ignore[attr-defined]
    for option in options:
        if option not in shape.model_fields:
            raise ConfigError(f"{where}: {unknown('option', str(option), shape.model_fields)}")
    try:
        return read(shape, dict(options), where)
    except ConfigError:
        variable = options.get("api_key_env")
        if variable is None or re.match(NAME, str(variable)):
            raise
    raise ConfigError(
        f"{where}.api_key_env: expected the name of an environment variable (capitals, digits, _), not the key itself; "
        "what was given is not shown"
    )
