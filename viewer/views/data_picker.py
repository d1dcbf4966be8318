"""Choosing among the data of a workspace."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.plugins.viewer import data_files
from simenv.plugins.viewer.data_files import Datum, Kind
from simenv.plugins.viewer.untrusted_text import shown
from simenv.plugins.viewer.workspace import Workspace

CHOSEN = "chosen-data"


def found(place: Workspace) -> list[Datum]:
    """All there is, what people brought first."""
    stats = ((p, p.stat()) for p in data_files.files(place))
    brought = [_datum(str(p), place.inner(p), s.st_mtime_ns, s.st_size) for p, s in stats]
    return [*brought, *data_files.made(place)]


@st.cache_data(max_entries=4_000, show_spinner=False)
def _datum(path: str, inner: str, changed: int, size: int) -> Datum:
    return data_files.datum(Path(path), inner)


def choices(place: Workspace, kinds: tuple[Kind, ...], title: str, key: str) -> list[str]:
    """Some of the data of these kinds, by path; at first what the Data screen holds chosen."""
    known = {d.path: d for kind in kinds for d in found(place) if d.kind == kind}
    before = [p for p in st.session_state.get(CHOSEN, {}).get(key, []) if p in known]
    return list(
        st.multiselect(
            title, list(known), before, key=f"data-{key}", format_func=lambda p: named(known[p]),
            placeholder="none" if known else "none here yet: see Data", disabled=not known,
        )
    )  # fmt: skip


def named(d: Datum) -> str:
    """A datum in a list."""
    of = f" · {d.environment}" if d.environment else ""
    return shown(f"{d.path} ({d.what}{of})", 160).text
