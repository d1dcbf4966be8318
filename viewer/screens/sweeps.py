"""Sweeps: a grid of settings, which of them is best, and what was run for it."""

from __future__ import annotations

import streamlit as st

from simenv import plots
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation, result_tables
from simenv.plugins.viewer.untrusted_text import label, short, shown

MARK = "config.yaml"


def main() -> None:
    place = navigation.place()
    st.title("Sweeps")
    names = place.names(place.sweeps, MARK)
    if not names:
        st.info("No sweeps yet. A sweep runs a grid of rollouts, curations, fine-tunes and evaluations:")
        st.code("python -m simenv.sweep configs/sweep/study.yaml", language="bash")
        return
    wanted = st.query_params.get("sweep", "")
    name = st.selectbox("Sweep", names, names.index(wanted) if wanted in names else 0, key="name")
    st.query_params["sweep"] = name
    folder = place.folder(place.sweeps, name, MARK)
    try:
        if (folder / "sweep.json").is_file():
            _grid(result_tables.read(folder / "sweep.json"))
        else:
            st.info("It has no table yet: it is written when its stages are through.")
    except SimenvError as e:
        st.error(label(str(e), 300))
    _log(result_tables.stages(folder))


def _grid(sweep: dict) -> None:  # type: ignore[type-arg]
    if best := result_tables.best(sweep):
        with st.container(horizontal=True):
            st.metric("best", f"{best['mean']:.1%}", delta_description=f"{best['low']:.0%} to {best['high']:.0%}")
            st.metric("at", short(best["title"], 60))
    rows = [{k: shown(v, 200).text for k, v in row.items()} for row in result_tables.table(sweep)]
    st.dataframe(rows, hide_index=True, height="content")
    cells = result_tables.cells(sweep)
    if not cells:
        st.caption("No cell has been measured yet.")
        return
    view = st.segmented_control(
        "Show", ["Heat map", "Bars"], default="Heat map", key="view", label_visibility="collapsed"
    )
    if view == "Bars":
        columns = list(dict.fromkeys(c["environment"] for c in cells))
        chosen = st.segmented_control("Environment", columns, default=columns[-1], key="environment") or columns[-1]
        st.altair_chart(
            plots.success([{"name": c["row"], "success": c["mean"], **c} for c in cells if c["environment"] == chosen]),
            alt="success of each row with intervals",
        )
    else:
        st.altair_chart(plots.grid(cells), alt="success by row and environment")


def _log(rows: list) -> None:  # type: ignore[type-arg]
    st.subheader("Stages")
    if not rows:
        st.caption("None has been run.")
        return
    st.dataframe(
        [{k: shown(v, 300).text if isinstance(v, str) else v for k, v in row.items()} for row in rows],
        hide_index=True,
        height="content" if len(rows) <= 12 else 460,
        column_config={
            "started": st.column_config.TextColumn("started", width="medium"),
            "seconds": st.column_config.NumberColumn("seconds", format="%.1f"),
        },
    )


main()
