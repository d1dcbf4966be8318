"""A page as a recording keeps it: a tree in XML. Nothing is moved or left out on reading, as HTML's rules for tables would."""

from __future__ import annotations

import re
from html import escape
from xml.parsers import expat

from .document import DEEPEST, Node, Skeleton, structure_of

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


class NoSnapshot(ValueError):
    """A text that is no such tree; the message says where."""


def read_tree(xml: str) -> Node:
    """The root of a tree. Entities and document types are refused: a recording has none, and they could grow without end."""
    reader = _TreeReader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.refuse
    try:
        parser.Parse(xml.encode("utf-8", "replace"), True)
    except expat.ExpatError as e:
        raise NoSnapshot(
            f"no tree of elements: {expat.ErrorString(e.code)} in line {e.lineno}, column {e.offset + 1}"
        ) from e
    return reader.root


class _TreeReader:
    """Builds nodes. What is nested deeper than pages are read is hung up at that depth."""

    def __init__(self) -> None:
        self._path: list[Node] = []
        self.root = Node("html", {})

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes)
        if self._path:
            self._path[min(len(self._path), DEEPEST) - 1].children.append(node)
        else:
            self.root = node
        self._path.append(node)

    def end(self, tag: str) -> None:
        self._path.pop()

    def text(self, data: str) -> None:
        self._path[-1].children.append(data)

    def refuse(self, *declaration: object) -> None:
        raise NoSnapshot("a document type is declared; expected a tree of elements alone")


def write_tree(node: Node) -> str:
    """A tree as `read_tree` reads it; an element whose name HTML lets pass and XML does not becomes a `div`."""
    tag = node.tag if _NAME.fullmatch(node.tag) else "div"
    pairs = "".join(f' {name}="{_escaped(value)}"' for name, value in node.attributes.items())
    inner = "".join(_escaped(c) if isinstance(c, str) else write_tree(c) for c in node.children)
    return f"<{tag}{pairs}>{inner}</{tag}>" if inner else f"<{tag}{pairs}/>"


def _escaped(text: str) -> str:
    return escape(_UNWRITABLE.sub(" ", text))


def read_snapshot(xml: str) -> Skeleton:
    """The structure of a snapshot."""
    root = read_tree(xml)
    title = next((node.words() for node in root.walk() if node.tag == "title"), "")
    return structure_of(root, title)
