"""Panels for people: the page that the tab shows, and the records behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from simenv.panel import Note, Page, Panel, Table

from .engine.http import Request
from .engine.server import handle
from .engine.site import Site

_STYLE = Path(__file__).parent / "engine" / "style.css"
_LINK = '<link rel="stylesheet" href="/style.css">'
"""The link in the site's own pages. The panel must not load anything, so the style replaces it."""


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """The page, the non-empty tables, and cart, user and fields; `facts` is the world's state."""
    state = {**facts["site"], "note": facts["note"]}
    answer, _ = handle(Site(spec), state, Request.of("GET", facts["url"]))
    tables = tuple(_table(name, records) for name, records in sorted(state["tables"].items()) if records)
    rest = {"cart": state["cart"], "user": state["user"], "fields": facts["fields"]}
    page = answer.html.replace(_LINK, f"<style>{_STYLE.read_text(encoding='utf-8')}</style>", 1)
    return (Page(title=facts["url"], html=page), *tables, Note(title="visitor", value=rest))


def _table(name: str, records: list[dict[str, Any]]) -> Table:
    columns = tuple(dict.fromkeys(key for record in records for key in record))
    return Table(title=name, columns=columns, rows=tuple(tuple(r.get(c) for c in columns) for r in records))
