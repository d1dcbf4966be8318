"""The screen Curate: makes a training set of runs, or shows what became of every trajectory in one that was made."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plugins
from simenv.config import bundled, yaml_file
from simenv.curate.config import Curation, GoldOptions
from simenv.curate.mix import Mix
from simenv.errors import SimenvError
from simenv.options import read
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.forms.option_fields import arguments
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import curated_set_detail, job_panel, option_widgets
from simenv.plugins.viewer.views.data_picker import pick_data
from simenv.plugins.viewer.workspace import Workspace

NEW = "a new set"
MATCHES = {"task": "of the same task", "kind": "of the same kind", "environment": "of the same environment"}


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Curate")
    sets = workspace.names(workspace.curated, "funnel.json")
    address = st.query_params.get("set", "")
    names = [NEW, *sets]
    name = st.selectbox("Set", names, names.index(address) if address in names else 0, key=f"set-{address}")
    if name != NEW:
        st.query_params["set"] = name
        try:
            curated_set_detail.show(workspace, name)
        except SimenvError as e:
            st.error(label(str(e), 500))
        return
    st.query_params.pop("set", None)
    _last_job(workspace)
    if not workspace.names(workspace.runs, "config.yaml"):
        st.info("There are no runs to curate yet.")
        if st.button("Make one", type="primary"):
            navigation.go("tuning")
        return
    _new(workspace)


def _last_job(workspace: Workspace) -> None:
    """Draw the job of the curation that was started last, while it runs or where it failed; then open the set it made."""
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == "curate"), None)
    if job is None or st.session_state.get("seen-curate") == job.id:
        return
    name = job.product.rpartition("/")[2]
    if job_panel.workspace_jobs().state(job) == "done" and name in workspace.names(workspace.curated, "funnel.json"):
        if st.session_state.get("curating") == job.id:
            st.session_state["seen-curate"] = job.id
            navigation.go("curate", set=name)
        return
    job_panel.show_job(job)


def _new(workspace: Workspace) -> None:
    default = yaml_file(bundled("curate/default.yaml"))
    name = st.text_input("Name", workspace.free_name(workspace.curated, "set"), key="name", max_chars=60)
    run_names = workspace.names(workspace.runs, "config.yaml")
    address = [r for r in st.query_params.get_all("run") if r in run_names]
    runs = st.multiselect("Runs", run_names, address or run_names[:1], key="runs", placeholder="choose one or more")
    try:
        filters = _filters(default["filters"])
        honour = st.toggle(
            "Honour reviews", True, key="honour",
            help="Rejected is dropped, approved is never dropped by a filter, edits and masks hold.",
        )  # fmt: skip
        settings: dict[str, Any] = {"name": name, "filters": filters, "reviews": "honour" if honour else "ignore"}
        settings |= _gold(workspace, default["gold"]) | _mix(workspace, default["mix"])
        read(Curation, {"name": name, "filters": filters}, "")
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    run_paths = [workspace.relative(workspace.runs / run) for run in runs]
    words = ["curate", *run_paths, *arguments(settings), f"out={workspace.relative(workspace.curated)}"]
    job_panel.show_command(words)
    is_taken = (workspace.curated / name).exists()
    if is_taken:
        st.warning("There is a set of this name.")
    if st.button("Curate", type="primary", key="start", disabled=not runs or is_taken) and (
        job := job_panel.start_job("curate", words, workspace.relative(workspace.curated / name))
    ):
        st.session_state["curating"] = job.id
        st.rerun()
    if not runs:
        st.caption("Choose the runs first.")


def _filters(default: dict[str, Any]) -> dict[str, Any]:
    """Inputs for the filters; returns them in the order chosen, each with its options that differ from the defaults."""
    offers = [*default, *(n for n in plugins.names("filters") if n not in default)]
    names = st.multiselect(
        "Filters, in this order", offers, list(default), key="filters",
        help="Every trajectory passes them one after the other. Take one out and add it again to put it last.",
    )  # fmt: skip
    settings: dict[str, Any] = {}
    with st.expander("What the filters do, and their options"):
        for name in names:
            kind = plugins.load("filters", name)
            st.markdown(f"**{label(name.replace('_', ' '))}**")
            st.caption(label((kind.__doc__ or "").partition("\n\n")[0], 400))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                values = option_widgets.option_inputs(
                    kind.Options, f"filter-{name}", default.get(name), without=("tokenizer",)
                )
            settings[name] = values
            read(kind.Options, values, f"filters.{name}")
    return settings


def _gold(workspace: Workspace, default: dict[str, Any]) -> dict[str, Any]:
    with st.expander("Gold: what takes the place of what is dropped"):
        expert = st.toggle(
            "Let the expert play the tasks of what was dropped", key="expert", help=_help(GoldOptions, "expert")
        )
        sources = pick_data(workspace, ("gold", "chat"), "Gold sets", "gold")
        ways = st.multiselect(
            "In place of one that was dropped comes gold",
            list(MATCHES),
            default["replace"],
            key="ways",
            format_func=MATCHES.__getitem__,
        )
        add = st.toggle("Also take the gold that took nobody's place", key="add")
    gold = {"gold.expert": expert or None, "gold.sources": sources or None, "gold.add": add or None}
    return gold | {"gold.replace": ways if ways != default["replace"] else None}


def _mix(workspace: Workspace, default: dict[str, Any]) -> dict[str, Any]:
    with st.expander("Chat and split"):
        chat = pick_data(workspace, ("chat",), "General chat to mix in", "chat")
        ratio = st.slider(
            "Share of agent data", 0.05, 1.0, float(default["ratio"]), 0.05, key="ratio",
            help=_help(Mix, "ratio"), disabled=not chat,
        )  # fmt: skip
        by = st.segmented_control("counted in", ["samples", "tokens"], default="samples", key="by") or "samples"
        share = st.slider(
            "Held out for validation", 0.0, 0.5, float(default["validation"]), 0.01, key="validation",
            help="By task: no task is in both.",
        )  # fmt: skip
        seed = st.number_input("Seed", 0, value=0, key="seed")
    of_chat = {"mix.chat": chat, "mix.ratio": ratio, "mix.by": by} if chat else {}
    validation = share if share != default["validation"] else None
    return of_chat | {"mix.validation": validation, "mix.seed": int(seed) or None}


def _help(shape: Any, name: str) -> str:
    return label(str(shape.model_fields[name].description), 400)


main()
