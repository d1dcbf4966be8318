"""Draws the form that makes a pool of knowledge: uploads, documents, topics and data sets, with licence and count."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.errors import SimenvError
from simenv.knowledge.config import Additions
from simenv.plugins.viewer.content import documents, pools
from simenv.plugins.viewer.content.data_files import MAX_UPLOAD, brought_files
from simenv.plugins.viewer.content.documents import Brought
from simenv.plugins.viewer.forms import pool_form
from simenv.plugins.viewer.forms.pool_form import ChosenSet, PoolPlan
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel, option_widgets, registry_picker
from simenv.plugins.viewer.workspace import Workspace

GIVEN = ("documents", "topics", "sets", "licence", "domain", "readmit", "out", "offline", "addresses")
"""Options of `knowledge add` that have inputs of their own here, or none."""
CHOSEN = "pool-documents"
TITLE = "knowledge"
"""The kind of the job that makes a pool."""


def show(workspace: Workspace) -> None:
    """The upload, the form, and the job that makes the pool."""
    _upload(workspace)
    try:
        plan = _plan(workspace)
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    _start(workspace, plan)
    _last_job()


def _upload(workspace: Workspace) -> None:
    st.caption(
        "Data sets are JSON, JSON Lines or Parquet with questions and answers; all else are documents. Each file is read "
        f"whole and counted before it is taken in, and stays in {workspace.documents.name}/ on this machine."
    )
    uploads = st.file_uploader(
        "Documents and data sets", list(documents.TYPES), accept_multiple_files=True, key="documents-upload",
        max_upload_size=MAX_UPLOAD,
    )  # fmt: skip
    taken: dict[str, Brought | str] = st.session_state.setdefault("taken-documents", {})
    for one in uploads or ():
        if one.file_id in taken:
            continue
        with st.spinner(label(f"reading {one.name} …", 120)):
            try:
                result: Brought | str = documents.upload(workspace, one.name, one)
            except SimenvError as e:
                result = str(e)
        taken[one.file_id] = result
        if isinstance(result, Brought):
            st.session_state[CHOSEN] = [*st.session_state.get(CHOSEN, []), result.path]
    for one in uploads or ():
        _told(taken[one.file_id])


def _told(result: Brought | str) -> None:
    """What came of one upload, in words."""
    if isinstance(result, str):
        st.error(label(f"Not taken in. {result}", 500))
    elif result.rejected:
        st.warning(
            label(f"{_counted(result)}; {result.rejected:,} of its records cannot be used: {result.reason}", 500)
        )
    else:
        st.success(label(_counted(result), 300))


def _counted(found: Brought) -> str:
    kind, unit = ("data set", "record") if found.kind == "set" else ("document", "passage")
    return f"{found.path}: {kind}, {found.items:,} {unit}{'' if found.items == 1 else 's'}"


def _plan(workspace: Workspace) -> PoolPlan:
    """What goes into the pool; below the inputs a table of it. ConfigError for values that cannot be."""
    existing = pools.names(workspace)
    name = st.selectbox(
        "Pool", existing, index=0 if existing else None, key="pool-name", accept_new_options=True,
        placeholder="type a name for a new one", help="what a pool holds already stays; choose one, or type a new name",
    )  # fmt: skip
    paths = documents.files(workspace)
    st.session_state[CHOSEN] = [p for p in st.session_state.get(CHOSEN, []) if p in paths]
    chosen = st.multiselect(
        "Your documents and data sets", paths, key=CHOSEN, disabled=not paths,
        format_func=lambda path: visible(path, 160).text, placeholder="search and choose" if paths else "none here yet",
    )  # fmt: skip
    found = _checked(workspace, chosen)
    topics = pool_form.topics(
        st.text_area("Topics, one a line", key="pool-topics", placeholder="sepsis\nblood thinners")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        licence = st.text_input("Licence of these", key="pool-licence", placeholder="such as cc-by-4.0, or our own")
        domain = st.text_input("Subject", key="pool-domain", placeholder="such as medicine")
    with st.expander("Data sets of the registry"):
        of_registry = registry_picker.pick_sets(_set_files(workspace, paths))
    with st.expander("How it is read"), st.container(horizontal=True, vertical_alignment="bottom"):
        options = option_widgets.option_inputs(Additions, "add", without=GIVEN)
    named = {chosen_set.path for chosen_set in of_registry}
    own = tuple(ChosenSet(f.path) for f in found if f.kind == "set" and f.path not in named)
    texts = tuple(f.path for f in found if f.kind == "document" and f.path not in named)
    return PoolPlan((name or "").strip(), texts, topics, (*of_registry, *own), licence, domain, options)


def _set_files(workspace: Workspace, paths: list[str]) -> list[str]:
    endings = tuple(f".{ending}" for ending in documents.SET_TYPES)
    brought = [workspace.relative(path) for path in brought_files(workspace)]
    return [path for path in [*paths, *brought] if path.endswith(endings)]


def _checked(workspace: Workspace, paths: list[str]) -> list[Brought]:
    """The chosen files, each read and counted; an error in words for one that cannot be read."""
    found = []
    for path in paths:
        stat = (workspace.root / path).stat()
        result = _check(str(workspace.root / path), path, stat.st_mtime_ns, stat.st_size)
        if isinstance(result, str):
            st.error(label(f"{path} is left out: {result}", 500))
        else:
            found.append(result)
    if found:
        rows = [
            {"file": visible(f.path, 200).text, "is": "data set" if f.kind == "set" else "document",
             "passages or records": f.items, "cannot be used": f.rejected}
            for f in found
        ]  # fmt: skip
        st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 10 else 400)
    return found


@st.cache_data(max_entries=4_000, show_spinner="reading it …")
def _check(path: str, relative_path: str, modified_ns: int, size: int) -> Brought | str:
    try:
        return documents.check(Path(path), relative_path)
    except SimenvError as e:
        return str(e).replace(path, relative_path)


def _start(workspace: Workspace, plan: PoolPlan) -> None:
    is_empty = not (plan.documents or plan.topics or plan.sets)
    if is_empty or not plan.name:
        st.caption("Upload or choose what it is to hold." if is_empty else "Give the pool a name.")
        return
    if missing := pool_form.unlicensed(plan):
        names = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
        st.warning(label(f"No licence is stated for {names}. They are read, and every set made of them says so.", 500))
    try:
        words = plan.command(workspace.relative(workspace.pools))
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    job_panel.show_command(words)
    title = "Add to the pool" if plan.name in pools.names(workspace) else "Make the pool"
    product = workspace.relative(workspace.pools / plan.name)
    if st.button(title, type="primary", key="make-pool", icon=":material/play_arrow:") and job_panel.start_job(
        TITLE, words, product
    ):
        st.query_params["pool"] = plan.name
        st.rerun()


def _last_job() -> None:
    """The job that was started last: its progress, or how it ended."""
    job = next((j for j in job_panel.workspace_jobs().all() if j.title == TITLE), None)
    if job is not None:
        st.caption(label(f"The last one: {job.product}", 200))
        job_panel.show_job(job)
