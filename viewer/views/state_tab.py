"""The tab State of a trajectory: the world before the first step and after each, with what a step changed marked."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.plugins.viewer.episodes.state_history import StateHistory, replay_states
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import panel_drawing
from simenv.plugins.viewer.views.open_trajectory import HASH, OpenTrajectory
from simenv.plugins.viewer.views.permission import permitted
from simenv.types import Trajectory


def show(o: OpenTrajectory) -> None:
    """Draw the tab: a slider over the steps, the action of the step, the panels of the state after it."""
    with st.spinner("doing the actions again in the engine …"):
        history = permitted(o.folder, lambda trust: _history(str(o.folder), o.original, trust), "state")
    if history is None:
        return
    if history.note:
        st.info(label(history.note, 300))
    if not history.panels:
        return
    last = len(history.panels) - 1
    at = st.slider("after step", 0, last, min(1, last), key="step") if last else 0
    if at and at <= len(o.original.steps):
        action = o.original.steps[at - 1].action
        text = f"{action.name} {action.arguments}" if action else "no action found"
        st.code(visible(text).text, language=None, wrap_lines=True)
    panel_drawing.draw(history.panels[at], history.panels[at - 1] if at else ())


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=HASH)
def _history(folder: str, t: Trajectory, trust: tuple[str, ...]) -> StateHistory:
    return replay_states(Path(folder), t, trust)
