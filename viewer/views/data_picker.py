"""Inputs to choose from the data of a workspace; what is chosen on the screen Data is chosen here to begin with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

from simenv.plugins.viewer.content import data_files
from simenv.plugins.viewer.content.data_files import DataItem, Kind
from simenv.plugins.viewer.untrusted_text import visible
from simenv.plugins.viewer.workspace import Workspace

CHOSEN_KEY = "chosen-data"


def all_data(workspace: Workspace) -> list[DataItem]:
    """All data of the workspace, the files that people brought first. A file is identified again only where it changes."""
    stats = ((p, p.stat()) for p in data_files.brought_files(workspace))
    brought_items = [_identify(str(p), workspace.relative(p), s.st_mtime_ns, s.st_size) for p, s in stats]
    return [*brought_items, *data_files.workspace_data(workspace)]


@st.cache_data(max_entries=4_000, show_spinner=False)
def _identify(path: str, relative_path: str, modified_ns: int, size: int) -> DataItem:
    return data_files.identify(Path(path), relative_path)


def pick_data(
    workspace: Workspace, kinds: tuple[Kind, ...], title: str, key: str, first: Iterable[str] = ()
) -> list[str]:
    """An input to choose data of some kinds; returns paths inside the workspace. `key` is the kind on the screen Data.

    `first` are chosen to begin with, in place of what was chosen there.
    """
    items = {d.path: d for kind in kinds for d in all_data(workspace) if d.kind == kind}
    chosen = [*first] or st.session_state.get(CHOSEN_KEY, {}).get(key, [])
    before = [p for p in chosen if p in items]
    return list(
        st.multiselect(
            title, list(items), before, key=f"data-{key}", format_func=lambda p: item_label(items[p]),
            placeholder="none" if items else "none here yet: see Data", disabled=not items,
        )
    )  # fmt: skip


def item_label(d: DataItem) -> str:
    """An item in one line, for a list."""
    of = f" · {d.environment}" if d.environment else ""
    return visible(f"{d.path} ({d.form}{of})", 160).text
