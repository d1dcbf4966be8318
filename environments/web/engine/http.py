"""Requests to a site and its responses, as plain data. A browser builds requests; the server answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

ORIGIN = "https://site.example"
"""The origin of every site; no other address exists."""


@dataclass(frozen=True)
class Request:
    """One request. `path` holds no query; if a name is repeated, its last value counts."""

    method: str
    path: str
    query: Mapping[str, str]
    data: Mapping[str, str]

    @classmethod
    def of(cls, method: str, url: str, body: str = "") -> Request:
        """Build a request from a URL of the site and a form-encoded body."""
        parts = urlsplit(url)
        return cls(method, parts.path or "/", _pairs(parts.query), _pairs(body))


def _pairs(text: str) -> dict[str, str]:
    return dict(parse_qsl(text[:100_000], keep_blank_values=True, errors="replace", max_num_fields=None))


class Response(NamedTuple):
    """A page, or a redirection if `location` is set."""

    status: int
    html: str = ""
    location: str = ""


def redirect(location: str) -> Response:
    """A redirection (303 See Other) to a path of the site."""
    return Response(303, location=location)
