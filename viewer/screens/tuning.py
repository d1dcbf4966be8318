"""Agent tuning: let an agent do tasks, and watch it. What it does well can be trained on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plugins
from simenv.errors import SimenvError
from simenv.options import read
from simenv.plugins.viewer import base_models, navigation, rollout_form
from simenv.plugins.viewer.rollout_form import KEYS, Plan
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.views import chat_view, data_picker, job_panel, option_widgets
from simenv.plugins.viewer.workspace import Workspace
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery

CLIENTS = {
    "openai": "OpenAI, or a server that speaks its protocol",
    "anthropic": "Anthropic",
    "transformers": "a model folder, run here",
}


def main() -> None:
    place = navigation.place()
    st.title("Agent tuning")
    job = next((j for j in job_panel.jobs().all() if j.title == "rollout"), None)
    if job is not None and st.query_params.get("job") == job.id:
        _watch(place, job.product.rpartition("/")[2], job)
        return
    if job is not None and job_panel.jobs().state(job) == "running":
        st.info(label(f"A rollout is running: {job.product}", 200))
        if st.button("Watch it", key="watch"):
            navigation.go("tuning", job=job.id)
    st.caption(
        "An agent does tasks in an environment. Every step is graded and kept; the good ones are what to train on."
    )
    _form(place)


def _form(place: Workspace) -> None:
    try:
        plan = _plan(place)
        typed = plan.words(place.inner(place.runs))
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    job_panel.command(typed)
    taken = (place.runs / plan.name).exists()
    if taken:
        st.warning("There is a run of this name.")
    if st.button("Start", type="primary", key="start", disabled=taken, icon=":material/play_arrow:") and (
        job := job_panel.start("rollout", typed, place.inner(place.runs / plan.name))
    ):
        navigation.go("tuning", job=job.id)


def _plan(place: Workspace) -> Plan:
    name = st.text_input("Name of the run", place.free(place.runs, "run"), key="name", max_chars=60)
    st.subheader("Tasks")
    environments = st.multiselect("Environments", plugins.names("environments"), ["household"], key="environments")
    files = data_picker.choices(place, ("tasks",), "Task files", "tasks")
    st.caption("Without a file, tasks are made on the spot.")
    sources = _sources(place, files)
    environments = [*dict.fromkeys([*environments, *sources])]
    with st.container(horizontal=True):
        episodes = st.number_input("Tasks an environment", 1, 100_000, 20, key="episodes")
        attempts = st.number_input("Attempts a task", 1, 64, 1, key="attempts")
        seed = st.number_input("Seed", 0, value=0, key="seed", help="same seed, same tasks")
    st.subheader("Agent")
    known = rollout_form.agents()
    with st.container(horizontal=True):
        agent = st.selectbox("Reasoning framework", list(known), key="agent")
        dialect = st.selectbox("Dialect", _dialects(environments), key="dialect", help="how actions are written")
    kind = known[agent]
    st.caption(label(" ".join((kind.__doc__ or "").split()), 300))
    client, model, of_model = _model(place) if kind.needs_model else (None, "", {})
    with st.expander("Hyperparameters"), st.container(horizontal=True, vertical_alignment="bottom"):
        options = option_widgets.options(kind.Options, f"agent-{agent}")
        concurrency = st.number_input("Episodes at once", 1, 512, 16 if kind.needs_model else 64, key="concurrency")
        budget = st.number_input("Budget in $", 0.01, value=None, key="budget", placeholder="none") if client else None
    if "template" in kind.Options.model_fields:
        options |= _template(place)
    read(kind.Options, options, "agent")
    return Plan(
        name, tuple(environments), sources, agent, options, dialect, client, model, of_model,
        int(episodes), int(attempts), int(seed), int(concurrency), budget,
    )  # fmt: skip


def _sources(place: Workspace, files: list[str]) -> dict[str, str]:
    """Task files by environment, one each."""
    of = {d.path: d.environment for d in data_picker.found(place)}
    found: dict[str, str] = {}
    for path in files:
        for environment in of[path].split(", "):
            if environment in found:
                st.warning(label(f"{environment}: one task file at a time; {found[environment]} is left out", 300))
            found[environment] = path
    return found


def _dialects(environments: list[str]) -> list[str]:
    """What all of the environments speak, those they share first."""
    own = [{d.name for d in plugins.environment(e).dialects} for e in environments]
    return ["react", "tools", *sorted(set.intersection(*own) if own else set())]


def _model(place: Workspace) -> tuple[str, str, dict[str, Any]]:
    client = st.selectbox("Model client", list(CLIENTS), key="client", format_func=CLIENTS.get)
    options: dict[str, Any] = {}
    if client == "transformers":
        folders = [place.inner(place.models / n) for n in place.names(place.models, "README.md")]
        folders += [f for n in base_models.bases(place.models) if (f := place.inner(place.models / n)) not in folders]
        model = st.selectbox(
            "Model", folders, key="model-folder", index=0 if folders else None, placeholder="none in models/ yet"
        )
        options["context"] = st.number_input(
            "Context in tokens", 64, value=None, key="context", placeholder="as the model says"
        )
        return str(client), str(model or ""), options
    model = st.text_input("Model", key="model", placeholder="the name the service knows it by")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        url = st.text_input("Address", key="url", placeholder="the service's own; or http://localhost:8000/v1")
        key = rollout_form.variable(st.text_input("Variable with the key", KEYS[client], key="variable"))
    if rollout_form.is_set(key):
        st.caption(f":green[✓] `{key}` is set where the viewer runs. Its value is neither shown nor written.")
    else:
        st.caption(f":orange[!] `{key}` is not set where the viewer runs. Set it there and start the viewer again.")
    options |= {"base_url": url.strip() or None, "api_key_env": key if key != KEYS[client] else None}
    return str(client), model, options


def _template(place: Workspace) -> dict[str, Any]:
    """A way of working of one's own, put into the opening of every chat; it is kept in data/."""
    with st.expander("Prompt template"):
        given = st.file_uploader("A Jinja template", ["j2", "txt", "md"], key="template", max_upload_size=1)
        if given is None:
            st.caption("Instructions of your own for the opening of the chat. They may use `actions`.")
            return {}
        source = rollout_form.template(given.getvalue())
        st.code(shown(source).text, language="jinja2", wrap_lines=True)
        return {"template": rollout_form.keep(place, source)}


def _watch(place: Workspace, name: str, job: Any) -> None:
    """A rollout while it runs and after, with a worked example."""
    st.subheader(label(name))
    if job_panel.jobs().state(job) == "running":
        job_panel.panel(job, lambda: _example(place, name))
        return
    job_panel.panel(job)
    with st.container(horizontal=True):
        if name in place.names(place.runs, "report.json"):
            if st.button("Curate it", type="primary", key="curate"):
                navigation.go("curate", run=name)
            if st.button("Read its trajectories", key="read"):
                navigation.go("trajectories", run=name)
        if st.button("Another run", key="another"):
            navigation.go("tuning")
    _example(place, name)


def _example(place: Workspace, name: str) -> None:
    """The first episode that succeeded, or else the first there is."""
    if name not in place.names(place.runs, "config.yaml"):
        return
    index = Index(place.run(name))
    index.refresh()
    row = next((r for where in (EpisodeQuery(success=True), EpisodeQuery()) for r in index.page(where, 0, 1)), None)
    if row is None:
        return
    with st.expander(f"A worked example: {label(row.id)}", expanded=True):
        chat_view.chat(index.read(row), key="example")


main()
