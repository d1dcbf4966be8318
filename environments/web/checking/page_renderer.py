"""Renders the page of any state, to recognise a page that misses an action's effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from simenv.types import canonical

from ..engine.document import BUTTONS, Document, kind
from ..engine.http import Request
from ..engine.observations import VIEWS
from ..engine.pruned_html import escape_text
from ..engine.server import handle
from ..engine.site import Site


@lru_cache(maxsize=8)
def _site(spec: str) -> Site:
    return Site(json.loads(spec))


def render_page(spec: Mapping[str, Any], view: str, place: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """The whole page at the address of `place`, rendered from `state`; '' if there is none or it is a redirection.

    Fields have the values of `place` if the page has the same fields.
    """
    site = _site(canonical(spec))
    full = {**state["site"], "note": state["note"]}
    answer, _ = handle(site, full, Request.of("GET", place["url"]))
    if answer.location or not answer.html:
        return ""
    document = Document.read(answer.html, place["url"])
    numbers = [n for n, (node, _) in enumerate(document.skeleton.controls) if kind(node) not in BUTTONS | {"hidden"}]
    names = [document.skeleton.controls[n][0].attributes.get("name", "") for n in numbers]
    if names == [f["name"] for f in place["fields"]]:
        for number, field in zip(numbers, place["fields"], strict=True):
            document.values[number] = field["value"]
    text = VIEWS[view](document)
    return (
        text
        if view == "text"
        else f"Page: {escape_text(document.skeleton.title)} ({escape_text(document.url)})\n{text}"
    )
