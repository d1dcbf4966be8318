"""The screen Agent tuning: starts a rollout of an agent, whose successes can be trained on, and shows it while it runs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plugins
from simenv.env import Limits
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.forms.rollout_form import RolloutPlan
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import agent_inputs, data_picker, job_panel, option_widgets, run_watch, search_inputs
from simenv.plugins.viewer.workspace import Workspace


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Agent tuning")
    if job := run_watch.asked_for("rollout"):
        run_watch.show(workspace, job, "tuning")
        return
    run_watch.offer("rollout", "tuning")
    st.caption(
        "An agent does tasks in an environment. Every step is graded and kept; the good ones are what to train on."
    )
    _form(workspace)


def _form(workspace: Workspace) -> None:
    try:
        plan = _plan(workspace)
        words = plan.command(workspace.relative(workspace.runs))
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    job_panel.show_command(words)
    is_taken = (workspace.runs / plan.name).exists()
    if is_taken:
        st.warning("There is a run of this name.")
    if st.button("Start", type="primary", key="start", disabled=is_taken, icon=":material/play_arrow:") and (
        job := job_panel.start_job("rollout", words, workspace.relative(workspace.runs / plan.name))
    ):
        navigation.go("tuning", job=job.id)


def _plan(workspace: Workspace) -> RolloutPlan:
    name = st.text_input("Name of the run", workspace.free_name(workspace.runs, "run"), key="name", max_chars=60)
    st.subheader("Tasks")
    start = "search" if search_inputs.is_asked_for() else "household"
    environments = st.multiselect("Environments", plugins.names("environments"), [start], key="environments")
    files = data_picker.pick_data(workspace, ("tasks",), "Task files", "tasks", st.query_params.get_all("tasks"))
    st.caption("Without a file, tasks are made on the spot.")
    sources = _sources(workspace, files)
    environments = [*dict.fromkeys([*environments, *sources])]
    settings: dict[str, Any] = {}
    if "search" in environments:
        settings |= search_inputs.search_inputs(workspace, name, "search" in sources)
    with st.container(horizontal=True):
        episodes = st.number_input("Tasks an environment", 1, 100_000, 20, key="episodes")
        attempts = st.number_input("Attempts a task", 1, 64, 1, key="attempts")
        seed = st.number_input("Seed", 0, value=0, key="seed", help="same seed, same tasks")
    st.subheader("Tools")
    settings |= agent_inputs.action_inputs(environments)
    st.subheader("Agent")
    framework = agent_inputs.framework_inputs(workspace, environments)
    with st.expander("Hyperparameters"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            options = framework.options | option_widgets.option_inputs(
                framework.kind.Options, f"agent-{framework.name}", without=("template",)
            )
            concurrency = st.number_input("Episodes at once", 1, 512, 16 if framework.model else 64, key="concurrency")
            budget = None
            if framework.model:
                budget = st.number_input("Budget in $", 0.01, value=None, key="budget", placeholder="none")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            limits = option_widgets.option_inputs(Limits, "limits")
    agent_inputs.check(framework, options, environments)
    model = framework.model
    return RolloutPlan(
        name, tuple(environments), sources, framework.agent, options, framework.dialect,
        model.client if model else None, model.model if model else "", model.options if model else {},
        int(episodes), int(attempts), int(seed), int(concurrency), budget,
        settings | {f"limits.{k}": v for k, v in limits.items()}, framework.hooks,
    )  # fmt: skip


def _sources(workspace: Workspace, files: list[str]) -> dict[str, str]:
    """The task file of each environment; a warning where an environment has a second one."""
    of = {d.path: d.environment for d in data_picker.all_data(workspace)}
    sources: dict[str, str] = {}
    for path in files:
        for environment in of[path].split(", "):
            if environment in sources:
                st.warning(label(f"{environment}: one task file at a time; {sources[environment]} is left out", 300))
            sources[environment] = path
    return sources


main()
