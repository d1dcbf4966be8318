"""Who reviews, and whether blind: kept for the session, and given by the address to begin with."""

from __future__ import annotations

import streamlit as st

from simenv.plugins.viewer.content.reviewing import LONGEST_NAME


def reviewer() -> str:
    """The name of the person who reviews; '' while it is not known."""
    return str(st.session_state.setdefault("me", st.query_params.get("reviewer", "")[:LONGEST_NAME]))


def is_blind() -> bool:
    """Whether grades, agents and other people's reviews are hidden until this person has judged."""
    return bool(st.session_state.setdefault("blind-mode", st.query_params.get("blind", "") in ("1", "true")))


def ask_name(title: str) -> None:
    """An input for the name of the person alone; a change draws the page again."""
    name = st.text_input(
        title, reviewer(), max_chars=LONGEST_NAME, placeholder="your name", key="voter-name", width=260
    )
    if name != reviewer():
        st.session_state["me"] = name
        st.rerun()


def ask_reviewer() -> None:
    """Inputs for the reviewer's name and for blind mode; a change draws the page again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Reviewer", reviewer(), max_chars=LONGEST_NAME, placeholder="your name", key="reviewer-name", width=260
        )
        blind = st.toggle(
            "Blind", is_blind(), key="reviewer-blind", help="hide agent, grade and others' words until you judge"
        )
    if (name, blind) != (reviewer(), is_blind()):
        st.session_state["me"], st.session_state["blind-mode"] = name, blind
        st.rerun()
