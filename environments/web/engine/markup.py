"""HTML from data: every text and attribute is escaped here, and nowhere is a template run over what a spec says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
"""Elements without an end tag (HTML Living Standard, 13.1.2)."""


class Markup(str):
    """HTML that is already safe to put into a page."""


def el(tag: str, *inner: str, **attributes: Any) -> Markup:
    """An element. Plain strings are escaped; `class_` and `for_` lose their underscore; None and False leave out."""
    opened = f"<{tag}"
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        if "_" in name:
            name = name.rstrip("_").replace("_", "-")
        opened += f" {name}" if value is True else f' {name}="{escape(str(value))}"'
    return Markup(f"{opened}>" if tag in VOID else f"{opened}>{join(inner)}</{tag}>")


def join(parts: Iterable[str]) -> Markup:
    """One piece of HTML of many; plain strings are escaped."""
    return Markup("".join([p if isinstance(p, Markup) else escape(str(p), quote=False) for p in parts]))


def href(path: str, query: Mapping[str, Any] | None = None) -> str:
    """An address on the site; empty values are left out."""
    if not query:
        return path
    pairs = urlencode([(k, v) for k, v in query.items() if v not in ("", None)])
    return f"{path}?{pairs}" if pairs else path


def link(label: str, path: str, query: Mapping[str, Any] | None = None, **attributes: Any) -> Markup:
    return el("a", label, href=href(path, query), **attributes)


def button(label: str, path: str, hidden: Mapping[str, Any], **attributes: Any) -> Markup:
    """A form with one button, for what changes something without asking."""
    values = [el("input", type="hidden", name=k, value=v) for k, v in hidden.items()]
    return el("form", *values, el("button", label, type="submit", **attributes), method="post", action=path)


def money(value: float) -> str:
    return f"${value:,.2f}"


def select(name: str, options: Iterable[tuple[str, str]], chosen: str, **attributes: Any) -> Markup:
    """A list of (value, label) to choose from."""
    shown = [el("option", label, value=value, selected=value == chosen) for value, label in options]
    return el("select", *shown, name=name, **attributes)
