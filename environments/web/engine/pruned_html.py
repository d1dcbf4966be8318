"""Renders a page as pruned HTML, after Mind2Web: bare words for attributes, an id for each interactive element."""

from __future__ import annotations

from .document import Document, Node, kind

_META = ("role", "type", "alt", "aria-description", "aria-label", "label", "title", "name", "placeholder")
"""The salient attributes (Mind2Web, data_utils); their values are shown without their names."""
_PLAIN = frozenset(
    """div span p li ul ol section article main header footer nav b i em strong small h1 h2 h3 h4 h5 h6 form fieldset
    label td tr tbody table dl dd dt""".split()  # noqa: SIM905
)
"""Elements that are omitted if they are empty or only wrap another one."""
_WORDS = 60
"""Words of one text; the rest is cut."""
_BRACKETS = str.maketrans("<>", "‹›")


def escape_text(text: str, max_words: int = _WORDS) -> str:
    """Text with its angle brackets replaced, so that it cannot be read as a tag, and cut to `max_words` (marked by …)."""
    words = text.split()
    short = " ".join(words) if len(words) <= max_words else " ".join(words[:max_words]) + " …"
    return short.translate(_BRACKETS) if "<" in short or ">" in short else short


def html(document: Document) -> str:
    """The page as one line of HTML, without presentation."""
    return f"<html> {_inside(document, document.skeleton.body)} </html>"


def _inside(document: Document, node: Node) -> str:
    """The content of an element: of a select its options; of a textarea nothing, for its value is an attribute."""
    if node.tag == "select":
        value = document.value(node)
        return " ".join(_option(o, value) for o in node.walk() if o.tag == "option")
    if node.tag == "textarea":
        return ""
    parts = [escape_text(c) if isinstance(c, str) else _element(document, c) for c in node.children]
    return " ".join(filter(None, parts))


def _element(document: Document, node: Node) -> str:
    """An element with its content. One without a control inside never changes, so it is rendered once."""
    if node.pruned_html is not None:
        return node.pruned_html
    html = "" if node.hidden or (node.control >= 0 and kind(node) == "hidden") else _render(document, node)
    if not node.has_control:
        node.pruned_html = html
    return html


def _render(document: Document, node: Node) -> str:
    tag, meta, inside = node.tag, _meta(document, node), _inside(document, node)
    if node.number < 0:
        bare = not inside and not meta
        if bare or (tag in _PLAIN and (not inside or (not meta and _single(node)))):
            return inside
        start_tag = f"{tag} {meta}" if meta else tag
    else:
        start_tag = f"{tag} id={node.number} {meta}" if meta else f"{tag} id={node.number}"
    return f"<{start_tag}> {inside} </{tag}>" if inside else f"<{start_tag} />"


def _option(node: Node, value: object) -> str:
    label = node.words()
    mark = " selected" if node.attributes.get("value", label) == value else ""
    return f"<option{mark}> {escape_text(label)} </option>"


def _single(node: Node) -> bool:
    """Whether an element only wraps another one."""
    solid = [c for c in node.children if isinstance(c, Node) or c.strip()]
    return len(solid) == 1 and isinstance(solid[0], Node)


def _meta(document: Document, node: Node) -> str:
    attributes = node.attributes
    if not attributes or (node.control < 0 and node.number < 0):
        return escape_text(attributes["role"], 5) if "role" in attributes else ""
    words: list[str] = []
    for name in _META:
        if (text := attributes.get(name)) and (text := escape_text(text, 8)) not in words:
            words.append(text)
    if node.control >= 0:
        words += state(document, node)
    return " ".join(words)


def state(document: Document, node: Node) -> list[str]:
    """The words for a control's value, and `disabled` if it is."""
    value, control = document.value(node), kind(node)
    words = []
    if control == "radio":
        words.append(f"value={escape_text(node.attributes.get('value', 'on'))}")
    elif isinstance(value, str) and value and control not in ("select", "submit", "button"):
        words.append(f"value={'•' * len(value) if control == 'password' else escape_text(value)}")
    if value is True:
        words.append("checked")
    return [*words, "disabled"] if "disabled" in node.attributes else words
