"""The tab Review of a trajectory: approve, reject, label, comment, edit a message, mask one from the loss, undo."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import ConfigError, SimenvError
from simenv.plugins.viewer.content import reviewing
from simenv.plugins.viewer.content.chat_blocks import Badge, Block
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory
from simenv.plugins.viewer.views.reviewer import ask_reviewer

LARGEST = 200_000
"""Characters of a message that can be edited on the screen."""


def show(o: OpenTrajectory) -> None:
    """Draw the tab: the buttons, the record of reviews, and the chat with what can be done to each message."""
    ask_reviewer()
    _judgement(o)
    _label_and_comment(o)
    _history(o)
    seen: set[int] = set()

    def buttons_below(block: Block) -> None:
        if block.message is not None and block.message not in seen:
            seen.add(block.message)
            _message_buttons(o, block.message)

    chat.draw(o.current, o.original, "review", o.blind, buttons_below)


def _judgement(o: OpenTrajectory) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        approved = o.opinion.approved if not o.blind else None
        kind: Any = "primary" if approved else "secondary"
        if st.button("Approve", icon=":material/thumb_up:", shortcut="y", key="approve", type=kind):
            _add(o, "approve")
        kind = "primary" if approved is False else "secondary"
        if st.button("Reject", icon=":material/thumb_down:", shortcut="n", key="reject", type=kind):
            _add(o, "reject")
        before = reviewing.last_review(o.reviews, o.row.id, o.reviewer)
        if st.button("Undo", icon=":material/undo:", shortcut="u", key="undo", disabled=before is None) and before:
            _add(o, "undo", undoes=before.id)
        if not o.blind:
            if approved is not None:
                chat.draw_badge(Badge("approved" if approved else "rejected", "good" if approved else "bad"))
            for name in dict.fromkeys(o.opinion.labels):
                chat.draw_badge(Badge(name, "plain"))


def _label_and_comment(o: OpenTrajectory) -> None:
    with st.expander("Label or comment"):
        labels = list(reviewing.by_label(o.reviews))
        with st.form("label", border=False, clear_on_submit=True):
            new_label = st.selectbox(
                "Label", labels, index=None, accept_new_options=True, placeholder="choose or type", key="label-text"
            )
            if st.form_submit_button("Add label") and new_label:
                _add(o, "label", text=new_label)
        with st.form("comment", border=False, clear_on_submit=True):
            text = st.text_area("Comment", key="comment-text", height=80)
            if st.form_submit_button("Add comment") and text.strip():
                _add(o, "comment", text=text)


def _history(o: OpenTrajectory) -> None:
    entries = [r for r in o.reviews if r.trajectory == o.row.id]
    if o.blind:
        entries = [r for r in entries if r.reviewer == o.reviewer]
    if entries:
        with st.expander(f"{len(entries):,} entries in the record, the newest first"):
            rows = [
                {
                    "when": r.time,
                    "who": visible(r.reviewer, 60).text,
                    "what": r.action,
                    "text": visible(r.text, 500).text,
                }
                for r in reversed(entries[-200:])
            ]
            st.dataframe(rows, hide_index=True, height="content" if len(rows) < 10 else 380)


def _message_buttons(o: OpenTrajectory, at: int) -> None:
    """Buttons to edit a message and, if an assistant wrote it, to mask it; the editor takes their place once open."""
    message = o.current.messages[at]
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
            is_masked = at in o.opinion.mask
            name, icon = ("Unmask", ":material/check_box:") if is_masked else ("Mask", ":material/block:")
            if (is_masked or message.train) and st.button(name, key=f"mask-{at}", type="tertiary", icon=icon):
                _add(o, "mask", mask=reviewing.toggled_mask(o.opinion, at))


def _editor(o: OpenTrajectory, at: int) -> None:
    message = o.current.messages[at]
    with st.form(f"editor-{at}"):
        content = st.text_area("Text", message.content, key=f"content-{at}", height=220)
        arguments = [
            st.text_area(f"Arguments of {label(c.name)}", c.arguments, key=f"arguments-{at}-{n}")
            for n, c in enumerate(message.calls)
        ]
        with st.container(horizontal=True):
            save = st.form_submit_button("Save", type="primary")
            cancel = st.form_submit_button("Cancel")
    if cancel:
        _close_editor()
    if save:
        try:
            messages = reviewing.edited_messages(o.current, at, content, arguments)
        except ConfigError as e:  # what was typed stays in the editor
            st.error(label(str(e), 300))
            return
        if messages != o.current.messages:
            _add(o, "edit", messages=messages)
        _close_editor()


def _close_editor() -> None:
    st.session_state.pop("editing", None)
    st.rerun()


def _add(o: OpenTrajectory, action: str, **content: Any) -> None:
    try:
        reviewing.add_review(o.folder, o.row.id, o.reviewer, action, **content)
    except SimenvError as e:
        st.error(label(str(e), 300))
        st.stop()
    st.session_state.pop("editing", None)
    st.rerun()
