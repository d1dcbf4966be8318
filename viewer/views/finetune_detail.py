"""Draws one fine-tune: its job, its loss, its model card once it is complete, and the form that evaluates it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv import plots, plugins
from simenv.documents import head
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import base_models, finetunes
from simenv.plugins.viewer.content.finetunes import EvaluationPlan
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import agent_inputs, job_panel, recipe_inputs
from simenv.plugins.viewer.workspace import Workspace

CARD = 20_000
"""Characters that are shown of a card."""


def show(workspace: Workspace, name: str) -> None:
    """Draw the fine-tune of this name; its job may not have made its folder yet. ConfigError where its settings are broken."""
    folder = workspace.models / name
    product = workspace.relative(folder)
    job = job_panel.workspace_jobs().of(product)
    if job is not None:
        job_panel.show_job(job, lambda: _loss(folder))
    else:
        _loss(folder)
    complete = (folder / "README.md").is_file()
    if job is not None and job_panel.workspace_jobs().state(job) == "running":
        return
    if not complete:
        if (folder / finetunes.SETTINGS_FILE).is_file():
            st.warning("It is not complete.")
            _resume(workspace, folder)
        return
    with st.expander("Model card"):
        st.code(
            visible(head(folder / "README.md", 1 << 20), CARD).text,
            language="markdown",
            wrap_lines=True,
        )
    _settings(workspace, name)
    _evaluation(workspace, name)


def _settings(workspace: Workspace, name: str) -> None:
    """What was set, how much of the model learnt, and the script that makes the same; without these where it is not known."""
    try:
        settings = finetunes.read_settings(workspace.models / name)
        recipe = finetunes.read_recipe(settings)
        data, base = str(settings.get("data", "")), str(settings.get("model", ""))
        shape = base_models.read_shape(base_models.model_folder(workspace.root, base))
    except SimenvError:
        return
    with st.expander("Its settings, and how much learnt"):
        share = base_models.estimate(shape, recipe, gpu=False)
        told = (
            f"{share.trainable:,} of {share.parameters:,} parameters learnt ({share.share:.2%}), on {data} from {base}."
        )
        st.caption(label(told, 300))
        recipe_inputs.show_meanings(shape, recipe)
        st.download_button(
            "The script that makes it", finetunes.script(data, base, name, recipe), f"{name}.sh", "text/x-shellscript",
            key="script", icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def _loss(folder: Path) -> None:
    if not folder.is_dir():
        return
    progress = finetunes.progress(folder)
    if not progress.rows:
        st.caption("No step has been logged yet.")
        return
    with st.container(horizontal=True):
        st.metric("step", f"{progress.step:,}" + (f" of {progress.steps:,}" if progress.steps else ""))
        st.metric("loss", "–" if progress.loss is None else f"{progress.loss:.3f}")
        st.metric("on held-out samples", "–" if progress.eval_loss is None else f"{progress.eval_loss:.3f}")
    if sum("loss" in row for row in progress.rows) == 1:
        st.caption("One step was logged; the curve begins with the second.")
    elif progress.loss is not None:
        st.altair_chart(plots.loss(progress.rows, ""), alt="loss over the optimizer steps")


def _resume(workspace: Workspace, folder: Path) -> None:
    """A button that resumes the fine-tune from its last checkpoint with the settings it was started with."""
    words = ["finetune", workspace.relative(folder / finetunes.SETTINGS_FILE), "resume=true", f"name={folder.name}"]
    if refused := finetunes.refusals(folder):
        st.caption("To go on allows what its settings name beyond what is installed:")
    for r in refused:
        st.code(visible(f"{r.place}: {r.value!r} {r.effect}", 400).text, language=None, wrap_lines=True)
        words += ["--trust", r.value]
    job_panel.show_command(words)
    if st.button("Go on", key="resume") and job_panel.start_job("finetune", words, workspace.relative(folder)):
        st.rerun()


def _evaluation(workspace: Workspace, name: str) -> None:
    st.subheader("How good is it?")
    data = str(finetunes.read_settings(workspace.models / name).get("data", ""))
    evaluation = f"{name}-evaluation"
    is_evaluated = evaluation in workspace.names(workspace.runs, "evaluation.json")
    job = job_panel.workspace_jobs().of(workspace.relative(workspace.runs / evaluation))
    if job is not None:
        job_panel.show_job(job)
        if job_panel.workspace_jobs().state(job) == "running":
            return
    if is_evaluated:
        if st.button("See its evaluation", type="primary", key="see"):
            navigation.go("evaluations")
        return
    learnt = [e for e in finetunes.training_environments(workspace, data) if e in plugins.names("environments")]
    environments = st.multiselect("Environments", plugins.names("environments"), learnt, key="exam-environments")
    names = agent_inputs.dialects(environments)
    learnt_dialect = finetunes.training_dialect(workspace, data)
    dialect = st.selectbox(
        "Dialect", names, names.index(learnt_dialect) if learnt_dialect in names else 0, key="exam-dialect",
        help="that which it learnt is chosen",
    )  # fmt: skip
    settings = finetunes.search_settings(workspace, data) if "search" in environments else {}
    if settings:
        st.caption(label(f"It searches {settings['search.teacher.corpus']}, as in the runs that it learnt from.", 200))
    with st.container(horizontal=True):
        episodes = st.number_input("Tasks an environment", 1, 10_000, 20, key="exam-episodes")
        seed = st.number_input("Seed", 0, value=1000, key="exam-seed", help="other than that of the training tasks")
        turns = st.number_input("Turns at most", 1, 200, 15, key="exam-turns")
        tokens = st.number_input("Tokens a turn", 8, 8192, 256, key="exam-tokens")
    plan = EvaluationPlan(
        evaluation, f"models/{name}", data, tuple(environments), int(episodes), int(seed), int(turns), int(tokens), dialect,
        settings,
    )  # fmt: skip
    try:
        words = plan.command()
    except SimenvError as e:
        st.caption(label(str(e), 200))
        return
    job_panel.show_command(words)
    if st.button("Evaluate it", type="primary", key="evaluate") and job_panel.start_job(
        "evaluate", words, workspace.relative(workspace.runs / evaluation)
    ):
        st.rerun()
