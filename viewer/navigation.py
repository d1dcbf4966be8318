"""The workspace on the command line, the way to another screen, and the trajectories that next and previous go through."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from simenv.plugins.viewer.workspace import Workspace
from simenv.runs.query import EpisodeQuery

SCREENS = Path(__file__).parent / "screens"


def workspace() -> Workspace:
    """The workspace whose folder of runs the command line names; `runs` in the working directory where it names none."""
    return Workspace(Path(sys.argv[1] if len(sys.argv) > 1 else "runs"))


def go(screen: str, **query: str) -> None:
    """Show another screen, a module name below screens/; `query` becomes its address, so that it can be linked to."""
    st.switch_page(SCREENS / f"{screen}.py", query_params=query)


# Next and previous go through the trajectories of the table that was shown last.


def remember_query(run: str, query: EpisodeQuery, address: dict[str, str]) -> None:
    """Let next and previous go through these trajectories of a run; `address` is the query of their table's address."""
    st.session_state["filtered"] = (run, query, address)


def remembered_query(run: str) -> EpisodeQuery:
    """The trajectories of a run that its table showed last; all of them where no table of this run was shown."""
    shown_run, query, _ = st.session_state.get("filtered", ("", EpisodeQuery(), {}))
    return query if shown_run == run else EpisodeQuery()


def table_address(run: str) -> dict[str, str]:
    """The query of the address of the run's table that was shown last; {} where none was."""
    shown_run, _, address = st.session_state.get("filtered", ("", None, {}))
    return address if shown_run == run else {}
