"""The screen Runs: the list of runs with a search, and of the selected run its progress, its reviews and its tags."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import streamlit as st

from simenv.documents import head
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import reviewing, run_list
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import sent_table
from simenv.plugins.viewer.views.run_data import read_reviews
from simenv.plugins.viewer.views.selectable_table import selectable_table

COLUMNS = {
    "name": st.column_config.TextColumn("run"),
    "tags": st.column_config.ListColumn("tags"),
    "success": st.column_config.ProgressColumn("success", format="percent", min_value=0, max_value=1),
    "progress": st.column_config.NumberColumn("progress", format="%.2f"),
    "cost": st.column_config.NumberColumn("cost", format="$%.2f"),
    "teacher_cost": st.column_config.NumberColumn("teacher's cost", format="$%.2f"),
    "created": st.column_config.DatetimeColumn("made", format="distance"),
}
LOG = "quickstart.log"
AGREEMENT = {
    "agree": st.column_config.NumberColumn("agree", format="percent"),
    "κ": st.column_config.NumberColumn("κ", format="%.2f"),
}
ORDER = (
    "name", "success", "episodes", "progress", "environments", "agent", "model", "mode", "tags", "errors", "drifts", "cost",
    "teacher_cost", "created",
)  # fmt: skip


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Runs")
    names = workspace.names(workspace.runs, "config.yaml")
    if not names:
        _welcome()
        return
    words = st.text_input("Search", placeholder="name, tag, agent, environment …", key="words")
    matches = [line for line in run_list.summaries(workspace.runs, names) if line.matches(words)]
    if not matches:
        st.info("No run matches these words.")
        return
    at = selectable_table([_cells(line) for line in matches], "table", column_order=ORDER, column_config=COLUMNS)
    _selected_run(matches[at or 0])


def _cells(line: run_list.RunSummary) -> dict[str, Any]:
    cells = {k: visible(v, 120).text if isinstance(v, str) else v for k, v in line._asdict().items()}
    return cells | {"tags": [visible(t, 60).text for t in line.tags]}


def _selected_run(line: run_list.RunSummary) -> None:
    """Draw the selected run: buttons that open it, its progress, its reviews, its tags."""
    folder = navigation.workspace().run_folder(line.name)
    st.subheader(label(line.name), anchor=False)
    with st.container(horizontal=True):
        if st.button("Open trajectories", type="primary", key="open"):
            navigation.go("trajectories", run=line.name)
        if st.button("Compare with another", key="compare"):
            navigation.go("compare", first=line.name)
    _progress(line.name)
    _reviews(line.name)
    sent_table.show(folder)
    with st.form("tags", border=False):
        tags = st.text_input("Tags, separated by commas", ", ".join(line.tags), key=f"tags-{line.name}")
        if st.form_submit_button("Save tags"):
            try:
                run_list.write_tags(folder, tags.split(","))
            except SimenvError as e:
                st.error(label(str(e), 300))
            else:
                st.rerun()


@st.fragment(run_every=2.0)
def _progress(name: str) -> None:
    """Draw the counts of a run and, while a rollout writes to it, a progress bar; drawn again every two seconds."""
    try:
        live = run_list.progress(navigation.workspace().run_folder(name))
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
        st.code(f"python -m simenv.rollout --resume {navigation.workspace().run_folder(name)}", language="bash")


def _reviews(name: str) -> None:
    """Draw how many trajectories of a run are in each status of review, and how far its reviewers agree."""
    reviews = read_reviews(name)
    with st.expander(f"Reviews ({len(reviews):,})"):
        if not reviews:
            st.caption("Nobody has reviewed it yet. Open a trajectory and choose Review.")
            return
        states = reviewing.by_status(reviews)
        with st.container(horizontal=True):
            for state in ("approved", "rejected", "disputed", "labelled", "edited"):
                count = len(states.get(state, ()))
                if st.button(f"{count:,} {state}", key=f"show-{state}", disabled=not count):
                    navigation.go("trajectories", run=name, review=state)
        pairs = reviewing.agreements(reviews)
        if not pairs:
            st.caption("Agreement is shown once two reviewers have judged a trajectory in common.")
            return
        rows = [
            {
                "reviewers": visible(f"{p.first} and {p.second}", 130).text,
                "both judged": p.judged_by_both,
                "agree": p.rate,
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
        runs_folder = navigation.workspace().runs
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
    """Draw a bar until the run's folder is there, or the log where the process has failed."""
    workspace = navigation.workspace()
    if workspace.names(workspace.runs, "config.yaml"):
        st.rerun()
    if st.session_state["quickstart-process"].poll() in (None, 0):
        st.progress(0.0, "starting …")
    else:
        st.error("The quickstart ended at once; this is its log.")
        st.code(visible(head(workspace.runs / LOG, 1 << 20)).text, language=None, wrap_lines=True)


main()
