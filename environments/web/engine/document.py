"""A parsed page: its interactive elements, form controls and their values, as in a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

SELECTOR = "a[href],button,input:not([type=hidden i]),select,textarea,summary,[role=button],[onclick]"
"""Interactive elements, as CSS; `_is_interactive` is the same rule."""
_SKIPPED = frozenset(["head", "script", "style", "template", "noscript", "iframe", "object", "embed", "svg"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_TEXTUAL = frozenset(["text", "search", "email", "password", "number", "date", "tel", "url"])
BUTTONS = frozenset(("submit", "button", "reset", "image"))
DEEPEST = 200
"""Levels of nesting; deeper ones are not read."""

Value = str | bool


@dataclass(slots=True, eq=False)
class Node:
    """An element of a page. `number` counts interactive elements, `control` form controls, from 0; -1 for neither."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)
    number: int = -1
    control: int = -1
    hidden: bool = False
    has_control: bool = False
    """whether a control is inside, so that its rendering depends on values"""
    pruned_html: str | None = None
    """cache of its rendering as pruned HTML"""

    def words(self) -> str:
        """All text inside, with white space collapsed."""
        return " ".join(" ".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()

    def caption(self) -> str:
        """The text inside, without the text of controls."""
        parts = [
            c if isinstance(c, str) else "" if c.tag in ("select", "textarea", "button") else c.caption()
            for c in self.children
        ]
        return " ".join(" ".join(parts).split())

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in document order."""
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """An interactive element. `dom`: its index among the matches of SELECTOR; `form`: index of its form, -1 for none."""

    number: int
    dom: int
    node: Node
    role: str
    label: str
    form: int

    @property
    def control(self) -> int:
        """Its index among the form controls; -1 if it is none."""
        return self.node.control

    @property
    def disabled(self) -> bool:
        """Whether the page disables it."""
        return "disabled" in self.node.attributes

    def options(self) -> list[tuple[str, str]]:
        """Value and label of each option of a select."""
        return [(_option_value(o), o.words()) for o in self.node.walk() if o.tag == "option"]


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """The structure of a page, without the values of its fields. Shared by all documents of the same HTML."""

    title: str
    body: Node
    elements: tuple[Element, ...]
    controls: tuple[tuple[Node, int], ...]
    forms: tuple[Node, ...]


@dataclass(slots=True)
class Document:
    """A page with its path, and the value of each control: text, or whether it is checked."""

    url: str
    skeleton: Skeleton
    values: list[Value]

    @classmethod
    def read(cls, html: str, url: str) -> Document:
        """Parse a page that was just loaded; `url` is its path and query."""
        return cls.of(parse(html), url)

    @classmethod
    def of(cls, skeleton: Skeleton, url: str) -> Document:
        """A page of this structure, its controls as they are at first."""
        return cls(url, skeleton, [initial_value(node) for node, _ in skeleton.controls])

    @property
    def elements(self) -> tuple[Element, ...]:
        """The interactive elements, by number."""
        return self.skeleton.elements

    def value(self, node: Node) -> Value:
        """The present value of a control."""
        return self.values[node.control]

    def fields(self) -> list[dict[str, Any]]:
        """Name and value of each control, without hidden ones and buttons."""
        return [
            {"name": node.attributes.get("name", ""), "value": value}
            for (node, _), value in zip(self.skeleton.controls, self.values, strict=True)
            if kind(node) not in BUTTONS and kind(node) != "hidden"
        ]

    def submission(self, form: int, button: Node | None = None) -> list[tuple[str, str]]:
        """The pairs that a form would send (HTML Living Standard, 4.10.22.4); `button` is the one that was clicked."""
        pairs = []
        for (node, owner), value in zip(self.skeleton.controls, self.values, strict=True):
            name, control_type = node.attributes.get("name", ""), kind(node)
            if owner != form or not name or "disabled" in node.attributes:
                continue
            if control_type in BUTTONS:
                if node is button:
                    pairs.append((name, node.attributes.get("value", "")))
            elif isinstance(value, bool):
                if value:
                    pairs.append((name, node.attributes.get("value", "on")))
            else:
                pairs.append((name, value.replace("\n", "\r\n")))
        return pairs

    def missing_field(self, form: int) -> str:
        """The name of a form's first required field that is empty; '' for none, or if the form has `novalidate`."""
        if "novalidate" in self.skeleton.forms[form].attributes:
            return ""
        for (node, owner), value in zip(self.skeleton.controls, self.values, strict=True):
            if owner == form and "required" in node.attributes and not value and kind(node) != "radio":
                return node.attributes.get("name", "a field")
        return ""


def kind(node: Node) -> str:
    """The type of a control: text, checkbox, submit, select, textarea …"""
    type_name = node.attributes.get("type", "").lower()
    if node.tag == "button":
        return type_name if type_name in ("button", "reset") else "submit"
    if node.tag != "input":
        return node.tag
    return type_name if type_name in _TEXTUAL | BUTTONS | {"checkbox", "radio", "hidden"} else "text"


def sanitize_value(control_type: str, text: str) -> str:
    """The value sanitization of HTML (Living Standard, 4.10.5.1) for a type of control."""
    if control_type == "textarea":
        return text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\r", "").replace("\n", "")
    if control_type in ("email", "url"):
        return text.strip()
    if control_type == "number":
        return text if re.fullmatch(r"-?\d{1,300}(\.\d+)?([eE][-+]?\d{1,2})?", text) else ""
    if control_type == "date":
        try:
            return text if len(text) == 10 and date.fromisoformat(text) else ""
        except ValueError:
            return ""
    return text


def initial_value(node: Node) -> Value:
    """The value of a control on a page that was just loaded."""
    control_type = kind(node)
    if control_type in ("checkbox", "radio"):
        return "checked" in node.attributes
    if control_type == "textarea":
        return sanitize_value(control_type, "".join(c for c in node.children if isinstance(c, str)).removeprefix("\n"))
    if control_type == "select":
        options = [n for n in node.walk() if n.tag == "option"]
        selected = [o for o in options if "selected" in o.attributes]
        enabled = [o for o in options if "disabled" not in o.attributes]
        return _option_value(selected[-1] if selected else enabled[0]) if selected or enabled else ""
    return sanitize_value(control_type, node.attributes.get("value", ""))


def _option_value(node: Node) -> str:
    return node.attributes.get("value", node.words())


@lru_cache(maxsize=256)
def parse(html: str) -> Skeleton:
    """The structure of a page of HTML, kept for when the page is shown again."""
    return read_html(html)


def read_html(html: str) -> Skeleton:
    """The structure of a page of HTML. Nothing that it refers to is loaded or run."""
    parser = LexborHTMLParser(html)
    title = parser.css_first("title")
    body = _copy(parser.body, 0) if parser.body else Node("body", {})
    return structure_of(body, title.text() if title else "")


def structure_of(body: Node, title: str) -> Skeleton:
    """The structure of a page of nodes, which are numbered."""
    scan = _ElementScan()
    scan.visit(body, -1, True)
    labels = {n.attributes["for"]: n.words() for n in body.walk() if n.tag == "label" and "for" in n.attributes}
    elements = tuple(
        Element(
            number, dom, node, _role(node), _label(node, labels.get(node.attributes.get("id", ""), ""), around), form
        )
        for number, (dom, node, form, around) in enumerate(scan.interactive)
    )
    return Skeleton(" ".join(title.split()), body, elements, tuple(scan.controls), tuple(scan.forms))


def _copy(node: LexborNode, depth: int) -> Node:
    copy = Node(node.tag or "", {k: v or "" for k, v in node.attributes.items()})
    child = node.first_child
    while child is not None:
        tag = child.tag
        if tag == "-text":
            if text := child.text_content:
                copy.children.append(text)
        elif tag and tag[0] not in "-_!" and tag not in _SKIPPED and depth < DEEPEST:
            copy.children.append(_copy(child, depth + 1))
        child = child.next
    return copy


class _ElementScan:
    """Numbers interactive elements, controls and forms in one pass over a page."""

    def __init__(self) -> None:
        self.interactive: list[tuple[int, Node, int, str]] = []
        self.controls: list[tuple[Node, int]] = []
        self.forms: list[Node] = []
        self._dom = 0

    def visit(self, node: Node, form: int, visible: bool, around: str = "") -> bool:
        attributes = node.attributes
        if attributes:
            node.hidden = "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")))
            visible = visible and not node.hidden
        if node.tag == "form":
            form = len(self.forms)
            self.forms.append(node)
        elif node.tag == "label":
            around = node.caption()
        elif node.tag in ("input", "button", "select", "textarea"):
            node.control = len(self.controls)
            self.controls.append((node, form))
        if _is_interactive(node):
            if visible:
                node.number = len(self.interactive)
                self.interactive.append((self._dom, node, form, around))
            self._dom += 1
        node.has_control = node.control >= 0
        for child in node.children:
            if isinstance(child, Node) and self.visit(child, form, visible, around):
                node.has_control = True
        return node.has_control


