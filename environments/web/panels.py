"""The site as a person sees it: the page that the tab is on, and the records behind it."""

from __future__ import annotations

from typing import Any

from simenv.panel import Note, Page, Panel, Table

from .site import Request, Site


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    state = {**facts["site"], "note": facts["note"]}
    answer, _ = Site(spec).handle(state, Request.of("GET", facts["url"]))
    tables = tuple(_table(name, records) for name, records in sorted(state["tables"].items()) if records)
    rest = {"cart": state["cart"], "user": state["user"], "fields": facts["fields"]}
    return (Page(title=facts["url"], html=answer.html), *tables, Note(title="visitor", value=rest))


def _table(name: str, records: list[dict[str, Any]]) -> Table:
    columns = tuple(dict.fromkeys(key for record in records for key in record))
    return Table(title=name, columns=columns, rows=tuple(tuple(r.get(c) for c in columns) for r in records))
