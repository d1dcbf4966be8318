"""The runs: found by words and tags, watched while they are written, tagged, opened."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation, review_table, run_list
from simenv.plugins.viewer.untrusted_text import label, shown

COLUMNS = {
    "name": st.column_config.TextColumn("run"),
    "tags": st.column_config.ListColumn("tags"),
    "success": st.column_config.ProgressColumn("success", format="percent", min_value=0, max_value=1),
    "progress": st.column_config.NumberColumn("progress", format="%.2f"),
    "cost": st.column_config.NumberColumn("cost", format="$%.2f"),
    "made": st.column_config.DatetimeColumn("made", format="distance"),
}
LOG = "quickstart.log"
AGREEMENT = {
    "agree": st.column_config.NumberColumn("agree", format="percent"),
    "κ": st.column_config.NumberColumn("κ", format="%.2f"),
}
ORDER = (
    "name", "success", "episodes", "progress", "environments", "agent", "model", "mode", "tags", "errors", "drifts", "cost",
    "made",
)  # fmt: skip


def main() -> None:
    place = navigation.place()
    st.title("Runs")
    names = place.names(place.runs, "config.yaml")
    if not names:
        _welcome()
        return
    words = st.text_input("Search", placeholder="name, tag, agent, environment …", key="words")
    found = [line for line in run_list.listed(place.runs, names) if line.matches(words)]
    if not found:
        st.info("No run matches these words.")
        return
    at = navigation.table([_cells(line) for line in found], "table", column_order=ORDER, column_config=COLUMNS)
    _one(found[at or 0])


def _cells(line: run_list.Line) -> dict[str, Any]:
    cells = {k: shown(v, 120).text if isinstance(v, str) else v for k, v in line._asdict().items()}
    return cells | {"tags": [shown(t, 60).text for t in line.tags]}


def _one(line: run_list.Line) -> None:
    """The chosen run: its progress, its tags, the way to its trajectories."""
    folder = navigation.place().run(line.name)
    st.subheader(label(line.name), anchor=False)
    with st.container(horizontal=True):
        if st.button("Open trajectories", type="primary", key="open"):
            navigation.go("trajectories", run=line.name)
        if st.button("Compare with another", key="compare"):
            navigation.go("compare", first=line.name)
    _progress(line.name)
    _reviews(line.name)
    with st.form("tags", border=False):
        given = st.text_input("Tags, separated by commas", ", ".join(line.tags), key=f"tags-{line.name}")
        if st.form_submit_button("Save tags"):
            try:
                run_list.tag(folder, given.split(","))
            except SimenvError as e:
                st.error(label(str(e), 300))
            else:
                st.rerun()


@st.fragment(run_every=2.0)
def _progress(name: str) -> None:
    """Counts, and a bar while a rollout is writing."""
    try:
        live = run_list.live(navigation.place().run(name))
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    rate = f"{live.successes / live.done:.0%}" if live.done else "–"
    with st.container(horizontal=True):
        st.metric("episodes", live.done if live.total is None else f"{live.done} of {live.total}")
        st.metric("success", rate)
        st.metric("errors", live.errors)
        st.metric("state", "running" if live.busy else "complete" if live.done == live.total else "stopped")
    if live.busy:
        st.progress(min(1.0, live.done / live.total) if live.total else 0.0)
    elif live.total is not None and live.done < live.total:
        st.caption("Go on with it:")
        st.code(f"python -m simenv.rollout --resume {navigation.place().run(name)}", language="bash")


def _reviews(name: str) -> None:
    """How far its review is, and how far the reviewers agree."""
    said = navigation.reviews(name)
    with st.expander(f"Reviews ({len(said):,})"):
        if not said:
            st.caption("Nobody has reviewed it yet. Open a trajectory and choose Review.")
            return
        states = review_table.of(said)
        with st.container(horizontal=True):
            for state in ("approved", "rejected", "disputed", "labelled", "edited"):
                count = len(states.get(state, ()))
                if st.button(f"{count:,} {state}", key=f"show-{state}", disabled=not count):
                    navigation.go("trajectories", run=name, review=state)
        pairs = review_table.agreement(said)
        if not pairs:
            st.caption("Agreement is shown once two reviewers have judged a trajectory in common.")
            return
        rows = [
            {
                "reviewers": shown(f"{p.first} and {p.second}", 130).text,
                "both judged": p.both,
                "agree": p.agreed,
                "κ": p.kappa,
            }
            for p in pairs
        ]
        st.dataframe(rows, hide_index=True, height="content", column_config=AGREEMENT)
        st.caption(
            "κ (Cohen): 1 is full agreement, 0 is what chance gives; empty where both said one and the same throughout."
        )


def _welcome() -> None:
    st.info(
        "No runs here yet. The quickstart makes one: 100 episodes in every environment, offline, in about a minute."
    )
    if st.button("Run the quickstart", type="primary", key="quickstart"):
        runs_folder = navigation.place().runs
        runs_folder.mkdir(parents=True, exist_ok=True)
        with (runs_folder / LOG).open("wb") as log:
            st.session_state["quickstart-process"] = subprocess.Popen(
                [sys.executable, "-m", "simenv.rollout", f"out={runs_folder}"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
    if "quickstart-process" in st.session_state:
        _waiting()
    st.caption("Or from a terminal:")
    st.code("python -m simenv.rollout", language="bash")


@st.fragment(run_every=1.0)
def _waiting() -> None:
    """Until the run's folder is there; what went wrong, where it is not to come."""
    place = navigation.place()
    if place.names(place.runs, "config.yaml"):
        st.rerun()
    if st.session_state["quickstart-process"].poll() in (None, 0):
        st.progress(0.0, "starting …")
    else:
        st.error("The quickstart ended at once; this is its log.")
        st.code(shown((place.runs / LOG).read_text(errors="replace")).text, language=None, wrap_lines=True)


main()
