"""The tab Gold of a trajectory: beside it, a success on the same task."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.episodes import solutions
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.open_trajectory import HASH, OpenTrajectory
from simenv.plugins.viewer.views.permission import permitted
from simenv.plugins.viewer.views.run_data import open_index
from simenv.runs.query import EpisodeQuery
from simenv.types import Trajectory

SOLUTION = "the task's own solution"


def show(o: OpenTrajectory) -> None:
    """Draw the tab: the choice of where the gold comes from, and the two chats side by side."""
    workspace = navigation.workspace()
    other_runs = [n for n in workspace.names(workspace.runs, "config.yaml") if n != o.run]
    source = st.selectbox("Gold", [SOLUTION, o.run, *other_runs], key="gold", format_func=_source_label)
    gold: Trajectory | None = None
    try:
        if source == SOLUTION:
            gold = permitted(o.folder, lambda trust: _solution(str(o.folder), o.original, trust), "gold")
        else:
            gold = _success(o, source)
    except SimenvError as e:
        st.info(label(str(e), 300))
    this_column, gold_column = st.columns(2)
    with this_column:
        st.subheader("This one")
        _result(o.original)
        chat.draw(o.current, o.original, "this")
    with gold_column:
        st.subheader("Gold")
        if gold is None:
            st.info("There is none.")
        else:
            _result(gold)
            chat.draw(gold, key="twin")


def _source_label(name: str) -> str:
    return name if name == SOLUTION else f"run {visible(name, 120).text}"


def _success(o: OpenTrajectory, run: str) -> Trajectory | None:
    """The first success of the same task in a run that is another trajectory than this."""
    index = open_index(run)
    rows = index.page(EpisodeQuery(task=o.original.task, success=True), 0, 2)
    rows = [r for r in rows if (run, r.id) != (o.run, o.row.id)]
    return index.read(rows[0]) if rows else None


@st.cache_data(max_entries=8, show_spinner="playing the solution …", hash_funcs=HASH)
def _solution(folder: str, t: Trajectory, trust: tuple[str, ...]) -> Trajectory:
    return solutions.solution(Path(folder), t, trust)


def _result(t: Trajectory) -> None:
    grade = "not graded" if t.grade is None else "success" if t.grade.success else f"progress {t.grade.progress:.0%}"
    st.caption(label(f"{t.id} · {len(t.steps)} steps · {grade}", 160))
