"""Draws the form that makes questions for an agent of a pool's records, in their own words or in a user's by a model."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import pools
from simenv.plugins.viewer.forms.option_fields import arguments
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import job_panel
from simenv.plugins.viewer.views.model_inputs import model_inputs
from simenv.plugins.viewer.workspace import Workspace


def show(workspace: Workspace, pool: str, records: int) -> None:
    """The form, folded away, and the job that makes the questions. `records`: how many the pool holds."""
    out = workspace.relative(workspace.data / pools.short_name(pool, "questions"))
    job = job_panel.workspace_jobs().of(out)
    with st.expander(f"Questions of its records ({records:,})", expanded=job is not None):
        st.caption(
            "Each record becomes a question that an agent answers by searching the pool. A model can say it as somebody "
            "would who has it in real life; without one it stands in the record's own words."
        )
        try:
            words = ["knowledge", "questions", workspace.relative(workspace.pools / pool), *_settings(workspace, out)]
        except SimenvError as e:
            st.error(label(str(e), 300))
            return
        job_panel.show_command(words)
        if st.button("Make the questions", key="make-questions") and job_panel.start_job("questions", words, out):
            st.rerun()
        if job is not None:
            job_panel.show_job(job)
            if job_panel.workspace_jobs().state(job) == "done" and st.button(
                "Let an agent answer them", key="to-answer"
            ):
                navigation.go("tuning", pool=pool, tasks=f"{out}/tasks.jsonl")


def _settings(workspace: Workspace, out: str) -> list[str]:
    most = st.number_input("Records at most", 1, value=None, key="most-questions", placeholder="all")
    web = st.toggle("To be answered from the web, not from the pool", key="web-questions")
    by_model = st.toggle("In a user's voice, by a model", key="voiced")
    model = model_inputs(workspace, "voice-").settings() if by_model else {}
    return arguments({"out": out, "most": most, "web": web or None, **model})
