"""Judging a trajectory: approve, reject, label, comment, edit a message, take the loss off a turn, take it all back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation, review_table
from simenv.plugins.viewer.chat import Badge, Entry
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.views import chat_view
from simenv.plugins.viewer.views.open_trajectory import Opened

LARGEST = 200_000
"""Characters of a message that can be edited on the screen."""


def review(o: Opened) -> None:
    navigation.ask_reviewer()
    _judgement(o)
    _words(o)
    _history(o)
    drawn: set[int] = set()

    def beside(entry: Entry) -> None:
        if entry.message is not None and entry.message not in drawn:
            drawn.add(entry.message)
            _of_message(o, entry.message)

    chat_view.chat(o.edited, o.recorded, "review", o.blind, beside)


def _judgement(o: Opened) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        approved = o.opinion.approved if not o.blind else None
        kind: Any = "primary" if approved else "secondary"
        if st.button("Approve", icon=":material/thumb_up:", shortcut="y", key="approve", type=kind):
            _say(o, "approve")
        kind = "primary" if approved is False else "secondary"
        if st.button("Reject", icon=":material/thumb_down:", shortcut="n", key="reject", type=kind):
            _say(o, "reject")
        before = review_table.last(o.said, o.row.id, o.reviewer)
        if st.button("Undo", icon=":material/undo:", shortcut="u", key="undo", disabled=before is None) and before:
            _say(o, "undo", undoes=before.id)
        if not o.blind:
            if approved is not None:
                chat_view.badge(Badge("approved" if approved else "rejected", "good" if approved else "bad"))
            for one in dict.fromkeys(o.opinion.labels):
                chat_view.badge(Badge(one, "plain"))


def _words(o: Opened) -> None:
    with st.expander("Label or comment"):
        known = list(review_table.labels(o.said))
        with st.form("label", border=False, clear_on_submit=True):
            one = st.selectbox(
                "Label", known, index=None, accept_new_options=True, placeholder="choose or type", key="label-text"
            )
            if st.form_submit_button("Add label") and one:
                _say(o, "label", text=one)
        with st.form("comment", border=False, clear_on_submit=True):
            text = st.text_area("Comment", key="comment-text", height=80)
            if st.form_submit_button("Add comment") and text.strip():
                _say(o, "comment", text=text)


def _history(o: Opened) -> None:
    mine = [r for r in o.said if r.trajectory == o.row.id]
    if o.blind:
        mine = [r for r in mine if r.reviewer == o.reviewer]
    if mine:
        with st.expander(f"{len(mine):,} entries in the record, the newest first"):
            rows = [
                {"when": r.time, "who": shown(r.reviewer, 60).text, "what": r.action, "text": shown(r.text, 500).text}
                for r in reversed(mine[-200:])
            ]
            st.dataframe(rows, hide_index=True, height="content" if len(rows) < 10 else 380)


def _of_message(o: Opened, at: int) -> None:
    """Edit, and of an assistant's message mask; the text area opens in the message's place."""
    message = o.edited.messages[at]
    if st.session_state.get("editing") == (o.row.id, at):
        _editor(o, at)
        return
    with st.container(horizontal=True, gap="small"):
        huge = len(message.content) > LARGEST
        if st.button(
            "Edit", key=f"edit-{at}", type="tertiary", icon=":material/edit:", disabled=huge,
            help="too long to be edited here" if huge else None,
        ):  # fmt: skip
            st.session_state["editing"] = (o.row.id, at)
            st.rerun()
        if message.role == "assistant":
            masked = at in o.opinion.mask
            name, icon = ("Unmask", ":material/check_box:") if masked else ("Mask", ":material/block:")
            if (masked or message.train) and st.button(name, key=f"mask-{at}", type="tertiary", icon=icon):
                _say(o, "mask", mask=review_table.toggled(o.opinion, at))


def _editor(o: Opened, at: int) -> None:
    message = o.edited.messages[at]
    with st.form(f"editor-{at}"):
        content = st.text_area("Text", message.content, key=f"content-{at}", height=220)
        arguments = [
            st.text_area(f"Arguments of {label(c.name)}", c.arguments, key=f"arguments-{at}-{n}")
            for n, c in enumerate(message.calls)
        ]
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary")
            cancel = st.form_submit_button("Cancel")
    if save:
        new = review_table.edited(o.edited, at, content, arguments)
        if new != o.edited.messages:
            _say(o, "edit", messages=new)
    if save or cancel:
        st.session_state.pop("editing", None)
        st.rerun()


def _say(o: Opened, action: str, **what: Any) -> None:
    try:
        review_table.say(o.folder, o.row.id, o.reviewer, action, **what)
    except SimenvError as e:
        st.error(label(str(e), 300))
        st.stop()
    st.session_state.pop("editing", None)
    st.rerun()
