"""The screen Agent tuning: starts a rollout of an agent, whose successes can be trained on, and shows it while it runs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plugins
from simenv.errors import SimenvError
from simenv.options import read
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import base_models
from simenv.plugins.viewer.forms import rollout_form
from simenv.plugins.viewer.forms.rollout_form import KEYS, RolloutPlan
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat, data_picker, job_panel, option_widgets
from simenv.plugins.viewer.workspace import Workspace
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery

CLIENTS = {
    "openai": "OpenAI, or a server that speaks its protocol",
    "anthropic": "Anthropic",
    "transformers": "a model folder, run here",
}


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Agent tuning")
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == "rollout"), None)
    if job is not None and st.query_params.get("job") == job.id:
        _watch(workspace, job.product.rpartition("/")[2], job)
        return
    if job is not None and job_panel.workspace_jobs().state(job) == "running":
        st.info(label(f"A rollout is running: {job.product}", 200))
        if st.button("Watch it", key="watch"):
            navigation.go("tuning", job=job.id)
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
    environments = st.multiselect("Environments", plugins.names("environments"), ["household"], key="environments")
    files = data_picker.pick_data(workspace, ("tasks",), "Task files", "tasks")
    st.caption("Without a file, tasks are made on the spot.")
    sources = _sources(workspace, files)
    environments = [*dict.fromkeys([*environments, *sources])]
    with st.container(horizontal=True):
        episodes = st.number_input("Tasks an environment", 1, 100_000, 20, key="episodes")
        attempts = st.number_input("Attempts a task", 1, 64, 1, key="attempts")
        seed = st.number_input("Seed", 0, value=0, key="seed", help="same seed, same tasks")
    st.subheader("Agent")
    kinds = rollout_form.agents()
    with st.container(horizontal=True):
        agent = st.selectbox("Reasoning framework", list(kinds), key="agent")
        dialect = st.selectbox("Dialect", _dialects(environments), key="dialect", help="how actions are written")
    kind = kinds[agent]
    st.caption(label(" ".join((kind.__doc__ or "").split()), 300))
    client, model, of_model = _model(workspace) if kind.needs_model else (None, "", {})
    with st.expander("Hyperparameters"), st.container(horizontal=True, vertical_alignment="bottom"):
        options = option_widgets.option_inputs(kind.Options, f"agent-{agent}")
        concurrency = st.number_input("Episodes at once", 1, 512, 16 if kind.needs_model else 64, key="concurrency")
        budget = st.number_input("Budget in $", 0.01, value=None, key="budget", placeholder="none") if client else None
    if "template" in kind.Options.model_fields:
        options |= _template(workspace)
    read(kind.Options, options, "agent")
    return RolloutPlan(
        name, tuple(environments), sources, agent, options, dialect, client, model, of_model,
        int(episodes), int(attempts), int(seed), int(concurrency), budget,
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


def _dialects(environments: list[str]) -> list[str]:
    """The dialects that every one of the environments understands, those of the framework first."""
    names = [{d.name for d in plugins.environment(e).dialects} for e in environments]
    return ["react", "tools", *sorted(set.intersection(*names) if names else set())]


def _model(workspace: Workspace) -> tuple[str, str, dict[str, Any]]:
    clients = list(CLIENTS)
    client = st.selectbox("Model client", clients, key="client", format_func=CLIENTS.__getitem__)
    options: dict[str, Any] = {}
    if client == "transformers":
        folders = [workspace.relative(workspace.models / n) for n in workspace.names(workspace.models, "README.md")]
        folders += [
            f
            for n in base_models.base_model_names(workspace.models)
            if (f := workspace.relative(workspace.models / n)) not in folders
        ]
        model = st.selectbox(
            "Model", folders, key="model-folder", index=0 if folders else None, placeholder="none in models/ yet"
        )
        options["context"] = st.number_input(
            "Context in tokens", 64, value=None, key="context", placeholder="as the model says"
        )
        return client, str(model or ""), options
    model = st.text_input("Model", key="model", placeholder="the name the service knows it by")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        url = st.text_input("Address", key="url", placeholder="the service's own; or http://localhost:8000/v1")
        key = rollout_form.variable_name(st.text_input("Variable with the key", KEYS[client], key="variable"))
    if rollout_form.is_set(key):
        st.caption(f":green[✓] `{key}` is set where the viewer runs. Its value is neither shown nor written.")
    else:
        st.caption(f":orange[!] `{key}` is not set where the viewer runs. Set it there and start the viewer again.")
    options |= {"base_url": url.strip() or None, "api_key_env": key if key != KEYS[client] else None}
    return client, model, options


def _template(workspace: Workspace) -> dict[str, Any]:
    """An upload of instructions for the opening of every chat; returns the option of the agent that names the file in data/."""
    with st.expander("Prompt template"):
        upload = st.file_uploader("A Jinja template", ["j2", "txt", "md"], key="template", max_upload_size=1)
        if upload is None:
            st.caption("Instructions of your own for the opening of the chat. They may use `actions`.")
            return {}
        source = rollout_form.read_template(upload.getvalue())
        st.code(visible(source).text, language="jinja2", wrap_lines=True)
        return {"template": rollout_form.save_template(workspace, source)}


def _watch(workspace: Workspace, name: str, job: Any) -> None:
    """Draw a rollout while it runs and after, with an example of its episodes."""
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
            navigation.go("tuning")
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


main()
