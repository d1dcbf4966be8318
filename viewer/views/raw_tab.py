"""The tab Raw of a trajectory: its JSON as it lies in the run folder, cut where it is long, and a download of all of it."""

from __future__ import annotations

import streamlit as st

from simenv.plugins.viewer.untrusted_text import LIMIT, visible
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory


def show(o: OpenTrajectory) -> None:
    """Draw the tab."""
    size = f"{o.row.length / 1e6:,.1f} MB" if o.row.length > 1e6 else f"{o.row.length / 1e3:,.1f} kB"
    st.download_button(
        f"Download the JSON ({size})", lambda: _line(o), "trajectory.json", "application/json",
        key="raw-all", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    whole = o.row.length <= LIMIT * 10
    text = (
        o.original.model_dump_json(indent=2, exclude_defaults=True)
        if whole
        else _line(o, LIMIT * 2).decode("utf-8", "replace")
    )
    view = visible(text, LIMIT * 2)
    st.code(view.text, language="json" if whole else None, wrap_lines=True)
    if not whole or view.left_out:
        st.caption("The rest is in the download.")


def _line(o: OpenTrajectory, limit: int = -1) -> bytes:
    """The line of the trajectory in its part of the run, at most `limit` bytes of it; all of it where that is negative."""
    with (o.folder / o.row.part).open("rb") as file:
        file.seek(o.row.at)
        return file.read(o.row.length if limit < 0 else min(limit, o.row.length))
