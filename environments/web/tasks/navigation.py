"""Finding the way on a site: what is on the page, which link leads where, and how a click is said."""

from __future__ import annotations

from typing import Any

from simenv.errors import InvalidAction
from simenv.types import Action, Move

from ..engine.document import Document, Element
from ..engine.http import Request
from ..engine.server import handle
from ..engine.tab import link_target
from ..world import Web
from .thoughts import ThoughtWriter

_DEPTH = 3
"""Clicks that are looked ahead for a page."""


class Unreachable(Exception):
    """The goal cannot be reached from here."""


class Navigator:
    """What is on the page and how to get elsewhere. Made for one world; reads it, and never acts in it."""

    def __init__(self, world: Web, voice: ThoughtWriter) -> None:
        self.world, self.goal, self.say = world, world.task.goal, voice
        self.site, self.grader = world.tab.site, world.grader()

    @property
    def document(self) -> Document:
        return self.world.tab.document

    @property
    def state(self) -> dict[str, Any]:
        return self.world.tab.state

    def at(self, path: str) -> bool:
        return self.document.url.partition("?")[0] == path

    def links(self) -> list[Element]:
        return [e for e in self.document.elements if e.role == "link" and "href" in e.node.attributes]

    def link(self, path: str) -> Element | None:
        """A link on this page that leads to a path, whatever its query."""
        return next((e for e in self.links() if leads(self.document, e).partition("?")[0] == path), None)

    def named(self, label: str) -> Element:
        found = next((e for e in self.document.elements if e.label == label), None)
        if found is None:
            raise Unreachable(f"there is no {label!r} here")
        return found

    def go(self, path: str) -> Move:
        """One click nearer to a page: a link to it, or to a page from which one leads there."""
        if (link := self.link(path)) is not None:
            return self.click(link, "go", link.label)
        first = {to: e for e in reversed(self.links()) if (to := leads(self.document, e))}
        reached, seen = dict(reversed(first.items())), set(first)
        for _ in range(_DEPTH):
            further: dict[str, Element] = {}
            for url, start in reached.items():
                if url.startswith(("/item/", "/search?")):
                    continue
                page = self.page(url)
                for e in page.elements:
                    to = leads(page, e) if e.role == "link" else ""
                    if to.partition("?")[0] == path:
                        return self.click(start, "go on", start.label)
                    if to and to not in seen:
                        seen.add(to)
                        further[to] = start
            reached = further
        raise Unreachable(f"no link leads to {path}")

    def search(self, query: str) -> Move:
        """Search; in Mind2Web's multiple choice, which has no such action, by filling in the bar and clicking its button."""
        if self.world.rounds is None:
            return self.say.search(query)
        bar = next((e for e in self.document.elements if e.role == "searchbox"), None)
        if bar is None:
            raise Unreachable("there is no search bar here")
        if self.document.value(bar.node) != query:
            return self.say.type(bar.number, bar.label, query)
        send = next(e for e in self.document.elements if e.form == bar.form and e.role == "button")
        return self.click(send, "submit", "")

    def page(self, url: str) -> Document:
        answer, _ = handle(self.site, self.state, Request.of("GET", url))
        return Document.read(answer.html, url)

    def click(self, element: Element, why: str, what: str, **more: Any) -> Move:
        action = Action(name="click", arguments={"element": self.ref(element)})
        return Move(thought=self.say.click(why, what, element.label, **more), action=action)

    def ref(self, element: Element) -> int | str:
        """An element's number; in WebShop's view, which shows none, what is written on it."""
        if self.world.options.observe != "text":
            return element.number
        same = next(e for e in self.document.elements if e.label.casefold() == element.label.casefold())
        return element.label if same is element and not element.label.isdecimal() else element.number


def leads(document: Document, element: Element) -> str:
    """Where a link leads; '' where it leads nowhere on this site."""
    try:
        return link_target(document, element.node.attributes.get("href", "#")) or ""
    except InvalidAction:
        return ""
