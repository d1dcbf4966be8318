"""Panels of a state, drawn: the only place where a world's pages and graphs reach the browser, and they reach it inert."""

from __future__ import annotations

import html
import json
from typing import Any

import streamlit as st

from simenv.panel import Change, Graph, Note, Page, Panel, Table, Tree, changes
from simenv.plugins.viewer.untrusted_text import label, shown

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What a drawn page may load: its own styles and the pictures in it."""
CELL = 200
"""Characters of a cell that are shown."""


def panels(now: tuple[Panel, ...], before: tuple[Panel, ...] = ()) -> None:
    """Draw panels, marking what the ones before did not show."""
    old = {(p.shape, p.title): p for p in before}
    for panel in now:
        was = old.get((panel.shape, panel.title))
        if isinstance(panel, Table):
            _table(panel, was if isinstance(was, Table) else None)
        elif isinstance(panel, Tree):
            _tree(panel, was if isinstance(was, Tree) else None)
        elif isinstance(panel, Graph):
            _title(panel)
            st.graphviz_chart(dot(panel))
        elif isinstance(panel, Page):
            _title(panel)
            st.iframe(framed(panel.html), height=480)
        else:
            _note(panel)


def _title(panel: Panel) -> None:
    left = getattr(panel, "left_out", 0)
    st.caption(f"**{label(panel.title)}**" + (f" · {left:,} more" if left else ""))


def _table(panel: Table, before: Table | None) -> None:
    import pandas as pd

    _title(panel)
    change = changes(before, panel)
    cells = [[_cell(c) for c in row] for row in panel.rows]
    names = [shown(c, CELL).text for c in panel.columns]
    frame = pd.DataFrame(cells, columns=_unique(names))
    st.dataframe(frame.style.apply(lambda _: _marks(frame, change), axis=None), hide_index=True, height="content")
    if change.gone:
        st.caption(f"{len(change.gone):,} rows are gone: " + label("; ".join(map(str, change.gone[:3])), 300))


def _marks(frame: Any, change: Change) -> Any:
    styles = frame.map(lambda _: "")
    for row, column in change.cells:
        styles.iat[row, column] = "background-color: rgba(250, 180, 40, 0.35)"
    return styles


def _unique(names: list[str]) -> list[str]:
    """Names that a frame can hold: equal ones get a number."""
    return [n if n not in names[:i] else f"{n} ({names[: i + 1].count(n)})" for i, n in enumerate(names)]


def _cell(value: Any) -> str:
    return "NULL" if value is None else shown(value if isinstance(value, str) else json.dumps(value), CELL).text


def _tree(panel: Tree, before: Tree | None) -> None:
    _title(panel)
    st.code(shown(tree(panel, before)).text, language="diff" if before is not None else None, wrap_lines=True)


def tree(panel: Tree, before: Tree | None = None) -> str:
    """A tree as indented lines; beside an earlier one those that are new begin with +, those that are gone with -."""
    known = before.entries if before else {}
    every = sorted({*panel.entries, *known}, key=lambda p: [part.casefold() for part in p])
    found: list[str] = []
    above: tuple[str, ...] = ()
    for path in every:
        shared = next(
            (i for i, (a, b) in enumerate(zip(above, path, strict=False)) if a != b), min(len(above), len(path))
        )
        found += [f"  {'  ' * depth}{_name(path[depth])}/" for depth in range(shared, len(path) - 1)]
        above = path
        indent = "  " * (len(path) - 1)
        new, old = panel.entries.get(path), known.get(path)
        if before is not None and old is not None and old != new:
            found.append(f"- {indent}{_name(path[-1])}  {old}".rstrip())
        if new is not None:
            mark = "+" if before is not None and old != new else " "
            found.append(f"{mark} {indent}{_name(path[-1])}  {new}".rstrip())
    return "\n".join(found)


def _name(part: str) -> str:
    return " ".join(part.split("\n"))


def dot(panel: Graph) -> str:
    """A graph in Graphviz's language; every text in it is a quoted string."""
    nodes = "\n".join(f"{_quoted(id)} [label={_quoted(text)}]" for id, text in panel.nodes.items())
    edges = "\n".join(f"{_quoted(a)} -> {_quoted(b)} [label={_quoted(name)}]" for a, name, b in panel.edges)
    return (
        'digraph { rankdir=LR; bgcolor="transparent"; '
        'node [shape=box, style="rounded,filled", fillcolor="#dbe7f5", color="#2f6db3", fontname="sans-serif"]; '
        f'edge [color="#888888", fontcolor="#888888", fontsize=10]\n{nodes}\n{edges}\n}}'
    )


def _quoted(text: str) -> str:
    """A DOT string: backslashes and quotes escaped, no HTML labels, no line breaks."""
    one = " ".join(shown(text, CELL).text.split())
    return '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"'


def framed(page: str) -> str:
    """A page in a frame that runs no script, sends no form, opens no window and loads nothing."""
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    inner = html.escape(policy + page, quote=True)
    style = "position:fixed;inset:0;width:100%;height:100%;border:0;background:#fff"
    outer = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'none'"
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{outer}">'
        f'<iframe title="page" sandbox="" referrerpolicy="no-referrer" style="{style}" srcdoc="{inner}"></iframe>'
    )


def _note(panel: Note) -> None:
    _title(panel)
    text = json.dumps(panel.value, indent=2, ensure_ascii=False, default=str)
    st.code(shown(text).text, language="json", wrap_lines=True)