def _is_interactive(node: Node) -> bool:
    attributes = node.attributes
    if node.tag == "a":
        return "href" in attributes or "onclick" in attributes or attributes.get("role") == "button"
    if node.tag == "input":
        return attributes.get("type", "").lower() != "hidden"
    if node.tag in ("button", "select", "textarea", "summary"):
        return True
    return bool(attributes) and (attributes.get("role") == "button" or "onclick" in attributes)


def _role(node: Node) -> str:
    """The ARIA role, or the one that HTML implies."""
    if role := node.attributes.get("role"):
        return role.split()[0] if role.split() else "generic"
    if node.tag == "a":
        return "link"
    control_type = kind(node) if node.control >= 0 else ""
    roles = {
        "checkbox": "checkbox",
        "radio": "radio",
        "select": "combobox",
        "search": "searchbox",
        "number": "spinbutton",
    }
    if control_type in roles:
        return roles[control_type]
    return "textbox" if control_type in _TEXTUAL or control_type == "textarea" else "button"


def _label(node: Node, label_text: str, around: str) -> str:
    """The label of an element: by ARIA, by its label element, by its text, by other attributes."""
    attributes = node.attributes
    inside = "" if node.tag in ("select", "textarea", "input") else node.words()
    value = attributes.get("value", "") if node.tag == "input" and kind(node) in BUTTONS else ""
    names: tuple[str | None, ...] = (
        attributes.get("aria-label"),
        label_text,
        around,
        inside,
        value,
        attributes.get("alt"),
        attributes.get("title"),
    )
    names += (attributes.get("placeholder"), attributes.get("name"))
    return " ".join(next((n for n in names if n and n.strip()), "").split())
