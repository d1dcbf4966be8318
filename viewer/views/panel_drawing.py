"""Draws the panels of a state. Pages and graphs of a world reach the browser here alone, without scripts or links."""

from __future__ import annotations

import html
import json
from typing import Any

import streamlit as st

from simenv.panel import Change, Graph, Note, Page, Panel, Table, Tree, changes
from simenv.plugins.viewer.untrusted_text import label, visible

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content policy of a drawn page: it may load its own styles and the pictures in it."""
MAX_CELL = 200
"""Characters that are shown of a cell."""


def draw(panels: tuple[Panel, ...], before: tuple[Panel, ...] = ()) -> None:
    """Draw the panels of a state, with what differs from the panels `before` marked."""
    old = {(p.shape, p.title): p for p in before}
    for panel in panels:
        earlier = old.get((panel.shape, panel.title))
        if isinstance(panel, Table):
            _table(panel, earlier if isinstance(earlier, Table) else None)
        elif isinstance(panel, Tree):
            _tree(panel, earlier if isinstance(earlier, Tree) else None)
        elif isinstance(panel, Graph):
            _title(panel)
            st.graphviz_chart(dot(panel))
        elif isinstance(panel, Page):
            _title(panel)
            st.iframe(sandboxed_page(panel.html), height=480)
        else:
            _note(panel)


def _title(panel: Panel) -> None:
    left_out = getattr(panel, "left_out", 0)
    st.caption(f"**{label(panel.title)}**" + (f" · {left_out:,} more" if left_out else ""))


def _table(panel: Table, before: Table | None) -> None:
    import pandas as pd

    _title(panel)
    change = changes(before, panel)
    cells = [[_cell(c) for c in row] for row in panel.rows]
    names = [visible(c, MAX_CELL).text for c in panel.columns]
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
    """Names of columns, with a number after those that occur before."""
    return [n if n not in names[:i] else f"{n} ({names[: i + 1].count(n)})" for i, n in enumerate(names)]


def _cell(value: Any) -> str:
    return "NULL" if value is None else visible(value if isinstance(value, str) else json.dumps(value), MAX_CELL).text


def _tree(panel: Tree, before: Tree | None) -> None:
    _title(panel)
    st.code(visible(tree_lines(panel, before)).text, language="diff" if before is not None else None, wrap_lines=True)


def tree_lines(panel: Tree, before: Tree | None = None) -> str:
    """A tree as indented lines; compared with an earlier one, new lines begin with +, removed ones with -."""
    old_entries = before.entries if before else {}
    every = sorted({*panel.entries, *old_entries}, key=lambda p: [part.casefold() for part in p])
    lines: list[str] = []
    above: tuple[str, ...] = ()
    for path in every:
        shared_depth = next(
            (i for i, (a, b) in enumerate(zip(above, path, strict=False)) if a != b), min(len(above), len(path))
        )
        lines += [f"  {'  ' * depth}{_name(path[depth])}/" for depth in range(shared_depth, len(path) - 1)]
        above = path
        indent = "  " * (len(path) - 1)
        entry, old_entry = panel.entries.get(path), old_entries.get(path)
        if before is not None and old_entry is not None and old_entry != entry:
            lines.append(f"- {indent}{_name(path[-1])}  {old_entry}".rstrip())
        if entry is not None:
            mark = "+" if before is not None and old_entry != entry else " "
            lines.append(f"{mark} {indent}{_name(path[-1])}  {entry}".rstrip())
    return "\n".join(lines)


def _name(part: str) -> str:
    return " ".join(part.split("\n"))


def dot(panel: Graph) -> str:
    """A graph in the DOT language of Graphviz; every text in it is a quoted string."""
    nodes = "\n".join(f"{_dot_string(id)} [label={_dot_string(text)}]" for id, text in panel.nodes.items())
    edges = "\n".join(f"{_dot_string(a)} -> {_dot_string(b)} [label={_dot_string(name)}]" for a, name, b in panel.edges)
    return (
        'digraph { rankdir=LR; bgcolor="transparent"; '
        'node [shape=box, style="rounded,filled", fillcolor="#dbe7f5", color="#2f6db3", fontname="sans-serif"]; '
        f'edge [color="#888888", fontcolor="#888888", fontsize=10]\n{nodes}\n{edges}\n}}'
    )


def _dot_string(text: str) -> str:
    """A DOT string: backslashes and quotes escaped, no HTML labels, no line breaks."""
    one = " ".join(visible(text, MAX_CELL).text.split())
    return '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"'


def sandboxed_page(page: str) -> str:
    """HTML of a sandboxed_page frame around a page: it runs no script, sends no form, opens no window and loads nothing."""
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
    st.code(visible(text).text, language="json", wrap_lines=True)
