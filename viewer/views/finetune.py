"""One fine-tune: its loss while it learns, its card once it has, and the way to its evaluation."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv import plots, plugins
from simenv.errors import SimenvError
from simenv.plugins.viewer import finetunes, navigation
from simenv.plugins.viewer.finetunes import Exam
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.views import job_panel
from simenv.plugins.viewer.workspace import Workspace

CARD = 20_000
"""Characters of a card that are shown."""


def show(place: Workspace, name: str) -> None:
    """A fine-tune by its name, one of `training.tunes`; its folder may still be to come."""
    folder = place.models / name
    product = place.inner(folder)
    job = job_panel.jobs().of(product)
    if job is not None:
        job_panel.panel(job, lambda: _loss(folder))
    else:
        _loss(folder)
    complete = (folder / "README.md").is_file()
    if job is not None and job_panel.jobs().state(job) == "running":
        return
    if not complete:
        if (folder / finetunes.MARK).is_file():
            st.warning("It is not complete.")
            _resume(place, folder)
        return
    with st.expander("Model card"):
        st.code(
            shown((folder / "README.md").read_text("utf-8", "replace"), CARD).text, language="markdown", wrap_lines=True
        )
    _exam(place, name)


def _loss(folder: Path) -> None:
    if not folder.is_dir():
        return
    it = finetunes.progress(folder)
    if not it.rows:
        st.caption("No step has been logged yet.")
        return
    with st.container(horizontal=True):
        st.metric("step", f"{it.step:,}" + (f" of {it.steps:,}" if it.steps else ""))
        st.metric("loss", "–" if it.loss is None else f"{it.loss:.3f}")
        st.metric("on held-out samples", "–" if it.eval_loss is None else f"{it.eval_loss:.3f}")
    if it.loss is not None:
        st.altair_chart(plots.loss(it.rows, ""), alt="loss over the optimizer steps")


def _resume(place: Workspace, folder: Path) -> None:
    """Go on from the last checkpoint with the settings it was begun with."""
    typed = ["finetune", place.inner(folder / finetunes.MARK), "resume=true", f"name={folder.name}"]
    job_panel.command(typed)
    if st.button("Go on", key="resume") and job_panel.start("finetune", typed, place.inner(folder)):
        st.rerun()


def _exam(place: Workspace, name: str) -> None:
    st.subheader("How good is it?")
    data = str(finetunes.begun(place.models / name).get("data", ""))
    evaluation = f"{name}-evaluation"
    done = evaluation in place.names(place.runs, "evaluation.json")
    job = job_panel.jobs().of(place.inner(place.runs / evaluation))
    if job is not None:
        job_panel.panel(job)
        if job_panel.jobs().state(job) == "running":
            return
    if done:
        if st.button("See its evaluation", type="primary", key="see"):
            navigation.go("evaluations")
        return
    learnt = [e for e in finetunes.learnt(place, data) if e in plugins.names("environments")]
    environments = st.multiselect("Environments", plugins.names("environments"), learnt, key="exam-environments")
    with st.container(horizontal=True):
        episodes = st.number_input("Tasks an environment", 1, 10_000, 20, key="exam-episodes")
        seed = st.number_input("Seed", 0, value=1000, key="exam-seed", help="other than that of the training tasks")
        turns = st.number_input("Turns at most", 1, 200, 15, key="exam-turns")
        tokens = st.number_input("Tokens a turn", 8, 8192, 256, key="exam-tokens")
    exam = Exam(
        evaluation, f"models/{name}", data, tuple(environments), int(episodes), int(seed), int(turns), int(tokens)
    )
    try:
        typed = exam.words()
    except SimenvError as e:
        st.caption(label(str(e), 200))
        return
    job_panel.command(typed)
    if st.button("Evaluate it", type="primary", key="evaluate") and job_panel.start(
        "evaluate", typed, place.inner(place.runs / evaluation)
    ):
        st.rerun()
