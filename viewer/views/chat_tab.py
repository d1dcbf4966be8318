"""The tab Chat of a trajectory: the chat, with a button before each turn that branches there."""

from __future__ import annotations

import streamlit as st

from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content.chat_blocks import Block
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory


def show(o: OpenTrajectory) -> None:
    """Draw the tab."""
    turns = set[int]()

    def branch_button(block: Block) -> None:
        """At the first block of each turn."""
        if block.turn is not None and block.kind in ("thought", "action", "raw") and block.turn not in turns:
            turns.add(block.turn)
            if st.button("Branch from here", key=f"branch-{block.turn}", type="tertiary", icon=":material/call_split:"):
                navigation.go("trajectory", run=o.run, id=o.row.id, view="Branch", turn=str(block.turn))

    chat.draw(o.current, o.original, "chat", o.blind, branch_button)
