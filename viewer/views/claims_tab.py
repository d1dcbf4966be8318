"""The tab Claims of a trajectory: what the assistant claims in each round, judged by the passages of a pool."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content.chat_blocks import Badge
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory
from simenv.verify.judge import FINDINGS, Finding, Judgement, RoundJudgement
from simenv.verify.offline import Offline

TONES: dict[Finding, Literal["good", "bad", "plain"]] = {
    "supported": "good",
    "contradicted": "bad",
    "not found": "plain",
}
ALL = "all rounds"


def show(o: OpenTrajectory) -> None:
    """Draw the tab."""
    workspace = navigation.workspace()
    names = workspace.names(workspace.pools, "passages.jsonl")
    if not names:
        st.info("Claims are judged by a pool of your own sources. Make one from your documents:")
        st.code("simenv knowledge add documents=handbook/ out=pools/ward", language="bash")
        return
    rounds = sum(m.role == "assistant" for m in o.current.messages)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        pool = st.selectbox("Pool", names, key="claims-pool", width=260, format_func=lambda n: visible(n, 120).text)
        turn = st.selectbox(
            "Round", [ALL, *(f"round {n}" for n in range(1, rounds + 1))], key="claims-round", width=160
        )  # fmt: skip
        if st.button("Judge the claims", icon=":material/fact_check:", type="primary", key="claims-judge"):
            st.session_state["claims-asked"] = (o.row.id, pool, turn)
    if st.session_state.get("claims-asked") != (o.row.id, pool, turn):
        st.caption("Offline: words, numbers, names and denials are compared, meanings are not.")
        return
    try:
        folder = workspace.folder(workspace.pools, pool, "passages.jsonl")
        with st.spinner("Reading the sources"):
            judge = _offline(str(folder), (folder / "passages.jsonl").stat().st_mtime_ns)
        _draw(judge.rounds(o.current, () if turn == ALL else (int(turn.removeprefix("round ")),)))
    except (SimenvError, OSError) as e:
        st.error(label(str(e), 300))


@st.cache_resource(max_entries=2, show_spinner=False)
def _offline(pool: str, changed: int) -> Offline:
    """The index of a pool; `changed`, the time of its last change in nanoseconds, makes it be read anew."""
    return Offline(pool)


def _draw(rounds: list[RoundJudgement]) -> None:
    judged = [c for r in rounds for c in r.claims]
    if not judged:
        st.info("Nothing is claimed here: no sentence of the assistant states something.")
        return
    with st.container(horizontal=True):
        for finding in FINDINGS:
            count = sum(c.finding == finding for c in judged)
            chat.draw_badge(Badge(f"{count:,} {finding}", TONES[finding] if count else "plain"))
    for r in rounds:
        st.markdown(f"**Round {r.turn}**")
        for number, claim in enumerate(r.claims):
            with st.container(border=True):
                _claim(claim, f"claim-{r.message}-{number}")


def _claim(c: Judgement, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        chat.draw_badge(Badge(c.finding, TONES[c.finding]))
        if c.reason:
            st.caption(label(c.reason, 200))
    st.text(visible(c.claim, 2000).text)
    for number, e in enumerate(c.evidence):
        s = e.source
        place = f"page {s.page}, " if s.page is not None else ""
        place += f"{s.heading}, " if s.heading else ""
        st.caption(label(f"{s.file}, {place}characters {s.start:,}–{s.end:,}", 300))
        chat.text_block(e.text, f"{key}-{number}")
