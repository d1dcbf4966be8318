"""Draws the registry of data sets, to search and choose from, and the pools of the workspace with their sources."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.knowledge.pool import Pool, SourceEntry
from simenv.knowledge.registry import Entry, Registry
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel
from simenv.plugins.viewer.workspace import Workspace

POOLS = "pools"
"""The folder of the workspace with its pools."""


def show(workspace: Workspace) -> None:
    """Both, below a heading."""
    st.subheader("Knowledge")
    _registry()
    for name in workspace.names(workspace.root / POOLS, "sources.jsonl"):
        _pool(workspace, name)
    for job in job_panel.workspace_jobs().all():
        if job.title == "withdraw":
            job_panel.show_job(job)
            break


def _registry() -> None:
    try:
        registry = Registry()
        words = st.text_input("Search data sets", placeholder="words or initials: medicine mit, pmq …", key="set-words")
        entries = {e.name: e for e in registry.search(words.split())}
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    chosen = st.multiselect(
        "Data sets", list(entries), key="sets", format_func=lambda name: _told(entries[name]),
        placeholder=f"{len(entries):,} to choose from",
    )  # fmt: skip
    rows = [
        {k: visible(str(v), 200).text for k, v in entries[n].model_dump(exclude={"origin"}).items()} for n in chosen
    ]
    if rows:
        st.dataframe(rows, hide_index=True, height="content")
        st.caption("Fetch a set from its page, put it into the workspace, and add it to a pool under its name:")
        name = next(iter(chosen))
        job_panel.show_command(["knowledge", "add", f"sets=[{{path: data/FILE, name: {name}}}]", f"out={POOLS}/mine"])


def _told(entry: Entry) -> str:
    return visible(f"{entry.name} · {entry.domain} · {entry.licence}", 120).text


def _pool(workspace: Workspace, name: str) -> None:
    folder = workspace.root / POOLS / name
    try:
        sources = list(Pool(folder).sources.values())
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    items = sum(s.items for s in sources)
    with st.expander(label(f"Pool {name}: {len(sources):,} sources, {items:,} items", 200)):
        st.dataframe([_cells(s) for s in sources], hide_index=True, height="content")
        left = {s.id: s for s in sources if not s.withdrawn}
        id = st.selectbox(
            "Withdraw a source", list(left), index=None, key=f"withdraw-{name}",
            format_func=lambda id: visible(left[id].name, 120).text,
        )  # fmt: skip
        if id is None:
            return
        parents = [p for p in (workspace.runs, workspace.curated) if p.is_dir()]
        folders = f"folders=[{', '.join(workspace.relative(p) for p in parents)}]"
        words = ["knowledge", "withdraw", workspace.relative(folder), id, folders]
        st.warning("It is taken out of the pool, and whatever was made from it out of all runs and curated sets.")
        job_panel.show_command(words)
        asked = st.button("Withdraw it", key=f"do-withdraw-{name}")
        if asked and job_panel.start_job("withdraw", words, workspace.relative(folder)):
            st.rerun()


def _cells(source: SourceEntry) -> dict[str, str | int]:
    texts = {"source": source.name, "licence": source.licence or "not stated", "domain": source.domain}
    shown = {k: visible(v or "–", 200).text for k, v in texts.items()}
    return {**shown, "items": source.items, "withdrawn": source.withdrawn[:10]}
