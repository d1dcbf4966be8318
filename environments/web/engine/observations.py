"""How a page is shown to an agent: pruned HTML with numbered elements (after Mind2Web), a tree of roles, or WebShop's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from .document import Document, Element, Node, Skeleton
from .pruned_html import html, safe, state


def tree(document: Document) -> str:
    """One line for each heading, text and thing to act on, in the words of an accessibility tree."""
    lines: list[str] = []
    _branch(document, document.skeleton.body, lines)
    return "\n".join(lines)


def _branch(document: Document, node: Node, lines: list[str]) -> None:
    loose: list[str] = []

    def flush() -> None:
        if text := safe(" ".join(loose)):
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
            now = " ".join(state(document, child)) if child.control >= 0 else ""
            shown = [f"[{child.number}]", element.role, f'"{safe(element.label)}"', now, _listed(document, element)]
            lines.append(" ".join(filter(None, shown)))
        elif child.tag in ("h1", "h2", "h3", "h4", "h5", "h6") and not any(n.number >= 0 for n in child.walk()):
            flush()
            lines.append(f"heading {safe(child.words())}")
        elif child.tag != "label":
            flush()
            _branch(document, child, lines)
        elif not any(n.number >= 0 for n in child.walk()):
            continue
        else:
            flush()
            _branch(document, Node(child.tag, {}, [c for c in child.children if isinstance(c, Node)]), lines)
    flush()


def _listed(document: Document, element: Element) -> str:
    """The options of a list, the chosen one first."""
    if element.node.tag != "select":
        return ""
    value, options = document.value(element.node), element.options()
    chosen = next((label for v, label in options if v == value), "")
    return f"value={safe(chosen)} options: {', '.join(safe(label) for _, label in options)}"


def text(document: Document) -> str:
    """The visible texts of a page, joined as WebShop's text environment joins them."""
    return " [SEP] ".join(_texts(document.skeleton.body))


def _texts(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            if shown := " ".join(child.split()):
                yield shown
        elif child.tag not in ("option", "textarea") and not child.hidden:
            yield from _texts(child)


def clickables(document: Document) -> tuple[str, ...]:
    """What WebShop's actions may name, as `search[…]` and `click[…]`: buttons, then products, then options; lower case."""
    ranked: dict[str, int] = {}
    bar = False
    for element in document.elements:
        kinds = element.node.attributes.get("class", "").split()
        if element.role == "searchbox":
            bar = True
        elif element.role in ("link", "button", "radio", "checkbox"):
            rank = 1 if "product-link" in kinds else 2 if "option" in kinds else 0
            ranked.setdefault(element.label.lower(), rank)
    names = sorted(ranked, key=ranked.__getitem__)
    return (*(["search[keywords]"] if bar else []), *(f"click[{n}]" for n in names))


def listing(document: Document) -> tuple[str, ...]:
    """What can be acted on, by number."""
    return _listing(document.skeleton)


@lru_cache(maxsize=256)
def _listing(skeleton: Skeleton) -> tuple[str, ...]:
    return tuple(f'[{e.number}] {e.role} "{safe(e.label, 12)}"' for e in skeleton.elements)


VIEWS: dict[str, Callable[[Document], str]] = {"html": html, "tree": tree, "text": text, "choices": html}
"""The ways of showing a page, by the name of the option."""
