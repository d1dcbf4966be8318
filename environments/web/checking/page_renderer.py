"""The page that a state shows, written by the site itself: what one would see who had stood still, or whose act was lost."""

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


def shown(spec: Mapping[str, Any], view: str, place: Mapping[str, Any], state: Mapping[str, Any]) -> str:
    """The whole page at the address of one state, with what the other holds; '' where there is none or it leads elsewhere.

    Fields are as in `place` where the page has the same ones.
    """
    site = _site(canonical(spec))
    full = {**state["site"], "note": state["note"]}
    answer, _ = handle(site, full, Request.of("GET", place["url"]))
    if answer.location or not answer.html:
        return ""
    document = Document.read(answer.html, place["url"])
    own = [n for n, (node, _) in enumerate(document.skeleton.controls) if kind(node) not in BUTTONS | {"hidden"}]
    names = [document.skeleton.controls[n][0].attributes.get("name", "") for n in own]
    if names == [f["name"] for f in place["fields"]]:
        for number, field in zip(own, place["fields"], strict=True):
            document.values[number] = field["value"]
    text = VIEWS[view](document)
    return (
        text
        if view == "text"
        else f"Page: {escape_text(document.skeleton.title)} ({escape_text(document.url)})\n{text}"
    )
