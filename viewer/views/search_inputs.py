"""Inputs for the search environment: the pool that is searched, what is asked about it, and the web search."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import ConfigError
from simenv.plugins.viewer.content import pools
from simenv.plugins.viewer.forms import web_form
from simenv.plugins.viewer.forms.option_fields import option_field
from simenv.plugins.viewer.untrusted_text import visible
from simenv.plugins.viewer.views import model_inputs, option_widgets
from simenv.plugins.viewer.workspace import Workspace

MADE_UP = ""
"""The choice of pages that are made for each task."""
KINDS = {
    "one-hop": "one sentence tells it",
    "two-hop": "two sentences together tell it",
    "comparison": "two numbers are compared",
    "unanswerable": "the passages do not tell it",
}
ONE_HOP = ["one-hop"]
OWN = ("corpora", "web")
"""Options of the world that have inputs of their own here."""


def is_asked_for() -> bool:
    """Whether the address of the screen names a pool to search."""
    return "pool" in st.query_params


def search_inputs(workspace: Workspace, run: str, has_file: bool) -> dict[str, Any]:
    """Draw the inputs; settings of the command, by dotted keys. `has_file`: the questions come from a task file."""
    names = [n for n in pools.names(workspace) if "passages" in pools.counts(pools.opened(workspace, n))]
    address = st.query_params.get("pool", MADE_UP)
    choices = [MADE_UP, *names]
    pool = st.selectbox(
        "Pool that is searched", choices, choices.index(address) if address in choices else 0, key="search-pool",
        format_func=lambda n: visible(n, 100).text or "none: pages are made up for each task",
        help="make one under Data",
    )  # fmt: skip
    settings: dict[str, Any] = {}
    if pool != MADE_UP:
        passages = workspace.relative(pools.opened(workspace, pool).merged("passages"))
        settings["search.world.corpora"] = [passages]
        if not has_file:
            settings |= _questions(passages)
    if has_file:
        st.caption(
            "The questions are those of the task file. Where it tells no way to the answers, as for records of a data set, "
            "the expert cannot answer them: choose an agent with a model."
        )
        if st.toggle("Take questions whose answer nobody could prove from the pool", True, key="admit-all"):
            settings["search.admit"] = "all"
    with st.expander("How it is searched"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            options = option_widgets.option_inputs(web_form.world_options(), "search", without=OWN)
        settings |= {f"search.world.{key}": value for key, value in options.items()}
    return settings | _web(workspace, run)


def _questions(passages: str) -> dict[str, Any]:
    """What is asked about the passages of a pool. ConfigError where nothing is chosen."""
    kinds = st.multiselect(
        "Kinds of questions", list(KINDS), ONE_HOP, key="question-kinds", format_func=lambda k: f"{k}: {KINDS[k]}"
    )
    if not kinds:
        raise ConfigError("kinds of questions: choose at least one")
    st.caption("They are made of the pool's own sentences, without a model, and each has a proven way to its answer.")
    of_kinds = {"search.teacher.kinds": kinds} if kinds != ONE_HOP else {}
    return {"search.teacher.corpus": passages, **of_kinds}


def _web(workspace: Workspace, run: str) -> dict[str, Any]:
    """The web search for tasks that ask for one; {} where none is chosen."""
    with st.expander("Web search"):
        st.caption(
            "For questions that are to be answered from the web. Each answer is kept in a file of data/, from which the run "
            "can be played again without a key."
        )
        installed = web_form.installed()
        provider = st.segmented_control(
            "Provider", ["none", *installed], default="none", key="web-provider", disabled=not installed
        )
        if not installed:
            st.caption("Neither is installed: pip install 'simenv[search-web]'")
        if provider in (None, "none"):
            return {}
        model_inputs.key_state(web_form.KEYS[provider])
        fields = web_form.options()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            values = {
                name: option_widgets.option_input(
                    option_field(name, fields[name]), option_field(name, fields[name]).default, f"web-{name}"
                )
                for name in ("mode", "quota", "timeout")
            }
        cassette = workspace.relative(workspace.data / f"web-{run}.jsonl")
        changed = {name: value for name, value in values.items() if value != fields[name].default}
        given = {"provider": provider, "cassette": cassette, **changed}
        return {f"search.world.web.{name}": value for name, value in given.items()}
