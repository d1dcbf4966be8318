"""What every screen asks Streamlit for: the workspace it was started on, and the ways from screen to screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from simenv.plugins.viewer.review_table import LONGEST_NAME
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.workspace import Workspace
from simenv.runs import review
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.review import Review

SCREENS = Path(__file__).parent / "screens"


def place() -> Workspace:
    """The workspace named on the command line; runs/ where none is."""
    return Workspace(Path(sys.argv[1] if len(sys.argv) > 1 else "runs"))


def go(screen: str, **query: str) -> None:
    """Show another screen; the query is its deep link."""
    st.switch_page(SCREENS / f"{screen}.py", query_params=query)


# Who reviews: kept for the session, and given by the address to begin with.


def reviewer() -> str:
    """The name of whoever reviews; '' while it is not known."""
    return str(st.session_state.setdefault("me", st.query_params.get("reviewer", "")[:LONGEST_NAME]))


def blind() -> bool:
    """Whether grades, agents and what others said are hidden until one has judged."""
    return bool(st.session_state.setdefault("blind-mode", st.query_params.get("blind", "") in ("1", "true")))


def ask_reviewer() -> None:
    """Who you are, and whether you want to judge blind."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Reviewer", reviewer(), max_chars=LONGEST_NAME, placeholder="your name", key="reviewer-name", width=260
        )
        hidden = st.toggle(
            "Blind", blind(), key="reviewer-blind", help="hide agent, grade and others' words until you judge"
        )
    if (name, hidden) != (reviewer(), blind()):
        st.session_state["me"], st.session_state["blind-mode"] = name, hidden
        st.rerun()


def reviews(name: str) -> list[Review]:
    """All reviews of a run, read again when there are more."""
    path = place().run(name) / review.FILE
    size = path.stat().st_size if path.is_file() else 0
    return _reviews(str(path.parent), size)


@st.cache_data(max_entries=16, show_spinner=False)
def _reviews(folder: str, size: int) -> list[Review]:
    return list(review.read(Path(folder)))


# Which of a run's trajectories are looked through.


def look_through(name: str, where: EpisodeQuery, query: dict[str, str]) -> None:
    """Let next and previous go through these; `query` leads back to their table."""
    st.session_state["filtered"] = (name, where, query)


def filtered(name: str) -> EpisodeQuery:
    """Those that were looked at last in this run; all of them otherwise."""
    of, where, _ = st.session_state.get("filtered", ("", EpisodeQuery(), {}))
    return where if of == name else EpisodeQuery()


def query(name: str) -> dict[str, str]:
    """The address of the table that was looked at last."""
    of, _, query = st.session_state.get("filtered", ("", None, {}))
    return query if of == name else {}


def table(rows: Sequence[Any], key: str, **shape: Any) -> int | None:
    """Show rows, shaped as st.dataframe shapes them; the place of the one that is selected, if any is."""
    picked = st.dataframe(rows, hide_index=True, on_select="rerun", selection_mode="single-row", key=key, **shape)
    at = picked.selection.rows if picked else []  # type: ignore[union-attr]
    return at[0] if at and at[0] < len(rows) else None


def chosen_run() -> str | None:
    """The run that the address names, or another that is picked; None, and a way on, where there is none."""
    here = place()
    names = here.names(here.runs, "config.yaml")
    if not names:
        st.info("No runs here yet.")
        if st.button("Make one"):
            go("runs")
        return None
    wanted = st.query_params.get("run", "")
    if wanted and wanted not in names:
        st.warning(f"There is no run {label(wanted)} here.")
    start = names.index(wanted) if wanted in names else 0
    name = st.selectbox("Run", names, index=start, key="chosen-run", format_func=lambda n: shown(n, 120).text)
    st.query_params["run"] = name
    return str(name)


def index(name: str) -> Index:
    """The index of a run, brought up to date, with a bar where that takes time."""
    found = Index(place().run(name))
    bar = st.empty()

    def told(done: int, total: int) -> None:
        if total > 50_000_000:
            bar.progress(done / total, f"indexing {total / 1e6:,.0f} MB, once")

    found.refresh(told)
    bar.empty()
    return found


def of_task(task: str) -> EpisodeQuery:
    """The episodes of one task, branches left out."""
    return EpisodeQuery(task=task, branch=False)
