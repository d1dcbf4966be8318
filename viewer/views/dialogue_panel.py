"""Draws the form that makes dialogues of roles about a pool of knowledge."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import ConfigError, SimenvError
from simenv.instruct import roles
from simenv.instruct.config import Dialogues
from simenv.instruct.roles import RoleSet
from simenv.options import read
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import pools
from simenv.plugins.viewer.forms import dialogue_form
from simenv.plugins.viewer.forms.dialogue_form import DialoguePlan
from simenv.plugins.viewer.forms.option_fields import option_field
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel, option_widgets, run_watch
from simenv.plugins.viewer.views.model_inputs import model_inputs
from simenv.plugins.viewer.workspace import Workspace

TITLE = "instruct"
"""The kind of the job that makes dialogues."""
KINDS = {"human_ai": "a user asks, an expert answers", "room": "several experts discuss"}
SPEAKERS = {"scripted": "the scripted speaker, who quotes the passages (offline)", "model": "a model"}
MAIN = ("dialogues", "rounds", "passages", "seed")
OF_ROOM = ("people", "memory", "keep")


def show(workspace: Workspace) -> None:
    """The form; a warning where there is no pool to speak about."""
    names = pools.names(workspace)
    if not names:
        st.info("Dialogues are about what a pool holds. Make a pool first, under Knowledge.")
        return
    run_watch.offer(TITLE, "data")
    address = st.query_params.get("dialogues", "")
    pool = st.selectbox(
        "Pool", names, names.index(address) if address in names else 0, key="dialogue-pool",
        format_func=lambda n: visible(n, 100).text,
    )  # fmt: skip
    try:
        plan = _plan(workspace, pool)
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    words = plan.command(workspace.relative(workspace.runs))
    job_panel.show_command(words)
    is_taken = (workspace.runs / plan.name).exists()
    if is_taken:
        st.warning("There is a run of this name.")
    product = workspace.relative(workspace.runs / plan.name)
    start = st.button(
        "Make the dialogues", type="primary", key="make-dialogues", disabled=is_taken, icon=":material/play_arrow:"
    )
    if start and (job := job_panel.start_job(TITLE, words, product)):
        navigation.go("data", job=job.id)


def _plan(workspace: Workspace, pool: str) -> DialoguePlan:
    """ConfigError for settings that do not fit together, and for roles that cannot be read."""
    free = workspace.free_name(workspace.runs, pools.short_name(pool, "dialogues"))
    name = st.text_input("Name of the run", free, key="dialogue-name", max_chars=60)
    kind = st.segmented_control(
        "Who takes part", list(KINDS), default="human_ai", key="dialogue-kind", format_func=KINDS.__getitem__
    )
    chosen, found = _roles(workspace)
    experts = st.multiselect(
        "Experts", [r.name for r in found.experts], key=f"experts-{chosen}", placeholder="all of them",
        format_func=lambda n: visible(n, 100).text,
    )  # fmt: skip
    with st.expander("Who they are"):
        rows = [
            {"role": visible(r.name, 100).text, "speaks as": part, "is told": visible(r.prompt, 1_000).text}
            for part, of in (("expert", found.experts), ("user", found.users))
            for r in of
        ]
        st.dataframe(rows, hide_index=True, height=300)
    options = _options(kind or "human_ai")
    speaker = st.segmented_control(
        "Who speaks", list(SPEAKERS), default="scripted", key="speaker", format_func=SPEAKERS.__getitem__
    )
    model: dict[str, Any] = {}
    if speaker == "model":
        model = model_inputs(workspace, "dialogue-").settings()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            model |= _fields(("concurrency", "budget"))
    read(Dialogues, {"name": name, **options}, "")
    return DialoguePlan(name, workspace.relative(workspace.pools / pool), chosen, tuple(experts), options, model)


def _options(kind: str) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if kind == "room":
            return {"kind": "room"} | _fields((*MAIN, *OF_ROOM))
        return _fields((*MAIN, "loss"))


def _fields(names: tuple[str, ...]) -> dict[str, Any]:
    """Inputs for some options of the command; the values that differ from the defaults."""
    fields = [option_field(name, Dialogues.model_fields[name]) for name in names]
    values = {f.name: option_widgets.option_input(f, f.default, f"dialogue-{f.name}") for f in fields}
    return {f.name: values[f.name] for f in fields if values[f.name] != f.default}


def _roles(workspace: Workspace) -> tuple[str, RoleSet]:
    """The chosen set of roles, by its name or the path of an upload, and what it holds."""
    own = "roles of your own"
    chosen = st.selectbox("Roles", [*roles.names(), own], roles.names().index("medicine"), key="roles")
    if chosen != own:
        return chosen, roles.role_set(chosen)
    upload = st.file_uploader(
        "A YAML file with experts and users", ["yaml", "yml"], key="roles-file", max_upload_size=1
    )
    st.code("experts:\n  - name: Vet\n    prompt: You treat animals.\nusers:\n  - name: Owner\n    prompt: You have a dog.",
            language="yaml")  # fmt: skip
    if upload is None:
        raise ConfigError("upload a file of roles first, of this form, or choose a bundled set")
    return dialogue_form.save_roles(workspace, upload.getvalue())
