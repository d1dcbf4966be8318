"""Draws a run while its command makes it and after, with a worked example of its episodes."""

from __future__ import annotations

import streamlit as st

from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.jobs import Job
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import chat, job_panel
from simenv.plugins.viewer.workspace import Workspace
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery


def asked_for(title: str) -> Job | None:
    """The job of this kind that the address names; None where it names none."""
    job = job_panel.workspace_jobs().find(st.query_params.get("job", ""))
    return job if job is not None and job.title == title else None


def offer(title: str, screen: str) -> None:
    """A button that watches the last job of this kind, where it is still running."""
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == title), None)
    if job is not None and job_panel.workspace_jobs().state(job) == "running":
        st.info(label(f"Running: {job.product}", 200))
        if st.button("Watch it", key="watch"):
            navigation.go(screen, job=job.id)


def show(workspace: Workspace, job: Job, screen: str) -> None:
    """Draw the run of a job. `screen` is where another one is started."""
    name = job.product.rpartition("/")[2]
    st.subheader(label(name))
    if job_panel.workspace_jobs().state(job) == "running":
        job_panel.show_job(job, lambda: _example(workspace, name))
        return
    job_panel.show_job(job)
    with st.container(horizontal=True):
        if name in workspace.names(workspace.runs, "report.json"):
            if st.button("Curate it", type="primary", key="curate"):
                navigation.go("curate", run=name)
            if st.button("Read its trajectories", key="read"):
                navigation.go("trajectories", run=name)
        if st.button("Another run", key="another"):
            navigation.go(screen)
    _example(workspace, name)


def _example(workspace: Workspace, name: str) -> None:
    """Draw the first episode that succeeded, or the first of all where none has."""
    if name not in workspace.names(workspace.runs, "config.yaml"):
        return
    index = Index(workspace.run_folder(name))
    index.refresh()
    row = next((r for query in (EpisodeQuery(success=True), EpisodeQuery()) for r in index.page(query, 0, 1)), None)
    if row is None:
        return
    with st.expander(f"A worked example: {label(row.id)}", expanded=True):
        chat.draw(index.read(row), key="example")
