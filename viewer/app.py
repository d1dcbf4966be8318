"""The viewer: `streamlit run viewer/app.py -- [RUNS_DIR]`. Streamlit calls only; text of agents and worlds is shown as text."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from simenv.plugins.viewer import views
from simenv.store import Run

PAGE = 50
"""Trajectories a page."""


def main(folder: Path) -> None:
    st.set_page_config(page_title="simenv", layout="wide")
    st.title("simenv")
    listed = views.runs(folder)
    if not listed:
        st.info(f"No runs in {folder} yet. Make one:")
        st.code("python -m simenv.rollout", language="bash")
        return
    name = st.sidebar.selectbox("Run", [line.name for line in listed], key="run")
    run = Run(folder / str(name))
    st.dataframe([line._asdict() for line in listed if line.name == name], hide_index=True)
    number = int(st.sidebar.number_input("Page", min_value=1, value=1, key="page"))
    rows = views.page(run, (number - 1) * PAGE, PAGE)
    st.dataframe(rows, hide_index=True)
    if rows:
        show(run, str(st.selectbox("Trajectory", [row["id"] for row in rows], key="trajectory")))


def show(run: Run, id: str) -> None:
    """One trajectory: its grade and its chat."""
    trajectory = views.trajectory(run, id)
    if trajectory is None:
        st.error(f"{id} is not in this run")
        return
    if trajectory.grade is not None:
        st.json(trajectory.grade.model_dump(), expanded=False)
    for message in trajectory.messages:
        with st.chat_message("assistant" if message.role == "assistant" else "user"):
            st.caption(views.speaker(message))
            st.code(views.body(message), language=None, wrap_lines=True)


main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs"))
