"""The screen Sweeps: the grid of a sweep's settings with their success, the best of them, and the log of its stages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plots
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import result_tables
from simenv.plugins.viewer.untrusted_text import label, one_line, visible

CONFIG = "config.yaml"


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Sweeps")
    names = workspace.names(workspace.sweeps, CONFIG)
    if not names:
        st.info("No sweeps yet. A sweep runs a grid of rollouts, curations, fine-tunes and evaluations:")
        st.code("python -m simenv.sweep configs/sweep/study.yaml", language="bash")
        return
    address = st.query_params.get("sweep", "")
    name = st.selectbox("Sweep", names, names.index(address) if address in names else 0, key="name")
    st.query_params["sweep"] = name
    folder = workspace.folder(workspace.sweeps, name, CONFIG)
    try:
        if (folder / "sweep.json").is_file():
            _grid(result_tables.read_json(folder / "sweep.json"))
        else:
            st.info("It has no table yet: it is written when its stages are through.")
    except SimenvError as e:
        st.error(label(str(e), 300))
    _log(result_tables.sweep_log(folder))


def _grid(sweep: dict[str, Any]) -> None:
    if best := result_tables.best_row(sweep):
        with st.container(horizontal=True):
            st.metric("best", f"{best['mean']:.1%}", delta_description=f"{best['low']:.0%} to {best['high']:.0%}")
            st.metric("at", one_line(best["title"], 60))
    rows = [{k: visible(v, 200).text for k, v in row.items()} for row in result_tables.sweep_table(sweep)]
    st.dataframe(rows, hide_index=True, height="content")
    cells = result_tables.sweep_cells(sweep)
    if not cells:
        st.caption("No cell has been measured yet.")
        return
    view = st.segmented_control(
        "Show", ["Heat map", "Bars"], default="Heat map", key="view", label_visibility="collapsed"
    )
    if view == "Bars":
        columns = list(dict.fromkeys(c["environment"] for c in cells))
        environment = (
            st.segmented_control("Environment", columns, default=columns[-1], key="environment") or columns[-1]
        )
        st.altair_chart(
            plots.success(
                [{"name": c["row"], "success": c["mean"], **c} for c in cells if c["environment"] == environment]
            ),
            alt="success of each row with intervals",
        )
    else:
        st.altair_chart(plots.grid(cells), alt="success by row and environment")


def _log(rows: result_tables.Rows) -> None:
    st.subheader("Stages")
    if not rows:
        st.caption("None has been run.")
        return
    st.dataframe(
        [{k: visible(v, 300).text if isinstance(v, str) else v for k, v in row.items()} for row in rows],
        hide_index=True,
        height="content" if len(rows) <= 12 else 460,
        column_config={
            "started": st.column_config.TextColumn("started", width="medium"),
            "seconds": st.column_config.NumberColumn("seconds", format="%.1f"),
        },
    )


main()
