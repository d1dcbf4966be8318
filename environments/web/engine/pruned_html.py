"""A page as pruned HTML, after Mind2Web: no attributes but bare words, an id for what can be acted on."""

from __future__ import annotations

from .document import Document, Node, kind

_META = ("role", "type", "alt", "aria-description", "aria-label", "label", "title", "name", "placeholder")
"""Attributes that are shown (Mind2Web, data_utils: the salient ones), as bare words and without their names."""
_PLAIN = frozenset(
    """div span p li ul ol section article main header footer nav b i em strong small h1 h2 h3 h4 h5 h6 form fieldset
    label td tr tbody table dl dd dt""".split()  # noqa: SIM905
)
"""Elements that are left out where they hold nothing, or only wrap another one."""
_WORDS = 60
"""Words of one text that are shown."""
_BRACKETS = str.maketrans("<>", "‹›")


def safe(text: str, most: int = _WORDS) -> str:
    """Text of the page that cannot be taken for a tag of it, of at most so many words; a cut is marked."""
    words = text.split()
    shown = " ".join(words) if len(words) <= most else " ".join(words[:most]) + " …"
    return shown.translate(_BRACKETS) if "<" in shown or ">" in shown else shown


def html(document: Document) -> str:
    """One line of HTML without what only looks."""
    return f"<html> {_inside(document, document.skeleton.body)} </html>"


def _inside(document: Document, node: Node) -> str:
    """What is in an element; of a list, its options; of a text area nothing, for its value is shown otherwise."""
    if node.tag == "select":
        chosen = document.value(node)
        return " ".join(_option(o, chosen) for o in node.walk() if o.tag == "option")
    if node.tag == "textarea":
        return ""
    parts = [safe(c) if isinstance(c, str) else _shown(document, c) for c in node.children]
    return " ".join(filter(None, parts))


def _shown(document: Document, node: Node) -> str:
    """An element with what is in it. Where it holds no control it never changes, and is written once."""
    if node.pruned is not None:
        return node.pruned
    shown = "" if node.hidden or (node.control >= 0 and kind(node) == "hidden") else _written(document, node)
    if not node.live:
        node.pruned = shown
    return shown


def _written(document: Document, node: Node) -> str:
    tag, meta, inside = node.tag, _meta(document, node), _inside(document, node)
    if node.number < 0:
        bare = not inside and not meta
        if bare or (tag in _PLAIN and (not inside or (not meta and _single(node)))):
            return inside
        opened = f"{tag} {meta}" if meta else tag
    else:
        opened = f"{tag} id={node.number} {meta}" if meta else f"{tag} id={node.number}"
    return f"<{opened}> {inside} </{tag}>" if inside else f"<{opened} />"


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
        return safe(attributes["role"], 5) if "role" in attributes else ""
    said: list[str] = []
    for name in _META:
        if (text := attributes.get(name)) and (text := safe(text, 8)) not in said:
            said.append(text)
    if node.control >= 0:
        said += state(document, node)
    return " ".join(said)


def state(document: Document, node: Node) -> list[str]:
    """The value of a control, and whether it can be changed."""
    value, what = document.value(node), kind(node)
    shown = []
    if what == "radio":
        shown.append(f"value={safe(node.attributes.get('value', 'on'))}")
    elif isinstance(value, str) and value and what not in ("select", "submit", "button"):
        shown.append(f"value={'•' * len(value) if what == 'password' else safe(value)}")
    if value is True:
        shown.append("checked")
    return [*shown, "disabled"] if "disabled" in node.attributes else shown
