"""What tokens cost: a table that users extend with a file of their own, never fetched."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from simenv.documents import yaml_file
from simenv.errors import ConfigError, Unreadable
from simenv.options import explain_validation
from simenv.types import Data

TABLE = Path(__file__).with_name("prices.yaml")
DATED = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$")


class Price(Data):
    """US dollars per million tokens. `cached` and `written` (input read from, put into a cache) default to `input`."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    written: float | None = Field(default=None, ge=0)

    def cost(self, input: int, output: int, cached: int = 0, written: int = 0) -> float:
        """US dollars of one call; `input` counts the tokens that are neither cached nor written."""
        read = self.input if self.cached is None else self.cached
        write = self.input if self.written is None else self.written
        return (input * self.input + output * self.output + cached * read + written * write) / 1e6


FREE = Price(input=0, output=0)


@lru_cache(maxsize=8)
def table(path: Path = TABLE) -> dict[str, Price]:
    """The prices in a YAML file: model name to Price. ConfigError where it cannot be read."""
    try:
        return TypeAdapter(dict[str, Price]).validate_python(yaml_file(path) or {})
    except Unreadable as e:
        raise ConfigError(f"prices {e}") from e
    except ValidationError as e:
        raise ConfigError(explain_validation(e, f"prices {path}", value=True)) from e


def price(model: str, extra: Path | None = None) -> Price | None:
    """The price of a model, from the user's own file first; None where neither knows it, dated or undated."""
    names = (model, DATED.sub("", model))
    tables = ([table(extra)] if extra else []) + [table()]
    return next((prices[name] for prices in tables for name in names if name in prices), None)
