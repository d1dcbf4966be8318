"""What every screen asks Streamlit for: the workspace it was started on, and the ways from screen to screen."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from simenv.index import Index, Where
from simenv.plugins.viewer.place import Place
from simenv.plugins.viewer.words import label

SCREENS = Path(__file__).parent / "screens"


def place() -> Place:
    """The workspace named on the command line; runs/ where none is."""
    return Place(Path(sys.argv[1] if len(sys.argv) > 1 else "runs"))


def go(screen: str, **query: str) -> None:
    """Show another screen; the query is its deep link."""
    st.switch_page(SCREENS / f"{screen}.py", query_params=query)


def chosen_run() -> str | None:
    """The run that the address names, or another that is picked; None, and a way on, where there is none."""
    here = place()
    names = here.names(here.runs, "config.yaml")
    if not names:
        st.info("No runs here yet.")
        if st.button("Make one"):
            go("runs")
        return None
    wanted = st.query_params.get("run", "")
    if wanted and wanted not in names:
        st.warning(f"There is no run {label(wanted)} here.")
    start = names.index(wanted) if wanted in names else 0
    name = st.selectbox("Run", names, index=start, key="chosen-run")
    st.query_params["run"] = name
    return str(name)


def index(name: str) -> Index:
    """The index of a run, brought up to date, with a bar where that takes time."""
    found = Index(place().run(name))
    bar = st.empty()

    def told(done: int, total: int) -> None:
        if total > 50_000_000:
            bar.progress(done / total, f"indexing {total / 1e6:,.0f} MB, once")

    found.refresh(told)
    bar.empty()
    return found


def of_task(task: str) -> Where:
    """The episodes of one task, branches left out."""
    return Where(task=task, branch=False)
