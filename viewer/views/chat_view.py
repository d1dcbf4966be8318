"""A chat on the screen: each block of it apart, what is to be noted as badges, nothing in it obeyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from simenv.plugins.viewer.chat import Badge, Entry, difference, entries
from simenv.plugins.viewer.untrusted_text import label, shown, tag
from simenv.types import Message, Trajectory

TONES = {"good": "green", "bad": "red", "warning": "orange", "plain": "gray"}
NAMES = {"system": "System prompt", "user": "Task", "thought": "Thought", "raw": "Said"}
PAGE = 100
"""Blocks that are shown at once."""
Beside = Callable[[Entry], None]


def chat(
    t: Trajectory,
    original: Trajectory | None = None,
    key: str = "chat",
    blind: bool = False,
    beside: Beside | None = None,
) -> None:
    """All of a trajectory's chat; `beside` draws below each block what can be done with it."""
    every = list(entries(t, original))
    pages = -(-len(every) // PAGE)
    page = st.pagination(pages, key=f"{key}-page") if pages > 1 else 1
    for number, entry in enumerate(every[(page - 1) * PAGE : page * PAGE]):
        _entry(entry, f"{key}-{page}-{number}", blind, beside)


def badge(it: Badge) -> None:
    st.badge(tag(it.text), color=TONES[it.tone])  # type: ignore[arg-type]


def _entry(entry: Entry, key: str, blind: bool, beside: Beside | None) -> None:
    if entry.part == "system":
        with st.expander("System prompt"):
            _text(entry, key)
            if beside:
                beside(entry)
        return
    side = "assistant" if entry.part in ("thought", "action", "raw") else "user"
    avatar = ":material/smart_toy:" if side == "assistant" else ":material/public:"
    with st.chat_message(side, avatar=avatar):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(label(entry.title or NAMES.get(entry.part, "Observation")))
            for it in entry.badges:
                if not blind or it.tells_nothing:
                    badge(it)
        _text(entry, key)
        if entry.was is not None:
            with st.expander("As it was recorded, and what was changed"):
                block(difference(entry.was, entry.text, ("recorded", "edited")) or entry.was, f"{key}-was", "diff")
        if entry.check is not None and entry.check.label == "drift":
            with st.expander("What the model invented, beside what the engine says"):
                st.caption(label(entry.check.reason, 300))
                block(difference(entry.check.engine, entry.check.model), f"{key}-check", "diff")
        if beside:
            beside(entry)


def _text(entry: Entry, key: str) -> None:
    if entry.part == "thought":
        seen = shown(entry.text)
        st.text(seen.text)
        _rest(entry.text, seen.left_out, key)
    else:
        block(entry.text, key, entry.language)


def block(text: str, key: str, language: str | None = None) -> None:
    """A text as it is, cut where it is huge; the rest can be downloaded."""
    seen = shown(text)
    st.code(seen.text or " ", language=language, wrap_lines=True)
    _rest(text, seen.left_out, key)


def _rest(text: str, left_out: int, key: str) -> None:
    if left_out:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{left_out:,} more characters")
            st.download_button(
                "All of it", lambda: text.encode("utf-8", "replace"), "text.txt", "text/plain",
                key=f"all-{key}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def messages(given: Sequence[Message], key: str) -> None:
    """A chat that is not an episode yet, message by message."""
    for number, message in enumerate(given):
        side = "assistant" if message.role == "assistant" else "user"
        avatar = ":material/smart_toy:" if side == "assistant" else ":material/public:"
        with st.chat_message(side, avatar=avatar):
            st.caption(label(message.role if message.author == "engine" else f"{message.role}, {message.author}"))
            text = "\n".join([message.content, *(f"{c.name}({c.arguments})" for c in message.calls)]).strip()
            block(text, f"{key}-{number}")
