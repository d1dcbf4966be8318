"""The screen Trajectory: one trajectory, its result in badges, and its tabs: chat, review, branch, state, gold, forks, JSON."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content.chat_blocks import Badge
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import (
    branch_tab,
    chat,
    chat_tab,
    claims_tab,
    forks_tab,
    gold_tab,
    raw_tab,
    review_tab,
    state_tab,
)
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory
from simenv.plugins.viewer.views.reviewer import is_blind, reviewer
from simenv.plugins.viewer.views.run_data import open_index, pick_run, read_reviews
from simenv.runs.index import Index, Row
from simenv.runs.query import EpisodeQuery
from simenv.types import Grade, Stop


def main() -> None:
    """Draw the screen for the trajectory that the address names."""
    name = pick_run()
    if name is None:
        return
    index = open_index(name)
    row = _row(index)
    if row is None:
        return
    _previous_and_next(index, row, name)
    try:
        o = OpenTrajectory.of(name, index, row, read_reviews(name), reviewer(), is_blind())
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    _head(o)
    tab = _pick_tab()
    if o.blind and tab in NOT_BLIND:
        st.info("Hidden until you have judged this trajectory: blind mode is on.")
        return
    TABS[tab](o)


TABS: dict[str, Callable[[OpenTrajectory], None]] = {
    "Chat": chat_tab.show,
    "Review": review_tab.show,
    "Branch": branch_tab.show,
    "State": state_tab.show,
    "Claims": claims_tab.show,
    "Gold": gold_tab.show,
    "Forks": forks_tab.show,
    "Raw": raw_tab.show,
}
NOT_BLIND = ("Branch", "Gold", "Forks", "Raw")
"""Tabs that show what a blind reviewer is not to know."""


def _pick_tab() -> str:
    """The tab that the address names or the reader chose, whichever is newer."""
    address = st.query_params.get("view", "Chat")
    if address in TABS and address != st.session_state.get("view-told"):
        st.session_state["view"] = address
    st.session_state.setdefault("view", "Chat")
    choice = st.segmented_control("Show", list(TABS), key="view", required=True, label_visibility="collapsed")
    tab = str(choice or "Chat")
    st.query_params["view"] = st.session_state["view-told"] = tab
    return tab


def _row(index: Index) -> Row | None:
    """The trajectory that the address names; the first of the run where it names none."""
    id = st.query_params.get("id", "")
    row = index.find(id) if id else next(iter(index.page(EpisodeQuery(), 0, 1)), None)
    if row is None:
        st.info(f"There is no trajectory {label(id)} in this run." if id else "This run holds no trajectories yet.")
        return None
    st.query_params["id"] = row.id
    return row


def _previous_and_next(index: Index, row: Row, name: str) -> None:
    before, after = index.neighbours(navigation.remembered_query(name), row.number)
    view = st.query_params.get("view", "Chat")
    keep = {"view": view} if view in ("Chat", "Review", "State", "Raw") else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All", icon=":material/list:", key="all"):
            navigation.go("trajectories", run=name, **navigation.table_address(name))
        if st.button("Previous", disabled=before is None, shortcut="left", key="previous"):
            navigation.go("trajectory", run=name, id=str(before), **keep)
        if st.button("Next", disabled=after is None, shortcut="right", key="next"):
            navigation.go("trajectory", run=name, id=str(after), **keep)


def _head(o: OpenTrajectory) -> None:
    t, grade = o.original, o.original.grade
    st.subheader(label(t.id), anchor=False)
    if o.blind:
        st.caption(f"{len(t.steps)} steps · the rest is hidden until you have judged it")
        return
    figures = f"{len(t.steps)} steps · {o.row.tokens:,} tokens · ${o.row.cost:.4f} · {o.row.seconds:.2f} s"
    if (teacher := t.teacher_usage).calls:
        tokens = teacher.input_tokens + teacher.output_tokens
        figures += f" · the teacher's: {tokens:,} tokens · ${teacher.cost:.4f}"
    with st.container(horizontal=True, vertical_alignment="center"):
        chat.draw_badge(Badge("no grade", "plain") if grade is None else _of_grade(grade))
        chat.draw_badge(Badge(t.stop.value.replace("_", " "), "bad" if t.stop is Stop.error else "plain"))
        chat.draw_badge(Badge(f"{t.agent} · {t.environment}", "plain"))
        st.caption(label(figures, 200))
    if t.error:
        st.error(label(t.error, 500))
    if grade is not None:
        for reason in grade.reasons[:20]:
            st.caption(label(reason, 300))
        if grade.subgoals:
            with st.container(horizontal=True):
                for goal, is_reached in list(grade.subgoals.items())[:50]:
                    chat.draw_badge(Badge(goal, "good" if is_reached else "bad"))
    if t.mistake is not None:
        st.caption(label(f"First mistake at step {t.mistake.step + 1}: {t.mistake.reason}", 300))


def _of_grade(grade: Grade) -> Badge:
    return Badge("success", "good") if grade.success else Badge(f"failed, progress {grade.progress:.0%}", "bad")


main()
