"""What the data between the stages is made of: frozen records, and text that can always be written."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Data(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def absent(value: Any) -> bool:
    """Whether a field is left out of every file and request, for it says nothing: `Field(exclude_if=absent)`."""
    return not value


def _whole(text: Any) -> Any:
    """Lone surrogates, which models produce and UTF-8 cannot hold, become question marks."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) and not text.isascii() else text


def _whole_values(value: Any) -> Any:
    """JSON with `_whole` texts and keys; what is whole, or no JSON, comes back as it is."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return value
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return value


Text = Annotated[str, BeforeValidator(_whole)]
"""Text of an agent, a model or a world: any, but always writable."""
Values = Annotated[dict[str, Any], BeforeValidator(_whole_values)]
"""A JSON object of an agent, a model or a world: any, but always writable."""
