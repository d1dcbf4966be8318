"""Builds HTML from data. Every text and attribute is escaped here; texts of a spec are never used as templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
"""Elements without an end tag (HTML Living Standard, 13.1.2)."""


class Markup(str):
    """HTML that needs no escaping."""


def el(tag: str, *inner: str, **attributes: Any) -> Markup:
    """An element. Plain strings are escaped; `class_` and `for_` lose their underscore; None and False omit an attribute."""
    start_tag = f"<{tag}"
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        if "_" in name:
            name = name.rstrip("_").replace("_", "-")
        start_tag += f" {name}" if value is True else f' {name}="{escape(str(value))}"'
    return Markup(f"{start_tag}>" if tag in VOID else f"{start_tag}>{join(inner)}</{tag}>")


def join(parts: Iterable[str]) -> Markup:
    """The parts as one piece of HTML; plain strings are escaped."""
    return Markup("".join([p if isinstance(p, Markup) else escape(str(p), quote=False) for p in parts]))


def href(path: str, query: Mapping[str, Any] | None = None) -> str:
    """A path with its query; empty values are omitted."""
    if not query:
        return path
    pairs = urlencode([(k, v) for k, v in query.items() if v not in ("", None)])
    return f"{path}?{pairs}" if pairs else path


def link(label: str, path: str, query: Mapping[str, Any] | None = None, **attributes: Any) -> Markup:
    """A link to a path of the site."""
    return el("a", label, href=href(path, query), **attributes)


def post_button(label: str, path: str, data: Mapping[str, Any], **attributes: Any) -> Markup:
    """A form that posts `data` and shows a button only."""
    inputs = [el("input", type="hidden", name=k, value=v) for k, v in data.items()]
    return el("form", *inputs, el("button", label, type="submit", **attributes), method="post", action=path)


def format_price(value: float) -> str:
    """`$1,299.00`."""
    return f"${value:,.2f}"


def select(name: str, options: Iterable[tuple[str, str]], value: str, **attributes: Any) -> Markup:
    """A select element with (value, label) options."""
    items = [el("option", label, value=v, selected=v == value) for v, label in options]
    return el("select", *items, name=name, **attributes)
