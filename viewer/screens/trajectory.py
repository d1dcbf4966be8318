"""One trajectory: the chat, what is to be noted of it, and what can be done with it."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.index import Index, Row, Where
from simenv.plugins.viewer import workspace
from simenv.plugins.viewer.chat import Badge, Entry, difference, entries
from simenv.plugins.viewer.words import label, shown
from simenv.types import Trajectory

TONES = {"good": "green", "bad": "red", "warning": "orange", "plain": "gray"}
NAMES = {"system": "System prompt", "user": "Task", "thought": "Thought", "raw": "Said"}


def main() -> None:
    name = workspace.chosen_run()
    if name is None:
        return
    index = workspace.index(name)
    row = _row(index)
    if row is None:
        return
    _steps_beside(index, row, name)
    try:
        t = index.read(row)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    _head(t, row)
    chat, more = st.tabs(["Chat", "Raw"])
    with chat:
        for entry in entries(t):
            _entry(entry)
    with more:
        st.code(shown(t.model_dump_json(indent=2, exclude_defaults=True)).text, language="json", wrap_lines=True)


def _row(index: Index) -> Row | None:
    """The trajectory that the address names; the first of the run where it names none."""
    wanted = st.query_params.get("id", "")
    row = index.find(wanted) if wanted else next(iter(index.page(Where(), 0, 1)), None)
    if row is None:
        st.info(
            f"There is no trajectory {label(wanted)} in this run." if wanted else "This run holds no trajectories yet."
        )
        return None
    st.query_params["id"] = row.id
    return row


def _steps_beside(index: Index, row: Row, name: str) -> None:
    before, after = index.beside(Where(), row.number)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("All", icon=":material/list:", key="all"):
            workspace.go("trajectories", run=name)
        if st.button("Previous", disabled=before is None, shortcut="left", key="previous"):
            workspace.go("trajectory", run=name, id=str(before))
        if st.button("Next", disabled=after is None, shortcut="right", key="next"):
            workspace.go("trajectory", run=name, id=str(after))


def _head(t: Trajectory, row: Row) -> None:
    st.subheader(label(t.id))
    grade = t.grade
    with st.container(horizontal=True):
        st.metric("success", "–" if grade is None else "yes" if grade.success else "no")
        st.metric("progress", "–" if grade is None else f"{grade.progress:.0%}")
        st.metric("ended by", t.stop.value.replace("_", " "))
        st.metric("steps", len(t.steps))
        st.metric("tokens", f"{row.tokens:,}")
        st.metric("cost", f"${row.cost:.4f}")
    if t.error:
        st.error(label(t.error, 500))
    if grade is not None:
        for reason in grade.reasons:
            st.caption(label(reason, 300))
        if grade.subgoals:
            with st.container(horizontal=True):
                for goal, reached in grade.subgoals.items():
                    _badge(Badge(goal, "good" if reached else "bad"))


def _badge(badge: Badge) -> None:
    st.badge(label(badge.text, 120), color=TONES[badge.tone])  # type: ignore[arg-type]


def _entry(entry: Entry) -> None:
    if entry.part == "system":
        with st.expander("System prompt"):
            _text(entry)
        return
    side = "assistant" if entry.part in ("thought", "action", "raw") else "user"
    avatar = ":material/smart_toy:" if side == "assistant" else ":material/public:"
    with st.chat_message(side, avatar=avatar):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(label(entry.title or NAMES.get(entry.part, "Observation")))
            for badge in entry.badges:
                _badge(badge)
        _text(entry)
        if entry.check is not None and entry.check.label == "drift":
            with st.expander("What the model invented, beside what the engine says"):
                st.caption(label(entry.check.reason, 300))
                st.code(shown(difference(entry.check)).text, language="diff", wrap_lines=True)


def _text(entry: Entry) -> None:
    seen = shown(entry.text)
    if entry.part == "thought":
        st.text(seen.text)
    else:
        st.code(seen.text or " ", language=entry.language, wrap_lines=True)
    if seen.left_out:
        st.caption(f"{seen.left_out:,} more characters")
        st.download_button(
            "Download all of it", entry.text.encode("utf-8", "replace"), "text.txt", key=f"all-{entry}"[:60]
        )


main()
