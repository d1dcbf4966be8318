"""The run that a screen is about: the choice of it, its index, its reviews."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.runs import review
from simenv.runs.index import Index
from simenv.runs.review import Review


def pick_run() -> str | None:
    """A selectbox of the workspace's runs that begins with the one in the address; the name of the run chosen.

    None where there are no runs; then a button leads to where one is made.
    """
    workspace = navigation.workspace()
    names = workspace.names(workspace.runs, "config.yaml")
    if not names:
        st.info("No runs here yet.")
        if st.button("Make one"):
            navigation.go("runs")
        return None
    address = st.query_params.get("run", "")
    if address and address not in names:
        st.warning(f"There is no run {label(address)} here.")
    start = names.index(address) if address in names else 0
    name = st.selectbox("Run", names, index=start, key="chosen-run", format_func=lambda n: visible(n, 120).text)
    st.query_params["run"] = name
    return str(name)


def open_index(run: str) -> Index:
    """The index of a run, brought up to date; a bar shows how far that is where there is much to read."""
    index = Index(navigation.workspace().run_folder(run))
    bar = st.empty()

    def on_progress(bytes_read: int, total: int) -> None:
        if total > 50_000_000:
            bar.progress(bytes_read / total, f"indexing {total / 1e6:,.0f} MB, once")

    index.refresh(on_progress)
    bar.empty()
    return index


def read_reviews(run: str) -> list[Review]:
    """All reviews of a run, kept between draws of the page until there are more."""
    path = navigation.workspace().run_folder(run) / review.FILE
    size = path.stat().st_size if path.is_file() else 0
    return _reviews(str(path.parent), size)


@st.cache_data(max_entries=16, show_spinner=False)
def _reviews(folder: str, size: int) -> list[Review]:
    return list(review.read(Path(folder)))
