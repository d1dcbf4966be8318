"""Normal forms of texts and addresses, to compare them apart from notation."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|[^\W\d_]+|[^\w\s]")
_DROPPED = frozenset("\"'“”‘’`´,.;:!…_‹›<>")


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, without plain punctuation, numbers in normal form. A sign of a currency is a word."""
    return tuple(_number(t) if t[0].isdigit() else t for t in _TOKEN.findall(text) if t not in _DROPPED)


def _number(text: str) -> str:
    plain = text.replace(",", "")
    if len(plain) > 15 or not plain.isascii():
        return plain
    return repr(float(plain)).removesuffix(".0") if "." in plain else plain


def normalise_url(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and sorted query of an address; empty values and escapes make no difference."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url, ()
    pairs = parse_qsl(parts.query[:5000], errors="replace")
    return unquote(parts.path).rstrip("/") or "/", tuple(sorted(pairs))
