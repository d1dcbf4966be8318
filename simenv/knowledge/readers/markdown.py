"""Markdown: a block for each heading. The text stays as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from simenv.knowledge.readers.block import Block
from simenv.knowledge.readers.text import decoded

_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t#]*$")
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")


def blocks(path: Path) -> Iterator[Block]:
    """The text under each heading; lines in fenced code are no headings."""
    heading, lines, fenced = None, list[str](), False
    for line in decoded(path).splitlines():
        fenced ^= bool(_FENCE.match(line))
        if not fenced and (found := _HEADING.match(line)):
            yield Block("\n".join(lines), heading=heading)
            heading, lines = found[1], []
        else:
            lines.append(line)
    yield Block("\n".join(lines), heading=heading)
