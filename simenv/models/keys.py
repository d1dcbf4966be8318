"""Keys come from the environment by the name of their variable, and leave this process only in a request's header."""

from __future__ import annotations

import os
import re
from typing import Annotated

from pydantic import Field

from simenv.errors import ConfigError
from simenv.redaction import SHORTEST
from simenv.trust import Verdict

NAME = r"^[A-Z_][A-Z0-9_]{0,63}$"


def _is_no_name(value: str) -> bool:
    """Whether it is refused anyway, and not shown, as it may be a key."""
    return re.match(NAME, value) is None


Variable = Annotated[
    str,
    Field(pattern=NAME),
    Verdict("sent", "is a variable of your environment whose value would be sent as a key", _is_no_name),
]
"""The name of an environment variable, which no key looks like."""
Address = Annotated[
    str,
    Field(pattern=r"^https?://"),
    Verdict("sent", "is an address that chats, and the key of your environment, would be sent to"),
]
BLOT = "[key]"
PLACEHOLDER = "none"
"""Sent to servers of one's own, which ask for no key."""


def key(variable: str, base_url: str | None) -> str:
    """The key; ConfigError where it is not set and the provider's own servers want one."""
    value = os.environ.get(variable, "").strip()
    if not value and base_url is None:
        raise ConfigError(f"no key: set the environment variable {variable}, or base_url for a server that needs none")
    return value or PLACEHOLDER


def blot(text: str, secret: str) -> str:
    """A server's text with the key blotted out, should it quote it. A plain word, and a part of a word, is no key."""
    if secret == PLACEHOLDER or not secret:
        return text
    if len(secret) >= SHORTEST:
        return text.replace(secret, BLOT)
    return text if secret.isalpha() else re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", BLOT, text)
