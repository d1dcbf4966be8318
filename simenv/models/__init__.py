"""Language models by name. Each client is a module with one Model in it, imported only when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from simenv import plugins
from simenv.errors import ConfigError, unknown
from simenv.model import Model
from simenv.models.budget import Budget
from simenv.models.keys import NAME
from simenv.options import read


def connect(name: str, options: Mapping[str, Any] | None = None, *, budget: float | Budget | None = None) -> Model:
    """A model, ready to be asked: `connect("openai", {"model": "gpt-4o-mini"}, budget=5.0)`.

    `name` is a model client's, or the dotted path of a module with one Model in it. `budget` is a spend cap in US dollars;
    pass one Budget to several models to share it. ConfigError: unknown name, bad option, no key, package not installed.
    """
    client = plugins.load("models", name)
    cap = Budget(budget) if isinstance(budget, int | float) else budget
    return client(settings(client, options or {}, f"model {name}"), cap)


def settings(client: type[Any], options: Mapping[str, Any], where: str) -> Any:
    """A client's options, read. A key given by mistake in place of a variable's name is not repeated in the error."""
    shape = client.Options
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
