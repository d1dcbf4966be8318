"""Inputs that choose data sets: of the registry, searched by words or initials, each with the file it was fetched to."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.knowledge.registry import Entry, Registry
from simenv.plugins.viewer.forms.pool_form import ChosenSet
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel

REFRESH = ["knowledge", "refresh"]


def pick_sets(files: list[str]) -> list[ChosenSet]:
    """Draw the inputs; `files` are those that can hold a set. Returns the sets that were given a file."""
    try:
        registry = Registry()
        words = st.text_input("Search data sets", placeholder="words or initials: medicine mit, pmq …", key="set-words")
        found = {e.name: e for e in registry.search(words.split())}
    except SimenvError as e:
        st.error(label(str(e), 300))
        return []
    kept = [name for name in st.session_state.get("sets", []) if name in registry.entries]
    options = {**{name: registry.entries[name] for name in kept}, **found}
    chosen = st.multiselect(
        "Data sets", list(options), key="sets", format_func=lambda name: _told(options[name]),
        placeholder=f"{len(found):,} of {len(registry.entries):,} to choose from",
    )  # fmt: skip
    _more()
    if not chosen:
        return []
    entries = [options[name] for name in chosen]
    st.dataframe([_cells(e) for e in entries], hide_index=True, height="content")
    for entry in entries:
        if entry.licence in ("", "unknown"):
            st.warning(label(f"{entry.name}: its page states no licence; nobody has allowed you to train on it.", 200))
    st.caption("simenv fetches no data sets. Fetch each from its page, upload it above, and say which file it is.")
    given = [ChosenSet(path, entry.name) for entry in entries if (path := _file(entry, files))]
    if missing := [e.name for e in entries if e.name not in {g.name for g in given}]:
        st.info(label(f"Left out, as no file is chosen for them: {', '.join(missing)}", 400))
    return given


def _file(entry: Entry, files: list[str]) -> str | None:
    name = entry.name.rpartition("/")[2].casefold()
    likely = next((n for n, path in enumerate(files) if name in path.casefold()), None)
    return st.selectbox(
        label(f"File of {entry.name}", 120), files, likely, key=f"file-of-{entry.name}",
        format_func=lambda path: visible(path, 160).text, placeholder="none yet",
    )  # fmt: skip


def _more() -> None:
    """A button that asks the Hub for more sets."""
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == "refresh"), None)
    with st.expander("More data sets", expanded=job is not None and job_panel.workspace_jobs().state(job) == "running"):
        st.caption(
            "Asks the Hub for sets of these subjects under licences that allow training. This needs the network."
        )
        job_panel.show_command(REFRESH)
        if st.button("Ask the Hub", key="refresh-sets") and job_panel.start_job("refresh", REFRESH, ""):
            st.rerun()
        if job is not None:
            job_panel.show_job(job)


def _told(entry: Entry) -> str:
    return visible(f"{entry.name} · {entry.domain} · {entry.licence}", 120).text


def _cells(entry: Entry) -> dict[str, str]:
    values = entry.model_dump(exclude={"origin", "downloads"})
    return {key: visible(str(value), 200).text for key, value in values.items()}
