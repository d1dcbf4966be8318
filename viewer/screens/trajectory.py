"""One trajectory: the chat, what is to be noted of it, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.chat import Badge, Entry
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import branch, chat_view, related
from simenv.plugins.viewer.views.open_trajectory import Opened
from simenv.plugins.viewer.views.review import review
from simenv.runs.index import Index, Row
from simenv.runs.query import EpisodeQuery
from simenv.types import Grade, Stop


def main() -> None:
    """The trajectory that the address names."""
    name = navigation.chosen_run()
    if name is None:
        return
    index = navigation.index(name)
    row = _row(index)
    if row is None:
        return
    _steps_beside(index, row, name)
    try:
        o = Opened.of(
            name, index, row, index.read(row), navigation.reviews(name), navigation.reviewer(), navigation.blind()
        )
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    _head(o)
    view = _view()
    if o.blind and view in TELLING:
        st.info("Hidden until you have judged this trajectory: blind mode is on.")
        return
    VIEWS[view](o)


def _chat(o: Opened) -> None:
    turns = set[int]()

    def split(entry: Entry) -> None:
        """A way to branch before each turn, at its first block."""
        if entry.turn is not None and entry.part in ("thought", "action", "raw") and entry.turn not in turns:
            turns.add(entry.turn)
            if st.button("Branch from here", key=f"branch-{entry.turn}", type="tertiary", icon=":material/call_split:"):
                navigation.go("trajectory", run=o.run, id=o.row.id, view="Branch", turn=str(entry.turn))

    chat_view.chat(o.edited, o.recorded, "chat", o.blind, split)


VIEWS = {
    "Chat": _chat,
    "Review": review,
    "Branch": branch.branch,
    "State": related.state,
    "Gold": related.twin,
    "Forks": related.family,
    "Raw": related.raw,
}
# Views that show what a blind reviewer is not to know.
TELLING = ("Branch", "Gold", "Forks", "Raw")


def _view() -> str:
    """The view that the address names or the reader chose, whichever is newer."""
    asked = st.query_params.get("view", "Chat")
    if asked in VIEWS and asked != st.session_state.get("view-told"):
        st.session_state["view"] = asked
    st.session_state.setdefault("view", "Chat")
    chosen = st.segmented_control("Show", list(VIEWS), key="view", required=True, label_visibility="collapsed")
    st.query_params["view"] = st.session_state["view-told"] = view = str(chosen or "Chat")
    return view


def _row(index: Index) -> Row | None:
    """The trajectory that the address names; the first of the run where it names none."""
    wanted = st.query_params.get("id", "")
    row = index.find(wanted) if wanted else next(iter(index.page(EpisodeQuery(), 0, 1)), None)
    if row is None:
        st.info(
            f"There is no trajectory {label(wanted)} in this run." if wanted else "This run holds no trajectories yet."
        )
        return None
    st.query_params["id"] = row.id
    return row


def _steps_beside(index: Index, row: Row, name: str) -> None:
    before, after = index.neighbours(navigation.filtered(name), row.number)
    view = st.query_params.get("view", "Chat")
    keep = {"view": view} if view in ("Chat", "Review", "State", "Raw") else {}
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All", icon=":material/list:", key="all"):
            navigation.go("trajectories", run=name, **navigation.query(name))
        if st.button("Previous", disabled=before is None, shortcut="left", key="previous"):
            navigation.go("trajectory", run=name, id=str(before), **keep)
        if st.button("Next", disabled=after is None, shortcut="right", key="next"):
            navigation.go("trajectory", run=name, id=str(after), **keep)


def _head(o: Opened) -> None:
    t, grade = o.recorded, o.recorded.grade
    st.subheader(label(t.id), anchor=False)
    if o.blind:
        st.caption(f"{len(t.steps)} steps · the rest is hidden until you have judged it")
        return
    figures = f"{len(t.steps)} steps · {o.row.tokens:,} tokens · ${o.row.cost:.4f} · {o.row.seconds:.2f} s"
    with st.container(horizontal=True, vertical_alignment="center"):
        chat_view.badge(Badge("no grade", "plain") if grade is None else _of_grade(grade))
        chat_view.badge(Badge(t.stop.value.replace("_", " "), "bad" if t.stop is Stop.error else "plain"))
        chat_view.badge(Badge(f"{t.agent} · {t.environment}", "plain"))
        st.caption(label(figures, 120))
    if t.error:
        st.error(label(t.error, 500))
    if grade is not None:
        for reason in grade.reasons[:20]:
            st.caption(label(reason, 300))
        if grade.subgoals:
            with st.container(horizontal=True):
                for goal, reached in list(grade.subgoals.items())[:50]:
                    chat_view.badge(Badge(goal, "good" if reached else "bad"))
    if t.mistake is not None:
        st.caption(label(f"First mistake at step {t.mistake.step + 1}: {t.mistake.reason}", 300))


def _of_grade(grade: Grade) -> Badge:
    return Badge("success", "good") if grade.success else Badge(f"failed, progress {grade.progress:.0%}", "bad")


main()
