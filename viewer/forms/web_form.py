"""Which web searches are installed, the variables that hold their keys, and the options that they share."""

from __future__ import annotations

from importlib.util import find_spec
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from simenv import plugins
from simenv.options import Options

KEYS = {"serpapi": "SERPAPI_API_KEY", "tavily": "TAVILY_API_KEY"}
"""The environment variables in which the providers' clients look for their keys."""


def installed() -> list[str]:
    """The providers whose packages are installed here."""
    return [name for name in KEYS if find_spec(name) is not None]


def world_options() -> type[Options]:
    """The options of the search environment's world."""
    return getattr(plugins.environment("search").world, "Options", Options)


def options() -> dict[str, FieldInfo]:
    """The options of a web search, by name, as the search environment declares them."""
    annotation = world_options().model_fields["web"].annotation
    shape = next(t for t in get_args(annotation) if isinstance(t, type) and issubclass(t, BaseModel))
    return shape.model_fields
