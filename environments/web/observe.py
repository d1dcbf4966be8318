"""How a page is shown to an agent: pruned HTML with numbered elements (after Mind2Web), a tree of roles, or WebShop's text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .document import Document, Element, Node, kind

_META = ("role", "type", "alt", "aria-description", "aria-label", "label", "title", "name", "placeholder")
"""Attributes that are shown (Mind2Web, data_utils: the salient ones), as bare words and without their names."""
_PLAIN = frozenset(
    [
        "div",
        "span",
        "p",
        "li",
        "ul",
        "ol",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "b",
        "i",
        "em",
        "strong",
        "small",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_WORDS = 60
"""Words of one text that are shown."""
_BRACKETS = str.maketrans("<>", "‹›")


def cap(text: str, most: int) -> str:
    """A text of at most so many words; a cut is marked."""
    words = text.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + " …"


def safe(text: str, most: int = _WORDS) -> str:
    """Text of the page that cannot be taken for a tag of it."""
    return cap(text, most).translate(_BRACKETS)


def html(document: Document) -> str:
    """One line of HTML without what only looks: ids for what can be acted on, attributes as bare words."""
    return f"<html> {' '.join(_pruned(document, document.skeleton.body))} </html>"


def _pruned(document: Document, node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            if text := safe(child):
                yield text
            continue
        if child.hidden or (child.control >= 0 and kind(child) == "hidden"):
            continue
        meta = _meta(document, child)
        inside = _inside(document, child)
        if (
            child.tag in ("form", "fieldset", "label", "td", "tr", "tbody", "table", "dl", "dd", "dt")
            or child.tag in _PLAIN
        ):
            if child.number < 0 and (not inside or (not meta and _single(child))):
                yield from inside
                continue
        elif child.number < 0 and not inside and not meta:
            continue
        opened = " ".join(filter(None, [child.tag, f"id={child.number}" if child.number >= 0 else "", meta]))
        if inside:
            yield f"<{opened}>"
            yield from inside
            yield f"</{child.tag}>"
        else:
            yield f"<{opened} />"


def _inside(document: Document, node: Node) -> list[str]:
    if node.tag == "select":
        return [_option(o, document.value(node)) for o in node.walk() if o.tag == "option"]
    return [] if node.tag == "textarea" else list(_pruned(document, node))


def _option(node: Node, chosen: object) -> str:
    label = node.words()
    mark = " selected" if node.attributes.get("value", label) == chosen else ""
    return f"<option{mark}> {safe(label)} </option>"


def _single(node: Node) -> bool:
    """Whether an element only wraps another one."""
    solid = [c for c in node.children if isinstance(c, Node) or c.strip()]
    return len(solid) == 1 and isinstance(solid[0], Node)


def _meta(document: Document, node: Node) -> str:
    attributes = node.attributes
    if not attributes or (node.control < 0 and node.number < 0):
        given = attributes.get("role", "") if attributes else ""
        return safe(given, 5) if given else ""
    said: list[str] = []
    for name in _META:
        if (text := attributes.get(name)) and (text := safe(text, 8)) not in said:
            said.append(text)
    if node.control >= 0:
        said += _state(document, node)
    return " ".join(said)


def _state(document: Document, node: Node) -> list[str]:
    """The value of a control, and whether it can be changed."""
    value, what = document.value(node), kind(node)
    shown = []
    if value is True:
        shown.append("checked")
    elif what == "radio":
        shown.append(f"value={safe(node.attributes.get('value', 'on'))}")
    elif isinstance(value, str) and value and what not in ("select", "submit", "button"):
        shown.append(f"value={'•' * len(value) if what == 'password' else safe(value)}")
    if value is True and what == "radio":
        shown.insert(0, f"value={safe(node.attributes.get('value', 'on'))}")
    return [*shown, "disabled"] if "disabled" in node.attributes else shown


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
            state = " ".join(_state(document, child)) if child.control >= 0 else ""
            shown = [f"[{child.number}]", element.role, f'"{safe(element.label)}"', state, _listed(document, element)]
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
    return tuple(f'[{e.number}] {e.role} "{safe(e.label, 12)}"' for e in document.elements)


VIEWS: dict[str, Callable[[Document], str]] = {"html": html, "tree": tree, "text": text, "choices": html}
"""The ways of showing a page, by the name of the option."""
