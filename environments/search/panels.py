"""The viewer's panels of a search: the pages that were opened, what was seen of them, and the last results."""

from __future__ import annotations

from typing import Any

from simenv.panel import Panel, Table

from .engine.passages import Passage
from .world import Search

_LONGEST = 2000
"""Characters of a page's seen text in a cell."""


def panels(spec: dict[str, Any], facts: Any) -> tuple[Panel, ...]:
    """The panels of one state; of a corpus that is a file, the ids stand without the text."""
    searcher = Search.inline.searcher(spec["passages"]) if "passages" in spec else None
    pages = {
        id: searcher.page(id) if searcher else None for id in (*facts["seen"], *facts["results"], *facts["opened"])
    }
    opened = tuple(
        (
            id,
            _title(pages[id]),
            "open now" if id == facts["open"] else "opened",
            _seen(pages[id], facts["seen"].get(id, [])),
        )
        for id in facts["opened"]
    )
    results = tuple(
        (n, id, _title(pages[id]), _seen(pages[id], facts["seen"].get(id, [])))
        for n, id in enumerate(facts["results"], 1)
    )
    return (
        Table(title="pages opened", columns=("id", "title", "state", "seen"), rows=opened),
        Table(title="last results", columns=("rank", "id", "title", "seen"), rows=results, key=2),
    )


def _title(page: Passage | None) -> str:
    return page.title if page else ""


def _seen(page: Passage | None, numbers: list[int]) -> str:
    """The sentences that were shown, with dots where others stand between them."""
    if page is None:
        return f"sentences {', '.join(str(n + 1) for n in numbers)}" if numbers else ""
    parts, last = [], -1
    for n in numbers:
        parts += [*(["…"] if n != last + 1 else []), page.sentences[n].text]
        last = n
    text = " ".join(parts if last == len(page.sentences) - 1 else [*parts, "…"])
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
