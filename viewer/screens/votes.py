"""The screen Votes: two examples of one record side by side, the styles hidden; the better one is chosen, or neither."""

from __future__ import annotations

import streamlit as st

from simenv.comparison.votes import Ballot, Choice, ballots, vote, votes
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.reviewer import ask_name, reviewer
from simenv.runs.store import Run

KEYS: dict[Choice, tuple[str, str, str]] = {
    "first": ("The left one is better", ":material/west:", "left"),
    "tie": ("Neither", ":material/drag_handle:", "down"),
    "second": ("The right one is better", ":material/east:", "right"),
}
"""What is on the buttons, and the keys that press them."""
MOST = 100_000
"""Pairs that are counted."""
HEIGHT = 360
"""Pixels of an example; a longer one scrolls."""


def main() -> None:
    """Draw the screen."""
    st.title("Votes")
    workspace = navigation.workspace()
    names = workspace.names(workspace.comparisons, "config.yaml")
    if not names:
        st.info("There is no comparison to vote on. Make one; it needs sets of questions with answers and a model:")
        st.code("simenv comparison 'sets=[data/medqa.json]' model=openai model.model=NAME", language="bash")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Comparison", names, key="comparison", bind="query-params", index=0, width=320,
            format_func=lambda n: visible(n, 120).text,
        )  # fmt: skip
        ask_name("Voter")
    if not reviewer().strip():
        st.info("Say who you are first: votes are kept by name.")
        return
    try:
        _vote(Run.open(workspace.folder(workspace.comparisons, name, "config.yaml")))
    except SimenvError as e:
        st.error(label(str(e), 300))


def _vote(run: Run) -> None:
    open_ballots = ballots(run.folder, reviewer(), limit=MOST)
    done = sum(1 for v in votes(run.folder) if v.by == reviewer())
    total = done + len(open_ballots)
    st.progress(done / total if total else 1.0, f"{done:,} of {total:,} pairs")
    if open_ballots:
        _ballot(run, open_ballots[0])
    elif total:
        st.success("You have voted on every pair. The comparison counts your votes when it goes on:")
        st.code(
            f"simenv comparison --resume comparisons/{visible(run.folder.name, 120).text} --trust …", language="bash"
        )
    else:
        st.info("This comparison has no pair of examples yet.")


def _ballot(run: Run, ballot: Ballot) -> None:
    st.caption("Which of the two teaches an assistant better? Arrow keys vote: left, right, down for neither.")
    with st.container(horizontal=True, horizontal_alignment="center"):
        for choice, (text, icon, key) in KEYS.items():
            if st.button(text, icon=icon, shortcut=key, key=f"vote-{choice}"):
                vote(run.folder, ballot.id, choice, reviewer())
                st.rerun()
    for column, side, text in zip(st.columns(2), ("left", "right"), (ballot.first, ballot.second), strict=True):
        with column.container(border=True, height=HEIGHT):
            chat.text_block(text, f"{ballot.id}-{side}")
    with st.expander("The record that both were made from", expanded=True):
        chat.text_block("\n".join(ballot.material.splitlines()[1:-1]), f"{ballot.id}-record")


main()
