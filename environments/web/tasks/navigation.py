"""Navigation on a site: elements of the page, targets of links, and clicks with their thoughts."""

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
"""Clicks of look-ahead in the search for a page."""


class Unreachable(Exception):
    """The goal cannot be reached from here."""


class Navigator:
    """Reads one world's page and finds paths on its site. It never acts in the world."""

    def __init__(self, world: Web, thoughts: ThoughtWriter) -> None:
        self.world, self.goal, self.thoughts = world, world.task.goal, thoughts
        self.site, self.grader = world.tab.site, world.grader()

    @property
    def document(self) -> Document:
        """The page that the tab shows."""
        return self.world.tab.document

    @property
    def state(self) -> dict[str, Any]:
        """The state of the visit."""
        return self.world.tab.state

    def is_at(self, path: str) -> bool:
        """Whether the tab is at a path, with any query."""
        return self.document.url.partition("?")[0] == path

    def links(self) -> list[Element]:
        """The links of the page."""
        return [e for e in self.document.elements if e.role == "link" and "href" in e.node.attributes]

    def link(self, path: str) -> Element | None:
        """A link on this page that leads to a path, with any query; None if there is none."""
        return next((e for e in self.links() if link_path(self.document, e).partition("?")[0] == path), None)

    def find_by_label(self, label: str) -> Element:
        """The first element with a label; Unreachable if there is none."""
        element = next((e for e in self.document.elements if e.label == label), None)
        if element is None:
            raise Unreachable(f"there is no {label!r} here")
        return element

    def step_towards(self, path: str) -> Move:
        """One click towards a page: a link to it, or to a page from which links lead there. Unreachable if none does."""
        if (link := self.link(path)) is not None:
            return self.click(link, "go", link.label)
        start_links = {to: e for e in reversed(self.links()) if (to := link_path(self.document, e))}
        frontier, seen = dict(reversed(start_links.items())), set(start_links)
        for _ in range(_DEPTH):
            next_frontier: dict[str, Element] = {}
            for url, start in frontier.items():
                if url.startswith(("/item/", "/search?")):
                    continue
                page = self.page(url)
                for e in page.elements:
                    to = link_path(page, e) if e.role == "link" else ""
                    if to.partition("?")[0] == path:
                        return self.click(start, "go on", start.label)
                    if to and to not in seen:
                        seen.add(to)
                        next_frontier[to] = start
            frontier = next_frontier
        raise Unreachable(f"no link leads to {path}")

    def search(self, query: str) -> Move:
        """Search; in Mind2Web's multiple choice, which has no such action, through the search bar and its button."""
        if self.world.rounds is None:
            return self.thoughts.search(query)
        bar = next((e for e in self.document.elements if e.role == "searchbox"), None)
        if bar is None:
            raise Unreachable("there is no search bar here")
        if self.document.value(bar.node) != query:
            return self.thoughts.type(bar.number, bar.label, query)
        send = next(e for e in self.document.elements if e.form == bar.form and e.role == "button")
        return self.click(send, "submit", "")

    def page(self, url: str) -> Document:
        """The page at a path of the site, without going there."""
        answer, _ = handle(self.site, self.state, Request.of("GET", url))
        return Document.read(answer.html, url)

    def click(self, element: Element, reason: str, topic: str, **more: Any) -> Move:
        """A click on an element; `reason` and `topic` choose and fill the thought."""
        action = Action(name="click", arguments={"element": self.reference(element)})
        return Move(thought=self.thoughts.click(reason, topic, element.label, **more), action=action)

    def reference(self, element: Element) -> int | str:
        """An element's number; in WebShop's view, which shows no numbers, its label if it is unique."""
        if self.world.options.observe != "text":
            return element.number
        same = next(e for e in self.document.elements if e.label.casefold() == element.label.casefold())
        return element.label if same is element and not element.label.isdecimal() else element.number


def link_path(document: Document, element: Element) -> str:
    """Path and query that a link leads to; '' for fragments, scripts and other sites."""
    try:
        return link_target(document, element.node.attributes.get("href", "#")) or ""
    except InvalidAction:
        return ""
