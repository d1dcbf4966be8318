"""Renders a page for an agent: pruned HTML with numbered elements (after Mind2Web), a tree of roles, or WebShop's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from .document import Document, Element, Node, Skeleton
from .pruned_html import escape_text, html, state


def role_tree(document: Document) -> str:
    """The page as an accessibility tree: one line for each heading, text and interactive element."""
    lines: list[str] = []
    _branch(document, document.skeleton.body, lines)
    return "\n".join(lines)


def _branch(document: Document, node: Node, lines: list[str]) -> None:
    loose: list[str] = []

    def flush() -> None:
        if text := escape_text(" ".join(loose)):
            lines.append(f"text {text}")
        loose.clear()

    for child in node.children:
        if isinstance(child, str):
            loose.append(child)
        elif child.hidden:
            continue
        elif child.number >= 0:
            flush()
            element = document.elements[child.number]
            state_words = " ".join(state(document, child)) if child.control >= 0 else ""
            parts = [
                f"[{child.number}]",
                element.role,
                f'"{escape_text(element.label)}"',
                state_words,
                _options(document, element),
            ]
            lines.append(" ".join(filter(None, parts)))
        elif child.tag in ("h1", "h2", "h3", "h4", "h5", "h6") and not any(n.number >= 0 for n in child.walk()):
            flush()
            lines.append(f"heading {escape_text(child.words())}")
        elif child.tag != "label":
            flush()
            _branch(document, child, lines)
        elif not any(n.number >= 0 for n in child.walk()):
            continue
        else:
            flush()
            _branch(document, Node(child.tag, {}, [c for c in child.children if isinstance(c, Node)]), lines)
    flush()


def _options(document: Document, element: Element) -> str:
    """Value and options of a select element; '' for other elements."""
    if element.node.tag != "select":
        return ""
    value, options = document.value(element.node), element.options()
    selected_label = next((label for v, label in options if v == value), "")
    return f"value={escape_text(selected_label)} options: {', '.join(escape_text(label) for _, label in options)}"


def webshop_text(document: Document) -> str:
    """The visible texts of a page, joined as WebShop's text environment joins them."""
    return " [SEP] ".join(_texts(document.skeleton.body))


def _texts(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            if text := " ".join(child.split()):
                yield text
        elif child.tag not in ("option", "textarea") and not child.hidden:
            yield from _texts(child)


def list_clickables(document: Document) -> tuple[str, ...]:
    """WebShop's available actions, `search[…]` and `click[…]`: buttons, then products, then options; lower case."""
    ranks: dict[str, int] = {}
    has_search_bar = False
    for element in document.elements:
        kinds = element.node.attributes.get("class", "").split()
        if element.role == "searchbox":
            has_search_bar = True
        elif element.role in ("link", "button", "radio", "checkbox"):
            rank = 1 if "product-link" in kinds else 2 if "option" in kinds else 0
            ranks.setdefault(element.label.lower(), rank)
    names = sorted(ranks, key=ranks.__getitem__)
    return (*(["search[keywords]"] if has_search_bar else []), *(f"click[{n}]" for n in names))


def list_elements(document: Document) -> tuple[str, ...]:
    """The interactive elements, one text each: number, role and label."""
    return _list_elements(document.skeleton)


@lru_cache(maxsize=256)
def _list_elements(skeleton: Skeleton) -> tuple[str, ...]:
    return tuple(f'[{e.number}] {e.role} "{escape_text(e.label, 12)}"' for e in skeleton.elements)


VIEWS: dict[str, Callable[[Document], str]] = {"html": html, "tree": role_tree, "text": webshop_text, "choices": html}
"""Renderers of a page, by the name of the option `observe`."""
