"""Draws a chat: block by block, with badges; every text is shown as it is and never read as markup."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from simenv.plugins.viewer.content.chat_blocks import HIDDEN, Badge, Block, blocks, message_text, text_diff
from simenv.plugins.viewer.untrusted_text import badge_label, label, visible
from simenv.types import Message, Trajectory

TONES = {"good": "green", "bad": "red", "warning": "orange", "plain": "gray"}
FOLDED = {"system": "System prompt", "reasoning": "Reasoning"}
NAMES = {"user": "Task", "thought": "Thought", "raw": "Said"}
PAGE = 100
"""Blocks on a page."""
Below = Callable[[Block], None]
"""Draws what belongs below a block, such as buttons."""


def draw(
    t: Trajectory,
    original: Trajectory | None = None,
    key: str = "chat",
    blind: bool = False,
    below: Below | None = None,
) -> None:
    """Draw the chat of a trajectory in pages.

    `original` is the trajectory before people's edits; `key` begins the keys of all widgets; `blind` hides badges that are not
    neutral; `below` is called after each block.
    """
    chat_blocks = list(blocks(t, original))
    pages = -(-len(chat_blocks) // PAGE)
    page = st.pagination(pages, key=f"{key}-page") if pages > 1 else 1
    for number, block in enumerate(chat_blocks[(page - 1) * PAGE : page * PAGE]):
        _block(block, f"{key}-{page}-{number}", blind, below)


def draw_badge(badge: Badge) -> None:
    """Draw a badge in the colour of its tone."""
    st.badge(badge_label(badge.text), color=TONES[badge.tone])  # type: ignore[arg-type]


def _block(block: Block, key: str, blind: bool, below: Below | None) -> None:
    if block.kind in FOLDED:
        with st.expander(FOLDED[block.kind]):
            _text(block, key)
            if below and block.kind == "system":
                below(block)
        return
    side = "assistant" if block.kind in ("thought", "action", "raw") else "user"
    avatar = ":material/smart_toy:" if side == "assistant" else ":material/public:"
    with st.chat_message(side, avatar=avatar):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(label(block.title or NAMES.get(block.kind, "Observation")))
            for badge in block.badges:
                if not blind or badge.is_neutral:
                    draw_badge(badge)
        _text(block, key)
        if block.before_edit is not None:
            with st.expander("As it was recorded, and what was changed"):
                text_block(
                    text_diff(block.before_edit, block.text, ("recorded", "edited")) or block.before_edit,
                    f"{key}-was",
                    "diff",
                )
        if block.check is not None and block.check.label == "drift":
            with st.expander("What the model invented, beside what the engine says"):
                st.caption(label(block.check.reason, 300))
                text_block(text_diff(block.check.engine, block.check.model), f"{key}-check", "diff")
        if below:
            below(block)


def _text(block: Block, key: str) -> None:
    if block.kind in ("thought", "reasoning"):
        view = visible(block.text)
        st.text(view.text)
        _rest(block.text, view.left_out, key)
    else:
        text_block(block.text, key, block.language)


def text_block(text: str, key: str, language: str | None = None) -> None:
    """Draw a text as it is, cut where it is huge, with a button to download all of it; `language` highlights it."""
    view = visible(text)
    st.code(view.text or " ", language=language, wrap_lines=True)
    _rest(text, view.left_out, key)


def _rest(text: str, left_out: int, key: str) -> None:
    if left_out:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{left_out:,} more characters")
            st.download_button(
                "All of it", lambda: text.encode("utf-8", "replace"), "text.txt", "text/plain",
                key=f"all-{key}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def draw_messages(messages: Sequence[Message], key: str) -> None:
    """Draw the messages of an episode that is still being played."""
    for number, message in enumerate(messages):
        side = "assistant" if message.role == "assistant" else "user"
        avatar = ":material/smart_toy:" if side == "assistant" else ":material/public:"
        with st.chat_message(side, avatar=avatar):
            st.caption(label(message.role if message.author == "engine" else f"{message.role}, {message.author}"))
            if message.reasoning:
                with st.expander(FOLDED["reasoning"]):
                    text_block(message.thought or HIDDEN, f"{key}-{number}-reasoning")
            text_block(message_text(message), f"{key}-{number}")
