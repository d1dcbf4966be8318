"""One browser tab on one site: its page, its history, and the actions that are possible there. Two engines implement it."""

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
"""Redirections that are followed; more are an error."""


def local(url: str) -> str:
    """The path and query of a URL of the site."""
    parts = urlsplit(url)
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def encodable(text: str) -> str:
    """Text without lone surrogates and NUL, as a page can hold it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def link_target(document: Document, href: str) -> str | None:
    """Path and query that a link leads to; '' for a fragment, None for a script. InvalidAction if it leaves the site."""
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
    """The part that both engines share: history, redirections, and checks whether an action is possible."""

    document: Document

    def __init__(self, site: Site, state: State) -> None:
        self.site, self.state = site, state
        self.history: list[str] = []

    # Implemented by each engine. Each method leaves `document` as the page then is.

    @abstractmethod
    def show(self, url: str) -> None:
        """Load a page; `url` must not be a redirection."""

    @abstractmethod
    def press(self, element: Element) -> None:
        """Click an element."""

    @abstractmethod
    def fill(self, element: Element, text: str) -> None:
        """Set the text of a field; `text` is sanitized already."""

    @abstractmethod
    def choose(self, element: Element, value: str) -> None:
        """Choose the option of a select by its value."""

    @abstractmethod
    def refill(self, values: list[Any]) -> None:
        """Restore the values of all controls, in document order."""

    def close(self) -> None:
        """Release all resources. Idempotent."""

    # What a recording has and a site has not.

    @property
    def past(self) -> tuple[str, ...] | None:
        """The steps before this page in words, where they are told with it; None where a visitor knows what it did."""
        return None

    def ranks(self) -> dict[int, int]:
        """Number and rank of elements, best 0, where they are ranked."""
        return {}

    def pass_over(self) -> None:
        """Choose no element of this page; InvalidAction where nothing follows from that."""
        raise InvalidAction("No element was chosen.")

    # The same for both engines.

    def visit(self, url: str) -> None:
        """Go to a page, through redirections, and record it in the history."""
        self.show(self.resolve(url))
        self.record_visit()

    def record_visit(self) -> None:
        """Add the page to the history, unless it is the last entry."""
        if not self.history or self.history[-1] != self.document.url:
            self.history = [*self.history, self.document.url][-MAX_HISTORY:]

    def back(self) -> None:
        """Go back one page; InvalidAction if there is none."""
        if len(self.history) < 2:
            raise InvalidAction("there is no page to go back to")
        url = self.resolve(self.history[-2])
        self.history = self.history[:-1]
        self.show(url)
        self.history = [*self.history[:-1], self.document.url]

    def page(self, url: str) -> str:
        """The HTML at a path of the site."""
        return handle(self.site, self.state, Request.of("GET", url))[0].html

    def resolve(self, url: str) -> str:
        """The path that a path leads to after all redirections."""
        for _ in range(_HOPS):
            response, _ = handle(self.site, self.state, Request.of("GET", url))
            if not response.location:
                return url
            url = response.location
        raise WorldError(f"web: {url} redirects more than {_HOPS} times")

    def send(self, url: str, body: str) -> str:
        """Post a form-encoded body to the site; the path of the redirection."""
        response, self.state = handle(self.site, self.state, Request.of("POST", url, body))
        return response.location

    def click(self, element: Element) -> None:
        """Click; InvalidAction if a browser would do nothing or leave the site."""
        self._require_enabled(element)
        node, control = element.node, kind(element.node) if element.control >= 0 else ""
        if node.tag == "a" and "href" in node.attributes:
            link_target(self.document, node.attributes["href"])
        elif control in ("submit", "image") and element.form >= 0:
            form = self.document.skeleton.forms[element.form]
            link_target(self.document, form.attributes.get("action", ""))
            if name := self.document.missing_field(element.form):
                raise InvalidAction(f"the form cannot be sent yet: {name!r} is required")
        elif control == "select":
            raise InvalidAction(f"[{element.number}] is a list; choose with select")
        self.press(element)

    def type(self, element: Element, text: str) -> None:
        """Replace the text of a field; InvalidAction if it takes no such text."""
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
        """Choose an option of a select by its label or value; InvalidAction if there is no such option."""
        self._require_enabled(element)
        if element.control < 0 or kind(element.node) != "select":
            raise InvalidAction(f"[{element.number}] {element.role} is no list of options")
        options = element.options()
        choice = " ".join(option.split()).casefold()
        for value, label in options:
            if choice in (label.casefold(), value.casefold()):
                return self.choose(element, value)
        raise InvalidAction(f"no option {option!r:.80}; available: {', '.join(label for _, label in options)}")

    @staticmethod
    def _require_enabled(element: Element) -> None:
        if element.disabled:
            raise InvalidAction(f"[{element.number}] {element.role} is disabled")


class DomTab(Tab):
    """The fast engine: a browser in Python, without scripts and without a network."""

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
