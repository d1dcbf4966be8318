"""Blots secrets out of text that is shown, logged or written, and finds them where they have no place.

A secret is what stands before the `@` of an address, what a query calls a key, what follows `Bearer`, the value of an
environment variable that is named like a key, and the password in an address that an environment variable holds. Not covered:
a secret that only a file or a variable of another name holds, and one that is a plain word.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

BLOT = "[secret]"
Held = list[tuple[str, str]]
"""Secrets, and the variables that hold them."""
SHORTEST = 8
"""Characters of a variable's value that is taken for a secret; shorter ones, and plain words, would blot out honest text."""
_WORD = re.compile(r"[a-z]+|[A-Z]+|[A-Z][a-z]+")
_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?|LOGIN|DSN)(_\w+)?$")
_LOGIN = re.compile(r"(?<=://)(?:[^\s/?#'\"<>]{0,256}|[^\s/?#'\"<>@:]{1,64}:(?!\d{1,5}/)[^\s'\"<>@]{0,256})@")
"""What stands before the host, up to the last @ before the path; a / is taken for a password's, unless it ends a port.

All patterns are bounded, so that the time is linear in the text, which agents may have written.
"""
_PASSWORD = re.compile(r"://[^\s:/@]{0,64}:(?!\d{1,5}/)([^\s@]{1,256}(?:@[^\s/?#@]{1,64}){0,4})@")
_QUERY = re.compile(r"([?&;][\w.-]{0,32}?(?:key|token|secret|password|passwd|pwd|signature|sig)=)[^&\s#'\"<>]+", re.I)
_HEADER = re.compile(r"\b([Bb]earer|[Bb]asic)\s{1,9}(?=\S{0,256}?[A-Z0-9_=/+]|\S{1,256}?\.\w)[A-Za-z0-9._~+/=-]{8,}")
_KEY = re.compile(r"\bsk-[A-Za-z0-9_*-]{8,}")


def redact(text: str) -> str:
    """The text without its secrets; text that holds none is unchanged."""
    for value, _ in _held():
        text = text.replace(value, BLOT)
    text = _QUERY.sub(rf"\1{BLOT}", _LOGIN.sub(f"{BLOT}@", text))
    return _KEY.sub(BLOT, _HEADER.sub(rf"\1 {BLOT}", text))


def secret_in(value: Any, place: str = "") -> tuple[str, str] | None:
    """The first secret in a value of settings: its place (`model.base_url`) and what it is, in words; None for none."""
    return _search(value, place, _held())


def _search(value: Any, place: str, held: Held) -> tuple[str, str] | None:
    if isinstance(value, str):
        what = _what(value, held)
        return (place, what) if what else None
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    results = (_search(inner, f"{place}.{key}".lstrip("."), held) for key, inner in items)
    return next((r for r in results if r), None)


def _what(text: str, held: Held) -> str:
    if _PASSWORD.search(text):
        return "an address with a password"
    if _QUERY.search(text) and "://" in text:
        return "an address with a key"
    return next((f"the value of the environment variable {name}" for value, name in held if value in text), "")


def _held() -> Held:
    """The secrets of this process's environment, in each spelling, and the variables that hold them; the longest first."""
    values = {
        spelling: name
        for name, value in os.environ.items()
        for secret in _secrets(name, value.strip())
        for spelling in (secret, unquote(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1])
        if len(spelling) >= SHORTEST and not _WORD.fullmatch(spelling)
    }
    return sorted(values.items(), key=lambda item: -len(item[0]))


def _secrets(name: str, value: str) -> Iterator[str]:
    # Neither the path of a key's file nor the name of another variable is one.
    if _NAME.search(name.upper()) and value not in os.environ and not os.path.exists(value):
        yield value
    yield from _PASSWORD.findall(value)
