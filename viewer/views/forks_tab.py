"""The tab Forks of a trajectory: the episodes branched off it or off the same episode, and how each of them ended."""

from __future__ import annotations

import streamlit as st

from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import forks
from simenv.plugins.viewer.untrusted_text import visible
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory
from simenv.plugins.viewer.views.selectable_table import selectable_table


def show(o: OpenTrajectory) -> None:
    """Draw the tab: a table of the family; selecting a row opens that trajectory."""
    members = forks.family(o.index, o.original)
    if len(members) < 2:
        st.info("Nothing was split off this episode. Branch shows how to.")
        return
    rows = [
        {
            "trajectory": ("▸ " if m.row.id == o.row.id else "") + visible(m.name, 120).text,
            "way": visible(m.row.continuation or "–", 40).text,
            "success": m.row.success,
            "progress": m.row.progress,
            "stop": m.row.stop,
            "steps": m.row.steps,
        }
        for m in members
    ]
    share = st.column_config.ProgressColumn("progress", format="percent", min_value=0, max_value=1)
    at = selectable_table(rows, "family", column_config={"progress": share})
    if at is not None and members[at].row.id != o.row.id:
        navigation.go("trajectory", run=o.run, id=members[at].row.id, view="Forks")
