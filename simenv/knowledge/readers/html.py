"""HTML: the text that a reader sees, a block for each heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from simenv.knowledge.readers.block import Block
from simenv.knowledge.readers.text import decoded

_UNSEEN = "script, style, noscript, template, nav, svg, iframe, object, [hidden]"
_HEADINGS = {f"h{n}" for n in range(1, 7)}
_BREAKS = {"p", "div", "li", "br", "tr", "section", "article", "table", "ul", "ol", "dd", "dt", "blockquote", "pre"}
_CELLS = {"td", "th"}


def blocks(path: Path) -> Iterator[Block]:
    """The text under each heading, and before the first one."""
    page = LexborHTMLParser(decoded(path))
    for node in page.css(_UNSEEN):
        node.decompose()
    title = page.css_first("title")
    heading = title.text(strip=True) if title else None
    words: list[str] = []
    inside: LexborNode | None = None
    for node in page.body.traverse(include_text=True) if page.body else ():
        if node.tag in _HEADINGS:
            yield Block(_tidy(words), heading=heading)
            heading, words, inside = " ".join(node.text().split()), [], node
        elif node.tag in _BREAKS:
            words.append("\n")
        elif node.tag in _CELLS:
            words.append(" | " if words and words[-1] != "\n" else "")
        elif node.tag == "-text" and not _below(node, inside):
            words.append(" ".join((node.text_content or "").split()) + " ")
    yield Block(_tidy(words), heading=heading)


def _below(node: LexborNode, heading: LexborNode | None) -> bool:
    """Whether a text belongs to the heading, which the block has already."""
    parent = node.parent
    while heading is not None and parent is not None and parent.tag != "body":
        if parent.tag in _HEADINGS:
            return True
        parent = parent.parent
    return False


def _tidy(words: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line)
