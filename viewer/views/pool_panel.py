"""Draws a pool of knowledge: its sources, what it holds to look through, what could not be read, and what to make of it."""

from __future__ import annotations

import streamlit as st

from simenv.english import counted
from simenv.errors import SimenvError
from simenv.knowledge.pool import Kind, Pool, SourceEntry
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import pools
from simenv.plugins.viewer.content.pools import PAGE, Found
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel, questions_panel
from simenv.plugins.viewer.views.chat import text_block
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.plugins.viewer.workspace import Workspace


def show(workspace: Workspace) -> None:
    """The pools of the workspace, one of them open."""
    names = pools.names(workspace)
    if not names:
        st.info("No pool yet. Upload documents or choose data sets above, give the pool a name, and make it.")
        return
    address = st.query_params.get("pool", "")
    name = st.selectbox(
        "Look at", names, names.index(address) if address in names else 0, key=f"look-at-{address}-{names[0]}",
        format_func=lambda n: visible(n, 100).text,
    )  # fmt: skip
    try:
        _pool(workspace, name, pools.opened(workspace, name))
    except SimenvError as e:
        st.error(label(str(e), 300))


def _pool(workspace: Workspace, name: str, pool: Pool) -> None:
    counts = pools.counts(pool)
    sources = list(pool.sources.values())
    licences = sorted({s.licence or "not stated" for s in sources if not s.withdrawn})
    told = [counted(len(sources), "source"), *(counted(count, kind[:-1]) for kind, count in counts.items())]
    st.caption(label(f"{' · '.join(told)} · licences: {', '.join(licences) or 'none'}", 400))
    with st.container(horizontal=True):
        if st.button("Let an agent search it", type="primary", key="to-search", disabled="passages" not in counts):
            navigation.go("tuning", pool=name)
        if st.button("Make dialogues about it", key="to-dialogues", disabled="passages" not in counts):
            navigation.go("data", dialogues=name)
    _faults(pool)
    with st.expander("Sources"):
        st.dataframe([_cells(s) for s in sources], hide_index=True, height="content" if len(sources) < 12 else 400)
        _withdraw(workspace, name, sources)
    if counts:
        _look(pool, counts)
    if "records" in counts:
        questions_panel.show(workspace, name, counts["records"])


def _faults(pool: Pool) -> None:
    if found := pools.faults(pool):
        with st.expander(f"Could not be read ({len(found):,})"):
            rows = [{"place": visible(f.place, 300).text, "why": visible(f.reason, 500).text} for f in found]
            st.dataframe(rows, hide_index=True, height="content" if len(rows) < 12 else 400)


def _look(pool: Pool, counts: dict[Kind, int]) -> None:
    """A search through the items of a kind, page by page; the one that is selected is shown whole."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = next(iter(counts))
        kind = first
        if len(counts) > 1:
            kind = st.segmented_control("Kind", list(counts), default=first, key="look-kind") or first
        words = st.text_input("Words", key="look-words", placeholder="words that it must hold")
    key = f"look-page-{kind}-{words}"
    page = int(st.session_state.get(key, 1))
    found = _find(pool, kind, words, page)
    if not found.total:
        st.caption("Nothing holds all of these words.")
        return
    rows = [
        {"title": visible(i.title, 120).text, "begins": visible(" ".join(i.text.split()), 160).text,
         "comes from": visible(i.origin, 200).text}
        for i in found.items
    ]  # fmt: skip
    at = selectable_table(rows, f"look-{kind}-{page}", height="content")
    pages = -(-found.total // PAGE)
    if pages > 1:
        st.pagination(pages, key=key)
    if at is None:
        st.caption(f"{found.total:,} in all. Select a row to read it.")
        return
    st.caption(label(f"{found.items[at].title} · {found.items[at].origin}", 300))
    text_block(found.items[at].text, f"look-{kind}-{page}-{at}")


def _find(pool: Pool, kind: Kind, words: str, page: int) -> Found:
    stat = pool.merged(kind).stat()
    return _found(str(pool.folder), kind, words, page, stat.st_mtime_ns, stat.st_size, pool)


@st.cache_data(max_entries=200, show_spinner=False)
def _found(folder: str, kind: Kind, words: str, page: int, modified_ns: int, size: int, _pool: Pool) -> Found:
    return pools.find(_pool, kind, words, page)


def _withdraw(workspace: Workspace, name: str, sources: list[SourceEntry]) -> None:
    left = {s.id: s for s in sources if not s.withdrawn}
    id = st.selectbox(
        "Withdraw a source", list(left), index=None, key=f"withdraw-{name}",
        format_func=lambda id: visible(left[id].name, 120).text,
    )  # fmt: skip
    folder = workspace.relative(workspace.pools / name)
    if id is not None:
        parents = [p for p in (workspace.runs, workspace.curated) if p.is_dir()]
        folders = f"folders=[{', '.join(workspace.relative(p) for p in parents)}]"
        words = ["knowledge", "withdraw", folder, id, folders]
        st.warning("It is taken out of the pool, and whatever was made from it out of all runs and curated sets.")
        job_panel.show_command(words)
        if st.button("Withdraw it", key=f"do-withdraw-{name}") and job_panel.start_job("withdraw", words, folder):
            st.rerun()
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == "withdraw" and j.product == folder), None)
    if job is not None:
        job_panel.show_job(job)


def _cells(source: SourceEntry) -> dict[str, str | int]:
    texts = {"source": source.name, "kind": source.kind, "licence": source.licence or "not stated"}
    shown = {k: visible(v or "–", 200).text for k, v in (texts | {"domain": source.domain}).items()}
    return {**shown, "items": source.items, "withdrawn": source.withdrawn[:10]}
