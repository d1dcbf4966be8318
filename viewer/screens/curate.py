"""Curate: runs in, a training set out; and what became of every trajectory on the way."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plugins
from simenv.config import bundled, yaml_file
from simenv.curate.config import Curation, GoldOptions
from simenv.curate.mix import Mix
from simenv.errors import SimenvError
from simenv.filter import Filter
from simenv.options import read
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.option_form import words
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import curated_set, job_panel, option_widgets
from simenv.plugins.viewer.views.data_picker import choices
from simenv.plugins.viewer.workspace import Workspace

NEW = "a new set"
MATCHES = {"task": "of the same task", "kind": "of the same kind", "environment": "of the same environment"}


def main() -> None:
    place = navigation.place()
    st.title("Curate")
    sets = place.names(place.curated, "funnel.json")
    wanted = st.query_params.get("set", "")
    names = [NEW, *sets]
    name = st.selectbox("Set", names, names.index(wanted) if wanted in names else 0, key=f"set-{wanted}")
    if name != NEW:
        st.query_params["set"] = name
        try:
            curated_set.show(place, name)
        except SimenvError as e:
            st.error(label(str(e), 500))
        return
    st.query_params.pop("set", None)
    _work(place)
    if not place.names(place.runs, "config.yaml"):
        st.info("There are no runs to curate yet.")
        if st.button("Make one", type="primary"):
            navigation.go("tuning")
        return
    _new(place)


def _work(place: Workspace) -> None:
    """The curation that was started last, while it runs or where it failed."""
    job = next((j for j in job_panel.jobs().all() if j.title == "curate"), None)
    if job is None or st.session_state.get("seen-curate") == job.id:
        return
    name = job.product.rpartition("/")[2]
    if job_panel.jobs().state(job) == "done" and name in place.names(place.curated, "funnel.json"):
        if st.session_state.get("curating") == job.id:
            st.session_state["seen-curate"] = job.id
            navigation.go("curate", set=name)
        return
    job_panel.panel(job)


def _new(place: Workspace) -> None:
    default = yaml_file(bundled("curate/default.yaml"))
    name = st.text_input("Name", place.free(place.curated, "set"), key="name", max_chars=60)
    there = place.names(place.runs, "config.yaml")
    asked = [r for r in st.query_params.get_all("run") if r in there]
    runs = st.multiselect("Runs", there, asked or there[:1], key="runs", placeholder="choose one or more")
    try:
        filters = _filters(default["filters"])
        honour = st.toggle(
            "Honour reviews", True, key="honour",
            help="Rejected is dropped, approved is never dropped by a filter, edits and masks hold.",
        )  # fmt: skip
        settings: dict[str, Any] = {"name": name, "filters": filters, "reviews": "honour" if honour else "ignore"}
        settings |= _gold(place, default["gold"]) | _mix(place, default["mix"])
        read(Curation, {"name": name, "filters": filters}, "")
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    inner = [place.inner(place.runs / run) for run in runs]
    typed = ["curate", *inner, *words(settings), "--out", place.inner(place.curated / name)]
    job_panel.command(typed)
    taken = (place.curated / name).exists()
    if taken:
        st.warning("There is a set of this name.")
    if st.button("Curate", type="primary", key="start", disabled=not runs or taken) and (
        job := job_panel.start("curate", typed, place.inner(place.curated / name))
    ):
        st.session_state["curating"] = job.id
        st.rerun()
    if not runs:
        st.caption("Choose the runs first.")


def _filters(default: dict[str, Any]) -> dict[str, Any]:
    """The filters in the order they were chosen in, each with what was changed of it."""
    every = [*default, *(n for n in plugins.names("filters") if n not in default)]
    chosen = st.multiselect(
        "Filters, in this order", every, list(default), key="filters",
        help="Every trajectory passes them one after the other. Take one out and add it again to put it last.",
    )  # fmt: skip
    made: dict[str, Any] = {}
    with st.expander("What the filters do, and their options"):
        for name in chosen:
            kind = plugins.load("filters", name, Filter)  # type: ignore[type-abstract]
            st.markdown(f"**{label(name.replace('_', ' '))}**")
            st.caption(label((kind.__doc__ or "").partition("\n\n")[0], 400))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                given = option_widgets.options(kind.Options, f"filter-{name}", default.get(name), leave=("tokenizer",))
            made[name] = given
            read(kind.Options, given, f"filters.{name}")
    return made


def _gold(place: Workspace, default: dict[str, Any]) -> dict[str, Any]:
    with st.expander("Gold: what takes the place of what is dropped"):
        expert = st.toggle(
            "Let the expert play the tasks of what was dropped", key="expert", help=_help(GoldOptions, "expert")
        )
        sources = choices(place, ("gold", "chat"), "Gold sets", "gold")
        ways = st.multiselect(
            "In place of one that was dropped comes gold",
            list(MATCHES),
            default["replace"],
            key="ways",
            format_func=MATCHES.get,
        )
        add = st.toggle("Also take the gold that took nobody's place", key="add")
    changed = {"gold.expert": expert or None, "gold.sources": sources or None, "gold.add": add or None}
    return changed | {"gold.replace": ways if ways != default["replace"] else None}


def _mix(place: Workspace, default: dict[str, Any]) -> dict[str, Any]:
    with st.expander("Chat and split"):
        chat = choices(place, ("chat",), "General chat to mix in", "chat")
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
    changed = share if share != default["validation"] else None
    return of_chat | {"mix.validation": changed, "mix.seed": int(seed) or None}


def _help(shape: Any, name: str) -> str:
    return label(str(shape.model_fields[name].description), 400)


main()
