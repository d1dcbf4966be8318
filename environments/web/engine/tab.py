"""One tab of a browser on one site: where it is, where it was, and what may be done there. Two engines move it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from simenv.errors import InvalidAction, WorldError

from .document import BUTTONS, Document, Element, kind, sanitize_value
from .http import ORIGIN, Request
from .server import handle
from .site import Site, State

MAX_HISTORY = 50
_HOPS = 5
"""Redirections that are followed."""


def local(url: str) -> str:
    """A URL of the site as path and query."""
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def encodable(text: str) -> str:
    """Text as a page can hold it: no lone surrogates and no NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def link_target(document: Document, href: str) -> str | None:
    """Where a link leads: path and query; '' where it stays on the page. None for a script. InvalidAction for elsewhere."""
    try:
        url = urljoin(ORIGIN + document.url, href.strip())
        parts = urlsplit(url)
    except ValueError as e:
        raise InvalidAction(f"the address {href!r:.100} cannot be read") from e
    if parts.scheme == "javascript":
        return None
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        raise InvalidAction(f"{href[:100]!r} leads away from this site, and nothing else can be reached")
    return "" if href.strip().startswith("#") else local(url)


class Tab(ABC):
    """The shared half of both engines: history, redirections, and whether an action can be done at all."""

    document: Document

    def __init__(self, site: Site, state: State) -> None:
        self.site, self.state = site, state
        self.history: list[str] = []

    # What an engine does in its own way. Each leaves `document` as the page then is.

    @abstractmethod
    def show(self, url: str) -> None:
        """Load a page that is no redirection."""

    @abstractmethod
    def press(self, element: Element) -> None: ...

    @abstractmethod
    def fill(self, element: Element, text: str) -> None: ...

    @abstractmethod
    def choose(self, element: Element, value: str) -> None: ...

    @abstractmethod
    def refill(self, values: list[Any]) -> None:
        """Put back the values of all controls."""

    def close(self) -> None:
        """Release what is held. Idempotent."""

    # What is the same for both.

    def visit(self, url: str) -> None:
        """Go to a page and remember where we were."""
        self.show(self.resolve(url))
        self.record_visit()

    def record_visit(self) -> None:
        if not self.history or self.history[-1] != self.document.url:
            self.history = [*self.history, self.document.url][-MAX_HISTORY:]

    def back(self) -> None:
        if len(self.history) < 2:
            raise InvalidAction("there is no page to go back to")
        url = self.resolve(self.history[-2])
        self.history = self.history[:-1]
        self.show(url)
        self.history = [*self.history[:-1], self.document.url]

    def page(self, url: str) -> str:
        """The HTML at an address."""
        return handle(self.site, self.state, Request.of("GET", url))[0].html

    def resolve(self, url: str) -> str:
        """Where an address leads after all redirections."""
        for _ in range(_HOPS):
            answer, _ = handle(self.site, self.state, Request.of("GET", url))
            if not answer.location:
                return url
            url = answer.location
        raise WorldError(f"web: {url} redirects more than {_HOPS} times")

    def send(self, url: str, body: str) -> str:
        """Post to the site; where to look then."""
        answer, self.state = handle(self.site, self.state, Request.of("POST", url, body))
        return answer.location

    def click(self, element: Element) -> None:
        """Click; InvalidAction where that does nothing a browser would do."""
        self._require_enabled(element)
        node, control = element.node, kind(element.node) if element.control >= 0 else ""
        if node.tag == "a" and "href" in node.attributes:
            link_target(self.document, node.attributes["href"])
        elif control in ("submit", "image") and element.form >= 0:
            form = self.document.skeleton.forms[element.form]
            link_target(self.document, form.attributes.get("action", ""))
            if name := self.document.missing(element.form):
                raise InvalidAction(f"the form cannot be sent yet: {name!r} is required")
        elif control == "select":
            raise InvalidAction(f"[{element.number}] is a list; choose with select")
        self.press(element)

    def type(self, element: Element, text: str) -> None:
        """Put text into a field, in place of what was there."""
        self._require_enabled(element)
        control = kind(element.node) if element.control >= 0 else ""
        if control in BUTTONS | {"checkbox", "radio", "select", ""}:
            raise InvalidAction(f"[{element.number}] {element.role} takes no text")
        if "readonly" in element.node.attributes:
            raise InvalidAction(f"[{element.number}] cannot be changed")
        value = sanitize_value(control, encodable(text))
        if control in ("number", "date") and text and not value:
            raise InvalidAction(f"[{element.number}] takes a {'number' if control == 'number' else 'date, YYYY-MM-DD'}")
        self.fill(element, value)

    def select(self, element: Element, option: str) -> None:
        """Choose an option of a list by its label or value; of radio buttons, by the one that is meant."""
        self._require_enabled(element)
        if element.control < 0 or kind(element.node) != "select":
            raise InvalidAction(f"[{element.number}] {element.role} is no list of options")
        options = element.options()
        wanted = " ".join(option.split()).casefold()
        for value, label in options:
            if wanted in (label.casefold(), value.casefold()):
                return self.choose(element, value)
        raise InvalidAction(f"no option {option!r:.80}; available: {', '.join(label for _, label in options)}")

    @staticmethod
    def _require_enabled(element: Element) -> None:
        if element.disabled:
            raise InvalidAction(f"[{element.number}] {element.role} is disabled")


class DomTab(Tab):
    """A browser without scripts, and without a network: the fast engine."""

    def show(self, url: str) -> None:
        self.document = Document.read(self.page(url), local(url))

    def press(self, element: Element) -> None:
        node, document = element.node, self.document
        control = kind(node) if element.control >= 0 else ""
        if control == "checkbox":
            document.values[node.control] = not document.value(node)
        elif control == "radio":
            self._tick(element)
        elif control in ("submit", "image") and element.form >= 0:
            self._submit(element)
        elif control == "reset" and element.form >= 0:
            self.refill(Document.read(self.page(document.url), document.url).values)
        elif node.tag == "a" and "href" in node.attributes:
            destination = link_target(document, node.attributes["href"])
            if destination is None:
                raise InvalidAction("this link runs a script, and this browser runs none")
            if destination:
                self.visit(destination)

    def _tick(self, element: Element) -> None:
        name = element.node.attributes.get("name", "")
        for node, form in self.document.skeleton.controls:
            if kind(node) == "radio" and form == element.form and node.attributes.get("name", "") == name:
                self.document.values[node.control] = node is element.node

    def _submit(self, element: Element) -> None:
        form = self.document.skeleton.forms[element.form].attributes
        destination = link_target(self.document, form.get("action", "")) or self.document.url
        body = urlencode(self.document.submission(element.form, element.node))
        if form.get("method", "get").lower() == "post":
            self.visit(self.send(destination, body))
        else:
            self.visit(f"{destination.partition('?')[0]}?{body}")

    def fill(self, element: Element, text: str) -> None:
        self.document.values[element.control] = text

    def choose(self, element: Element, value: str) -> None:
        self.document.values[element.control] = value

    def refill(self, values: list[Any]) -> None:
        self.document.values = list(values)
